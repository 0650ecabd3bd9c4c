import type { Identity, LoginWay, Remedy } from '@balustrade/core/kit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ada, challenged, evaluationWith } from '../../../../test/support/evaluations.ts'
import { type Browser, locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { type Challenged, createTestClock, type LoginStage, openLoginStage } from '../../../../test/support/login-stage.ts'

const clock = createTestClock()
let provider: ScriptedProvider
let partner: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  partner = await startLoginProvider(clock.now)
  stage = await openLoginStage({
    providers: { corp: provider.entry(), partner: partner.entry({ mfa: { acr: {}, amr: {}, provedAt: null } }) },
    clock,
  })
})
beforeEach(() => {
  stage.records.length = 0
})
afterAll(async () => {
  await stage.close()
  await provider.close()
  await partner.close()
})

const LOGIN: Remedy = { login: { maxAge: null } }
const STEP_UP: Remedy = { stepUp: { level: 'phishing-resistant', maxAge: null } }

const wayOf = ({ remedy = LOGIN, ...more }: Challenged, target = '/orders'): LoginWay => {
  const { image } = stage
  const service = image.services['payments'] ?? null
  const evaluation = evaluationWith({ decision: challenged(remedy, 'login.required'), image, service, ...more })
  return stage.login.start.wayOf(evaluation, stage.browser().request(target), null)
}

/** A person with a session, as the engine would say. */
const identity = (over: Partial<Identity> = {}): Identity => ({ ...ada, kind: 'session', ...over })

describe('who is sent to log in', () => {
  test.each([
    { note: 'nobody in particular', asked: {} },
    { note: 'somebody whose proof is not enough', asked: { remedy: STEP_UP, identity: identity() } },
    { note: 'somebody whose session is over', asked: { rejected: { code: 'session.expired', http: 401 } } },
  ] as const)('$note', ({ asked }) => expect(wayOf(asked)).toMatchObject({ way: 'redirect' }))

  test.each([
    { note: 'for scopes, which a session has none of', asked: { remedy: { ...LOGIN, scopes: ['a'] } } },
    { note: 'with a token', asked: { remedy: STEP_UP, identity: ada } },
    { note: 'to a level no provider can tell', asked: { remedy: { stepUp: { level: 'hardware', maxAge: null } } } },
    {
      note: 'from a provider that cannot tell the level',
      asked: { remedy: STEP_UP, identity: identity({ provider: 'partner' }) },
    },
    { note: 'without a remedy', asked: { decision: { ...challenged(LOGIN), remedy: null } } },
    { note: 'where no service is', asked: { service: null } },
    { note: 'where no policy is', asked: { image: null } },
  ] as const)('nobody $note', ({ asked }) => expect(wayOf(asked as Challenged)).toEqual({ way: 'none' }))

  test('nobody where the service offers no login, or one at a provider it does not accept', () => {
    const service = stage.image.services['payments']
    if (service === undefined) throw new Error('the example has no such service')
    expect(wayOf({ service: { ...service, login: [] } })).toEqual({ way: 'none' })
    expect(wayOf({ service: { ...service, providers: [] } })).toEqual({ way: 'none' })
  })

  test('nobody whose target cannot come back', () => {
    expect(wayOf({}, `/${'a'.repeat(3_999)}`)).toMatchObject({ way: 'redirect' })
    expect(wayOf({}, `/${'a'.repeat(4_000)}`)).toEqual({ way: 'none' })
    const acr = Array.from({ length: 30 }, (_none, i) => `${i}${'x'.repeat(250)}`)
    expect(wayOf({ remedy: { acr } })).toEqual({ way: 'none' })
  })
})

test('what the browser carries says nothing', () => {
  const way = wayOf({ identity: identity() }, '/orders?secret=CANARY')
  const sealed = way.way === 'redirect' ? (new URL(way.location, 'https://a.example').searchParams.get('start') ?? '') : ''
  expect(`${sealed}${Buffer.from(sealed, 'base64url').toString('latin1')}`).not.toMatch(/CANARY|corp|ada|orders/)
})

test('a step-up goes to the provider of the session, whichever others there are', async () => {
  const browser = stage.browser()
  const begun = await browser.go(stage.startAt(browser, '/orders', { remedy: STEP_UP, identity: identity() }))
  expect(locationOf(begun)).toContain(`${provider.issuer}/authorize`)
})

describe('no round in circles', () => {
  const present = async (browser: Browser) => {
    const secret = browser.cookies.get('__Host-balustrade') ?? ''
    const found = await stage.sessions.reader.find(secret, { now: clock.now(), lenient: false })
    if (found.status !== 'found') throw new Error(found.status)
    return identity({ credentialHash: found.session.id })
  }

  test('what was done less than a minute ago is not asked again, anything else is', async () => {
    const browser = stage.browser()
    provider.script.idToken = { acr: 'passkey' }
    const begun = await browser.go(`${stage.startAt(browser, '/orders', { remedy: STEP_UP })}&provider=corp`)
    await browser.go(provider.logIn(locationOf(begun)))
    const who = await present(browser)
    expect(wayOf({ remedy: STEP_UP, identity: who })).toEqual({ way: 'no-progress' })
    expect(wayOf({ remedy: { acr: ['gold'] }, identity: who })).toMatchObject({ way: 'redirect' })
    clock.advance(60_000)
    expect(wayOf({ remedy: STEP_UP, identity: who })).toMatchObject({ way: 'redirect' })
  })
})

describe('a window for a script', () => {
  test('ends at a page that says so', async () => {
    const { image } = stage
    const service = image.services['payments'] ?? null
    const browser = stage.browser()
    const evaluation = evaluationWith({ decision: challenged(LOGIN, 'login.required'), image, service })
    const link = stage.login.start.windowFor(evaluation, browser.request('/api/orders'))
    const back = await browser.go(provider.logIn(locationOf(await browser.go(`${link ?? ''}&provider=corp`))))
    expect(locationOf(back)).toBe('/.balustrade/done')
    const done = await browser.go(locationOf(back))
    expect([done.status, done.body.includes('<script')]).toEqual([200, false])
    expect(stage.login.start.windowFor({ ...evaluation, service: null }, browser.request('/'))).toBeNull()
  })
})
