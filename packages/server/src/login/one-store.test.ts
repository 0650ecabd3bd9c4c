// Two processes on one store: what is good once is good once in both.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock, type LoginStage, openLoginStage } from '../../../../test/support/login-stage.ts'

const SESSION = '__Host-balustrade'
const EVERY = 600_000
const clock = createTestClock()
const folder = mkdtempSync(join(tmpdir(), 'balustrade-one-store-'))
let provider: ScriptedProvider
let stages: readonly [LoginStage, LoginStage]
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  const options = {
    providers: { corp: provider.entry() },
    clock,
    client: { refresh: { every: EVERY, grace: EVERY } },
    file: join(folder, 'state.db'),
  }
  stages = [await openLoginStage(options), await openLoginStage(options)]
})
afterAll(async () => {
  for (const stage of stages) await stage.close()
  await provider.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The same browser, whose next request another process answers. */
const atOther = (browser: Browser): Browser => {
  const other = stages[1].browser()
  for (const [name, value] of browser.cookies) other.cookies.set(name, value)
  return other
}

test('a login that one began is completed at either, once', async () => {
  const [first] = stages
  const browser = first.browser()
  const url = provider.logIn(locationOf(await browser.go(first.startAt(browser, '/orders'))))
  const other = atOther(browser)
  const answers = await Promise.all(Array.from({ length: 20 }, (_none, i) => (i % 2 === 0 ? browser : other).go(url)))
  expect(answers.filter(({ status }) => status === 303).map(locationOf)).toEqual(['/orders'])
  expect(provider.forms).toHaveLength(1)
})

test('a session is refreshed by one of them, and both know', async () => {
  const [first, second] = stages
  const browser = first.browser()
  await browser.go(provider.logIn(locationOf(await browser.go(first.startAt(browser, '/')))))
  const secret = browser.cookies.get(SESSION) ?? ''
  provider.forms.length = 0
  clock.advance(EVERY + 1_000)
  const find = ({ login }: LoginStage) => login.reader.find(secret, { now: clock.now(), lenient: false })
  const found = await Promise.all([find(first), find(second), find(first), find(second)])
  expect(found.map(({ status }) => status)).toEqual(['found', 'found', 'found', 'found'])
  expect(provider.forms.map((form) => form.get('grant_type'))).toEqual(['refresh_token'])
  expect((await find(second)).status).toBe('found')
  expect(provider.forms).toHaveLength(1)
})

test('however they take turns, no refresh token is sent twice, and nobody is signed out by it', async () => {
  const [first] = stages
  const browser = first.browser()
  await browser.go(provider.logIn(locationOf(await browser.go(first.startAt(browser, '/')))))
  const secret = browser.cookies.get(SESSION) ?? ''
  provider.forms.length = 0
  for (let round = 0; round < 30; round++) {
    clock.advance(EVERY + 1_000)
    const found = await Promise.all(
      stages.map(async ({ login }, at) => {
        await new Promise((resolve) => setTimeout(resolve, at * (round % 10)))
        return login.reader.find(secret, { now: clock.now(), lenient: false })
      }),
    )
    expect(found.map(({ status }) => status)).toEqual(['found', 'found'])
  }
  const sent = provider.forms.map((form) => form.get('refresh_token'))
  expect(new Set(sent).size).toBe(sent.length)
})

test('a logout token is good once', async () => {
  const body = new URLSearchParams({ logout_token: provider.logoutToken() }).toString()
  const send = (stage: LoginStage) => stage.browser().go('/.balustrade/backchannel-logout', { method: 'POST', body })
  const answers = await Promise.all(Array.from({ length: 10 }, (_none, i) => send(i % 2 === 0 ? stages[0] : stages[1])))
  const good = answers.filter(({ status }) => status === 200)
  const refused = answers.filter(({ status }) => status === 400)
  expect([good.length, refused.length]).toEqual([1, 9])
})
