import type { Remedy } from '@balustrade/core/kit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { type Browser, headerOf, locationOf } from '../../../../test/support/login-browser.ts'
import { createTestClock, type LoginStage, openLoginStage, ORIGIN } from '../../../../test/support/login-stage.ts'

const SESSION = '__Host-balustrade'
const clock = createTestClock()
let provider: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  stage = await openLoginStage({ providers: { corp: provider.entry() }, clock })
})
beforeEach(() => {
  stage.records.length = 0
  provider.asked.length = 0
  provider.forms.length = 0
})
afterAll(async () => {
  await stage.close()
  await provider.close()
})

const logIn = async (browser: Browser, target = '/orders?page=2') => {
  const begun = await browser.go(stage.startAt(browser, target))
  return browser.go(provider.logIn(locationOf(begun)))
}

test('begin, come back, go on with a session', async () => {
  const browser = stage.browser()
  const begun = await browser.go(stage.startAt(browser, '/orders?page=2'))
  expect(begun.status).toBe(303)
  const back = await browser.go(provider.logIn(locationOf(begun)))
  expect([back.status, locationOf(back)]).toEqual([303, '/orders?page=2'])
  const secret = browser.cookies.get(SESSION) ?? ''
  const found = await stage.sessions.reader.find(secret, { now: clock.now(), lenient: false })
  expect(found).toMatchObject({ status: 'found', session: { provider: 'corp', subject: 'ada' } })
  expect(stage.failures()).toEqual([])
})

test('the authorization request', async () => {
  const browser = stage.browser()
  await browser.go(provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/')))))
  const [asked = new URLSearchParams()] = provider.asked
  expect(Object.fromEntries(asked)).toEqual({
    response_type: 'code',
    client_id: 'gateway',
    redirect_uri: `${ORIGIN}/.balustrade/callback`,
    scope: 'openid profile',
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  })
})

test('the end of a login in a window of its own', async () => {
  const done = await stage.browser().go('/.balustrade/done')
  expect(done.status).toBe(200)
  expect(done.body).toMatch(/<h1>You are signed in<\/h1>[^]*You can close this window\./)
  expect(headerOf(done, 'content-security-policy')[0]).toContain("form-action 'none'")
})

test.each<{ note: string; remedy: Remedy; parameters: object }>([
  { note: 'an age, which leaves time to come back', remedy: { login: { maxAge: 600_000 } }, parameters: { max_age: '570' } },
  { note: 'a login that is new', remedy: { login: { maxAge: 0 } }, parameters: { max_age: '0', prompt: 'login' } },
  {
    note: 'a factor',
    remedy: { stepUp: { level: 'phishing-resistant', maxAge: null } },
    parameters: { acr_values: 'passkey' },
  },
  { note: 'any factor', remedy: { stepUp: { level: 'any', maxAge: null } }, parameters: { acr_values: 'otp passkey' } },
])('the authorization request for $note', async ({ remedy, parameters }) => {
  const browser = stage.browser()
  const sent = new URL(locationOf(await browser.go(stage.startAt(browser, '/', { remedy })))).searchParams
  const asked = ['max_age', 'prompt', 'acr_values'].filter((name) => sent.has(name))
  expect(Object.fromEntries(asked.map((name) => [name, sent.get(name)]))).toEqual(parameters)
})

test('cookies are of this host alone, and out of reach of scripts', async () => {
  const browser = stage.browser()
  const begun = await browser.go(stage.startAt(browser, '/'))
  const back = await browser.go(provider.logIn(locationOf(begun)))
  const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax'
  expect(headerOf(begun, 'set-cookie')).toEqual([
    expect.stringMatching(new RegExp(`^__Host-balustrade-login=[\\w-]{43}; ${attributes}$`)),
  ])
  expect(headerOf(back, 'set-cookie')).toEqual([
    expect.stringMatching(new RegExp(`^__Host-balustrade=[\\w-]{43}; ${attributes}$`)),
  ])
  for (const answer of [begun, back]) expect(headerOf(answer, 'cache-control')).toEqual(['no-store'])
})

describe('a state is good once, in the browser and origin in which it was made', () => {
  test('of twenty at once one wins', async () => {
    const browser = stage.browser()
    const url = provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/'))))
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.go(url)))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(stage.failures()).toEqual(Array.from({ length: 19 }, () => 'login.expired'))
    expect(provider.forms).toHaveLength(1)
  })

  test('another browser is not logged in as somebody else', async () => {
    const [attacker, victim] = [stage.browser(), stage.browser()]
    const url = provider.logIn(locationOf(await attacker.go(stage.startAt(attacker, '/'))), 'mallory')
    const without = await victim.go(url)
    await victim.go(stage.startAt(victim, '/'))
    const withOwn = await victim.go(url)
    expect([without.status, withOwn.status]).toEqual([400, 400])
    expect(victim.cookies.has(SESSION)).toBe(false)
    expect(stage.failures()).toEqual(['login.browser', 'login.browser'])
    expect(provider.forms).toHaveLength(0)
  })

  test('several tabs of one browser', async () => {
    const browser = stage.browser()
    const begun = [await browser.go(stage.startAt(browser, '/a')), await browser.go(stage.startAt(browser, '/b'))]
    expect(browser.cookies.size).toBe(1)
    const [first, second] = begun.map((answer) => provider.logIn(locationOf(answer))) as [string, string]
    expect(locationOf(await browser.go(second))).toBe('/b')
    expect(locationOf(await browser.go(first))).toBe('/a')
  })

  test('not after ten minutes', async () => {
    const browser = stage.browser()
    const url = provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/'))))
    clock.advance(600_001)
    expect((await browser.go(url)).status).toBe(400)
    expect(stage.failures()).toEqual(['login.expired'])
  })

  test('not in another origin', async () => {
    const browser = stage.browser()
    const url = provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/'))))
    const other = stage.browser('https://other.example.com')
    for (const [name, value] of browser.cookies) other.cookies.set(name, value)
    expect((await other.go(url.replace(ORIGIN, 'https://other.example.com'))).status).toBe(400)
    expect(stage.failures()).toEqual(['login.state'])
  })
})

describe('the link that begins a login', () => {
  test('is made by us, for this origin, less than ten minutes ago', async () => {
    const browser = stage.browser()
    const link = stage.startAt(browser, '/')
    const elsewhere = stage.browser('https://other.example.com')
    expect((await elsewhere.go(link)).status).toBe(400)
    expect((await browser.go(`${link}A`)).status).toBe(400)
    expect((await browser.go('/.balustrade/login')).status).toBe(400)
    expect((await browser.go('/.balustrade/login?start=a&start=b')).status).toBe(400)
    clock.advance(600_001)
    expect((await browser.go(link)).status).toBe(400)
    expect(stage.failures()).toEqual(Array.from({ length: 5 }, () => 'login.start'))
  })
})

describe('sessions', () => {
  test('of the same person is stepped up, and its old secret is dead', async () => {
    const browser = stage.browser()
    await logIn(browser)
    const old = browser.cookies.get(SESSION) ?? ''
    await logIn(browser)
    const secret = browser.cookies.get(SESSION) ?? ''
    const find = (each: string) => stage.sessions.reader.find(each, { now: clock.now(), lenient: false })
    expect(await find(old)).toMatchObject({ status: 'none' })
    expect(await find(secret)).toMatchObject({ status: 'found', session: { proofs: [{}, {}] } })
  })

  test('of another person is ended, and nothing of it is taken over', async () => {
    const browser = stage.browser()
    await logIn(browser)
    const old = browser.cookies.get(SESSION) ?? ''
    await browser.go(provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/'))), 'bob'))
    const find = (each: string) => stage.sessions.reader.find(each, { now: clock.now(), lenient: false })
    expect(await find(old)).toMatchObject({ status: 'none' })
    expect(await find(browser.cookies.get(SESSION) ?? '')).toMatchObject({
      status: 'found',
      session: { subject: 'bob', proofs: [{}] },
    })
  })
})

test('a client that is configured anew counts for the next login', async () => {
  const browser = stage.browser()
  const url = provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/'))))
  stage.configure({ secret: null })
  expect((await browser.go(url)).status).toBe(502)
  expect(stage.failures()).toEqual(['login.provider_fault'])
  stage.configure({})
  expect((await logIn(browser)).status).toBe(303)
})

test('over plain http cookies have no prefix, which browsers refuse there', async () => {
  const browser = stage.browser('http://localhost:8080')
  const begun = await browser.go(stage.startAt(browser, '/'))
  const back = await browser.go(provider.logIn(locationOf(begun)))
  const names = [begun, back].flatMap((answer) => headerOf(answer, 'set-cookie').map((line) => line.split('=')[0]))
  expect(names).toEqual(['balustrade-login', 'balustrade'])
  expect(headerOf(back, 'set-cookie')[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/)
})

test('whoever only asks what would come (HEAD) uses nothing up', async () => {
  const browser = stage.browser()
  const link = stage.startAt(browser, '/')
  const asked = await browser.go(link, { method: 'HEAD' })
  expect([asked.status, headerOf(asked, 'allow'), browser.cookies.size]).toEqual([405, ['GET'], 0])
  const url = provider.logIn(locationOf(await browser.go(link)))
  expect((await browser.go(url, { method: 'HEAD' })).status).toBe(405)
  expect((await browser.go(url)).status).toBe(303)
})

test('without a store nothing is begun, and nobody is logged in', async () => {
  const own = await openLoginStage({ providers: { corp: provider.entry() }, clock })
  const browser = own.browser()
  const link = own.startAt(browser, '/')
  const url = provider.logIn(locationOf(await browser.go(link)))
  await own.store.close()
  const answers = [await browser.go(link), await browser.go(url)]
  expect(answers.map(({ status }) => status)).toEqual([503, 503])
  expect(own.failures()).toEqual(['login.unavailable', 'login.unavailable'])
  expect(browser.cookies.has(SESSION)).toBe(false)
  await own.close()
})
