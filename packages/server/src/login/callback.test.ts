import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { headerOf, locationOf } from '../../../../test/support/login-browser.ts'
import { imageOf, loginInMemory } from '../../../../test/support/login-in-memory.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'

let provider: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(() => Date.now())
})
beforeEach(() => {
  Object.assign(provider.script, { idToken: {}, metadata: {}, response: {} })
  provider.script.broken.clear()
})
afterAll(() => provider.close())

const COOKIE = '__Host-balustrade'

describe('must pass', () => {
  test('whoever began the login comes back to where they wanted to go, with a new session', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const back = await browser.go(await stage.returnOf(browser))
    expect([back.status, locationOf(back)]).toEqual([303, '/orders'])
    expect(browser.cookies.get(COOKIE)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(stage.failure()).toBeUndefined()
  })

  test('the same person goes on with one session; another one ends it', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const secrets: string[] = []
    for (const subject of ['ada', 'ada', 'bob']) {
      const begun = await browser.go(stage.startAt(browser, '/orders'))
      await browser.go(provider.logIn(locationOf(begun), subject))
      secrets.push(browser.cookies.get(COOKIE) ?? '')
    }
    expect(new Set(secrets).size).toBe(3)
    const codes = stage.records.map((record) => (record.kind === 'authentication' ? record.code : ''))
    expect(codes).toEqual([
      'session.begun',
      'session.ended.elevated',
      'session.elevated',
      'session.ended.replaced',
      'session.begun',
    ])
  })
})

describe('nobody is logged in', () => {
  type Stage = ReturnType<typeof loginInMemory>
  test.each<{
    note: string
    code: string
    status: number
    change?: (url: string) => string
    before?: (stage: Stage, browser: ReturnType<Stage['browser']>) => void
  }>([
    { note: 'without a query', code: 'login.state', status: 400, change: (url) => url.split('?')[0] ?? '' },
    { note: 'without a state', code: 'login.state', status: 400, change: (url) => url.replace('state=', 'estate=') },
    { note: 'with a parameter twice', code: 'login.state', status: 400, change: (url) => `${url}&code=x` },
    {
      note: 'with a state nobody gave',
      code: 'login.expired',
      status: 400,
      change: (url) => url.replace(/state=[^&]+/, 'state=x'),
    },
    {
      note: 'in another browser',
      code: 'login.browser',
      status: 400,
      before: (_stage, browser) => void browser.cookies.set(`${COOKIE}-login`, 'x'.repeat(43)),
    },
    {
      note: 'in a browser that did not begin anything',
      code: 'login.browser',
      status: 400,
      before: (_stage, browser) => browser.cookies.clear(),
    },
    {
      note: 'where the provider is declared no more',
      code: 'login.not_offered',
      status: 403,
      before: (stage) => stage.setImage(imageOf({})),
    },
    { note: 'where no policy is in force', code: 'login.not_offered', status: 403, before: (stage) => stage.setImage(null) },
    {
      note: 'where the store does not answer',
      code: 'login.unavailable',
      status: 503,
      before: (stage) => stage.silence(['take']),
    },
    {
      note: 'where the session cannot be kept',
      code: 'login.unavailable',
      status: 503,
      before: (stage) => stage.silence(['add']),
    },
  ])('$note: $code', async ({ code, status, change = (url) => url, before = () => {} }) => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const url = change(await stage.returnOf(browser))
    before(stage, browser)
    const back = await browser.go(url)
    expect([stage.failure(), back.status]).toEqual([code, status])
    expect(browser.cookies.has(COOKIE)).toBe(false)
    expect(headerOf(back, 'location')).toEqual([])
  })

  test('where the session that the browser has cannot be looked at, and it keeps that one', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    await browser.go(await stage.returnOf(browser))
    const before = browser.cookies.get(COOKIE)
    const url = await stage.returnOf(browser)
    stage.silence(['get'])
    const back = await browser.go(url)
    expect([stage.failure(), back.status]).toEqual(['login.unavailable', 503])
    expect(browser.cookies.get(COOKIE)).toBe(before)
  })

  test('in another origin, though it is the same browser', async () => {
    const stage = loginInMemory(provider)
    const [here, there] = [stage.browser(), stage.browser('https://other.example.com')]
    const url = new URL(await stage.returnOf(here))
    for (const [name, value] of here.cookies) there.cookies.set(name, value)
    expect((await there.go(`${url.pathname}${url.search}`)).status).toBe(400)
    expect(stage.failure()).toBe('login.state')
    expect(there.cookies.has(COOKIE)).toBe(false)
  })

  test('twice with one state', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const url = await stage.returnOf(browser)
    await browser.go(url)
    const before = browser.cookies.get(COOKIE)
    await browser.go(url)
    expect(stage.failure()).toBe('login.expired')
    expect(browser.cookies.get(COOKIE)).toBe(before)
  })
})
