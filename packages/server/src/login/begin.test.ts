import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { locationOf } from '../../../../test/support/login-browser.ts'
import { imageOf, loginInMemory } from '../../../../test/support/login-in-memory.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'

let provider: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(() => Date.now())
})
beforeEach(() => {
  provider.script.metadata = {}
})
afterAll(() => provider.close())

type Stage = ReturnType<typeof loginInMemory>
const MINUTE = 60_000

describe('must pass', () => {
  test('whoever begins is sent to the provider, and known again by one cookie', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const first = await browser.go(stage.startAt(browser, '/orders'))
    const cookie = browser.cookies.get('__Host-balustrade-login')
    expect(cookie).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const second = await browser.go(stage.startAt(browser, '/orders'))
    expect([first.status, second.status]).toEqual([303, 303])
    expect(browser.cookies.get('__Host-balustrade-login')).toBe(cookie)
    const [one, two] = [first, second].map((answer) => new URL(locationOf(answer)).searchParams)
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one?.get(name)).not.toBe(two?.get(name))
    expect(Object.fromEntries(one ?? [])).toMatchObject({
      response_type: 'code',
      client_id: 'gateway',
      scope: 'openid profile',
      redirect_uri: 'https://pay.example.com/.balustrade/callback',
      code_challenge_method: 'S256',
    })
  })

  test.each([
    { note: 'where claims may be asked for', metadata: { claims_parameter_supported: true }, has: true },
    { note: 'where nothing is said of that', metadata: {}, has: false },
  ])('the time of the login is asked for $note: $has', async ({ metadata, has }) => {
    provider.script.metadata = metadata
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const { searchParams } = new URL(locationOf(await browser.go(stage.startAt(browser, '/orders'))))
    expect(searchParams.get('claims')).toBe(has ? '{"id_token":{"auth_time":{"essential":true}}}' : null)
  })

  test('whoever may log in at several providers chooses, and goes to the one they chose', async () => {
    const stage = loginInMemory(provider)
    stage.setImage(imageOf({ corp: provider.entry(), partner: provider.entry() }))
    const browser = stage.browser()
    const start = stage.startAt(browser, '/orders')
    const page = await browser.go(start)
    expect([page.status, page.body.match(/class="button"/g)?.length]).toEqual([200, 2])
    expect((await browser.go(`${start}&provider=partner`)).status).toBe(303)
    expect((await browser.go(`${start}&provider=other`)).status).toBe(403)
    expect(stage.failure()).toBe('login.not_offered')
  })

  test('for ten minutes, whichever clock is ahead', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const start = stage.startAt(browser, '/orders')
    stage.clock.advance(-9 * MINUTE)
    expect((await browser.go(start)).status).toBe(303)
    stage.clock.advance(18 * MINUTE)
    expect((await browser.go(start)).status).toBe(303)
  })
})

describe('nothing is begun', () => {
  const seal = ({ seals }: Stage, content: object) => `/.balustrade/login?start=${seals.seal('start', { ...content })}`
  test.each<{
    note: string
    code: string
    status: number
    start?: (stage: Stage, start: string) => string
    before?: (stage: Stage) => void
  }>([
    { note: 'without a query', code: 'login.start', status: 400, start: () => '/.balustrade/login' },
    { note: 'without a start', code: 'login.start', status: 400, start: () => '/.balustrade/login?provider=corp' },
    { note: 'with two', code: 'login.start', status: 400, start: (_stage, start) => `${start}&start=x` },
    {
      note: 'with what was sealed for something else',
      code: 'login.start',
      status: 400,
      start: (stage) => seal(stage, { at: 1 }),
    },
    { note: 'ten minutes later', code: 'login.start', status: 400, before: ({ clock }) => clock.advance(10 * MINUTE + 5_000) },
    {
      note: 'ten minutes before it was made',
      code: 'login.start',
      status: 400,
      before: ({ clock }) => clock.advance(-11 * MINUTE),
    },
    { note: 'where no policy is in force', code: 'login.not_offered', status: 403, before: (stage) => stage.setImage(null) },
    {
      note: 'where the service is declared no more',
      code: 'login.not_offered',
      status: 403,
      before: (stage) => stage.setImage({ ...imageOf({ corp: provider.entry() }), services: {} }),
    },
    {
      note: 'where the provider is declared no more',
      code: 'login.not_offered',
      status: 403,
      before: (stage) => stage.setImage(imageOf({})),
    },
    { note: 'where it cannot be kept', code: 'login.unavailable', status: 503, before: (stage) => stage.silence(['add']) },
  ])('$note: $code', async ({ code, status, start = (_stage, made) => made, before = () => {} }) => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const url = start(stage, stage.startAt(browser, '/orders'))
    before(stage)
    expect((await browser.go(url)).status).toBe(status)
    expect(stage.failure()).toBe(code)
    expect(browser.cookies.size).toBe(0)
  })

  test('in another origin', async () => {
    const stage = loginInMemory(provider)
    const other = stage.browser('https://other.example.com')
    expect((await other.go(stage.startAt(stage.browser(), '/orders'))).status).toBe(400)
    expect(stage.failure()).toBe('login.start')
  })

  test('more than a thousand times in ten minutes from one address', async () => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    const start = stage.startAt(browser, '/orders')
    for (let n = 0; n < 1_000; n++) await browser.go(start)
    expect(stage.failure()).toBeUndefined()
    expect((await browser.go(start)).status).toBe(429)
    expect(stage.failure()).toBe('login.too_many')
    const entries = await stage.real.list('login')
    expect(entries.ok && entries.value.length).toBe(1_000)
  })
})
