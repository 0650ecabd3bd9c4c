import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ada, challenged, evaluationWith } from '../../../../test/support/evaluations.ts'
import { type Browser, headerOf, locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock, type LoginStage, openLoginStage } from '../../../../test/support/login-stage.ts'

const LAPSED = 'x'.repeat(43)
const clock = createTestClock()
let provider: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  stage = await openLoginStage({ providers: { corp: provider.entry() }, clock })
})
beforeEach(() => {
  stage.records.length = 0
})
afterAll(async () => {
  await stage.close()
  await provider.close()
})

const evaluation = () =>
  evaluationWith({
    decision: challenged({ login: { maxAge: null } }, 'login.required'),
    image: stage.image,
    service: stage.image.services['payments'] ?? null,
  })

/** A browser whose session lapsed while the form was filled in. */
const lapsed = (): Browser => {
  const browser = stage.browser()
  browser.cookies.set('__Host-balustrade', LAPSED)
  return browser
}

const keep = async (browser: Browser, body: string) => {
  const request = browser.request('/charges?x=1', { method: 'POST' })
  const form = await stage.login.start.keepForm(evaluation(), request, Buffer.from(body, 'latin1'))
  const way = stage.login.start.wayOf(evaluation(), request, form)
  return { form, link: way.way === 'redirect' ? way.location : '' }
}

const inputsOf = (page: string): readonly (readonly [string, string])[] =>
  [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [name, value])

const comeBack = async (browser: Browser, link: string, subject?: string) =>
  browser.go(provider.logIn(locationOf(await browser.go(link)), subject))

describe('must pass', () => {
  test('the same fields, in order, to the same place, sent by nobody but the person', async () => {
    const browser = lapsed()
    const { link } = await keep(browser, 'amount=7&to=Ada+%26+Bob&note=%22%3Cscript%3E&amount=8&empty=')
    const page = await browser.go(locationOf(await comeBack(browser, link)))
    expect(page.status).toBe(200)
    expect(inputsOf(page.body)).toEqual([
      ['amount', '7'],
      ['to', 'Ada &amp; Bob'],
      ['note', '&quot;&lt;script&gt;'],
      ['amount', '8'],
      ['empty', ''],
    ])
    expect(page.body).toContain('<form method="post" action="/charges?x=1">')
    expect(page.body).not.toContain('<script')
    expect(headerOf(page, 'content-security-policy')[0]).toMatch(/default-src 'none'.*form-action 'self'/)
  })
})

describe('a form is shown once, to the browser that sent it', () => {
  test('once', async () => {
    const browser = lapsed()
    const { link } = await keep(browser, 'a=1')
    const resume = locationOf(await comeBack(browser, link))
    await browser.go(resume)
    expect((await browser.go(resume)).status).toBe(410)
  })

  test('not to another browser, at any step', async () => {
    const [attacker, victim] = [lapsed(), stage.browser()]
    const { link } = await keep(attacker, 'to=mallory')
    expect((await victim.go(link)).status).toBe(400)
    expect(stage.failures()).toEqual(['login.browser'])
    const resume = locationOf(await comeBack(attacker, link))
    await victim.go(stage.startAt(victim, '/'))
    expect((await victim.go(resume)).status).toBe(410)
    expect((await attacker.go(resume)).status).toBe(200)
  })

  test('not after ten minutes', async () => {
    const browser = lapsed()
    const { link } = await keep(browser, 'a=1')
    const resume = locationOf(await comeBack(browser, link))
    clock.advance(600_001)
    expect((await browser.go(resume)).status).toBe(410)
  })

  test('not to another person than was logged in', async () => {
    const browser = lapsed()
    const who = { provider: 'corp', subject: 'ada' }
    const request = browser.request('/charges', { method: 'POST' })
    const form = await stage.login.start.keepForm(evaluation(), request, Buffer.from('a=1'))
    const way = stage.login.start.wayOf({ ...evaluation(), identity: { ...ada, kind: 'session', ...who } }, request, form)
    const back = await comeBack(browser, way.way === 'redirect' ? way.location : '', 'bob')
    expect(back.status).toBe(410)
    expect(browser.cookies.get('__Host-balustrade')).not.toBe(LAPSED)
  })
})

describe('not kept', () => {
  test.each([
    { note: 'too long', body: `a=${'x'.repeat(65_535)}` },
    { note: 'not UTF-8', body: 'a=%ff' },
    { note: 'not UTF-8 among others', body: 'b=1&a=%ff&c=2' },
    { note: 'bytes no form has', body: 'a=\xe4' },
    { note: 'too many fields', body: Array.from({ length: 1_001 }, () => 'a=1').join('&') },
  ])('$note', async ({ body }) => expect((await keep(lapsed(), body)).form).toBeNull())

  test('but one that is as long as may be is', async () => {
    expect((await keep(lapsed(), `a=${'x'.repeat(65_534)}`)).form).not.toBeNull()
    expect((await keep(lapsed(), Array.from({ length: 1_000 }, () => 'a=1').join('&'))).form).not.toBeNull()
  })

  test('of a browser that could not be told from another', async () => {
    expect((await keep(stage.browser(), 'a=1')).form).toBeNull()
  })
})
