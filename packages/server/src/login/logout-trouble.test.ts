// Ways out that are closed, twice gone through or not ours, on a store in memory that does not always answer.
import { sha256Base64Url } from '@balustrade/core/kit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { headerOf } from '../../../../test/support/login-browser.ts'
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

const COOKIE = '__Host-balustrade'
const OURS = { 'sec-fetch-site': 'same-origin' }
type Stage = ReturnType<typeof loginInMemory>

const loggedIn = async (stage: Stage) => {
  const browser = stage.browser()
  await browser.go(await stage.returnOf(browser))
  expect(browser.cookies.has(COOKIE)).toBe(true)
  return browser
}
const signOut = (browser: ReturnType<Stage['browser']>) => browser.go('/.balustrade/logout', { method: 'POST', headers: OURS })
const isLoggedIn = async ({ sessions, clock }: Stage, secret: string) => {
  const found = await sessions.reader.find(secret, { now: clock.now(), lenient: false })
  return found.status === 'found'
}

describe('signing out', () => {
  test('goes on to the provider, in a browser that is known when it comes back', async () => {
    const stage = loginInMemory(provider)
    const browser = await loggedIn(stage)
    browser.cookies.delete(`${COOKIE}-login`)
    const page = await signOut(browser)
    expect(headerOf(page, 'set-cookie')).toHaveLength(2)
    expect(browser.cookies.get(`${COOKIE}-login`)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const [refresh = ''] = headerOf(page, 'refresh')
    const state = new URL(refresh.slice('0; url='.length)).searchParams.get('state') ?? ''
    expect((await browser.go(`/.balustrade/logged-out?state=${state}`)).status).toBe(200)
  })

  test.each<{ note: string; before: (stage: Stage) => void; status: number }>([
    { note: 'nobody can be asked for the tokens', before: (stage) => stage.silence(['get']), status: 200 },
    { note: 'the provider is declared no more', before: (stage) => stage.setImage(imageOf({})), status: 200 },
    { note: 'no policy is in force', before: (stage) => stage.setImage(null), status: 200 },
  ])('ends here alone where $note', async ({ before, status }) => {
    const stage = loginInMemory(provider)
    const browser = await loggedIn(stage)
    const secret = browser.cookies.get(COOKIE) ?? ''
    before(stage)
    const page = await signOut(browser)
    expect([page.status, headerOf(page, 'refresh')]).toEqual([status, []])
    stage.answerAll()
    expect([await isLoggedIn(stage, secret), browser.cookies.has(COOKIE)]).toEqual([false, false])
  })

  test('ends here alone where the provider has no end for it, or gave no ID token', async () => {
    provider.script.metadata = { end_session_endpoint: undefined }
    const stage = loginInMemory(provider)
    expect(headerOf(await signOut(await loggedIn(stage)), 'refresh')).toEqual([])
  })

  test('is told as not done where the store does not answer, and the browser forgets the session all the same', async () => {
    const stage = loginInMemory(provider)
    const browser = await loggedIn(stage)
    stage.silence(['take', 'remove'])
    expect((await signOut(browser)).status).toBe(503)
    expect([stage.failure(), browser.cookies.has(COOKIE)]).toEqual(['logout.unavailable', false])
  })

  test('of a session that ended elsewhere is done, and ends nothing at a provider', async () => {
    const stage = loginInMemory(provider)
    const browser = await loggedIn(stage)
    const all = await stage.real.list('session')
    for (const { key } of all.ok ? all.value : []) await stage.real.remove('session', key)
    const page = await signOut(browser)
    expect([page.status, headerOf(page, 'refresh'), browser.cookies.has(COOKIE)]).toEqual([200, [], false])
  })

  test('of nobody is done', async () => {
    const stage = loginInMemory(provider)
    expect((await signOut(stage.browser())).status).toBe(200)
  })
})

describe('a browser that comes back from the provider', () => {
  const SECRET = 'y'.repeat(43)
  const sealed = ({ seals, clock }: Stage, { browser = sha256Base64Url(SECRET), ago = 0, at = undefined as unknown } = {}) =>
    seals.seal('logout', { browser, at: (at ?? clock.now() - ago) as number })

  test.each<{ note: string; url: (stage: Stage) => string; known?: boolean; status: number }>([
    { note: 'must pass: from a logout of its own', url: (stage) => `?state=${sealed(stage)}`, status: 200 },
    { note: 'must pass: within ten minutes', url: (stage) => `?state=${sealed(stage, { ago: 599_000 })}`, status: 200 },
    { note: 'later', url: (stage) => `?state=${sealed(stage, { ago: 601_000 })}`, status: 400 },
    { note: 'without a query', url: () => '', status: 400 },
    { note: 'without a state', url: () => '?a=1', status: 400 },
    { note: 'with two', url: (stage) => `?state=${sealed(stage)}&state=x`, status: 400 },
    { note: 'with one that nobody sealed', url: () => '?state=x', status: 400 },
    { note: 'with one of another browser', url: (stage) => `?state=${sealed(stage, { browser: 'other' })}`, status: 400 },
    { note: 'with one without a time', url: (stage) => `?state=${sealed(stage, { at: 'now' })}`, status: 400 },
    { note: 'without its cookie', url: (stage) => `?state=${sealed(stage)}`, known: false, status: 400 },
  ])('$note: $status', async ({ url, known = true, status }) => {
    const stage = loginInMemory(provider)
    const browser = stage.browser()
    if (known) browser.cookies.set(`${COOKIE}-login`, SECRET)
    expect((await browser.go(`/.balustrade/logged-out${url(stage)}`)).status).toBe(status)
    expect(stage.failure()).toBe(status === 200 ? undefined : 'logout.state')
  })
})

describe('a provider that tells of a logout', () => {
  const tell = (stage: Stage, body: string) =>
    stage.browser().go('/.balustrade/backchannel-logout', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
  const tokenOf = (claims = {}) => `logout_token=${provider.logoutToken(claims)}`

  test.each([
    { note: 'the session it names', claims: { sub: undefined } },
    { note: 'the person', claims: { sid: undefined } },
    { note: 'the session, where both are named', claims: {} },
  ])('ends $note, once', async ({ claims }) => {
    const stage = loginInMemory(provider)
    const secret = (await loggedIn(stage)).cookies.get(COOKIE) ?? ''
    const body = tokenOf(claims)
    expect((await tell(stage, body)).status).toBe(200)
    expect(await isLoggedIn(stage, secret)).toBe(false)
    const again = await tell(stage, body)
    expect([again.status, JSON.parse(again.body)]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'The logout token was sent before.' },
    ])
  })

  test('is asked to come back where the store does not answer, and may then send the same token', async () => {
    const stage = loginInMemory(provider)
    const secret = (await loggedIn(stage)).cookies.get(COOKIE) ?? ''
    const body = tokenOf()
    stage.silence(['add'], 1)
    const first = await tell(stage, body)
    expect([first.status, JSON.parse(first.body)]).toMatchObject([503, { error: 'temporarily_unavailable' }])
    stage.silence(['tagged'], 1)
    expect((await tell(stage, body)).status).toBe(503)
    expect((await tell(stage, body)).status).toBe(200)
    expect(await isLoggedIn(stage, secret)).toBe(false)
  })

  test.each<{ note: string; body: () => string; before?: (stage: Stage) => void; code: string; status: number }>([
    { note: 'without a token', body: () => '', code: 'logout.token_malformed', status: 400 },
    { note: 'with two', body: () => `${tokenOf()}&logout_token=x`, code: 'logout.token_malformed', status: 400 },
    {
      note: 'in a body that is too long',
      body: () => `${tokenOf()}&a=${'x'.repeat(16_384)}`,
      code: 'logout.token_malformed',
      status: 400,
    },
    {
      note: 'while no policy is in force',
      body: () => tokenOf(),
      before: (stage) => stage.setImage(null),
      code: 'logout.unavailable',
      status: 503,
    },
    {
      note: 'who is not declared',
      body: () => tokenOf(),
      before: (stage) => stage.setImage(imageOf({})),
      code: 'logout.token_issuer',
      status: 400,
    },
  ])('is refused $note', async ({ body, before = () => {}, code, status }) => {
    const stage = loginInMemory(provider)
    before(stage)
    expect((await tell(stage, body())).status).toBe(status)
    expect(stage.failure()).toBe(code)
  })
})

describe('a page of the provider that asks in a frame', () => {
  const ask = (stage: Stage, query: string) => stage.browser().go(`/.balustrade/frontchannel-logout${query}`)
  const named = (sid = 's1', issuer = provider.issuer) => `?iss=${encodeURIComponent(issuer)}&sid=${sid}`

  test('ends the session that it names', async () => {
    const stage = loginInMemory(provider)
    const secret = (await loggedIn(stage)).cookies.get(COOKIE) ?? ''
    expect((await ask(stage, named('other'))).status).toBe(200)
    expect(await isLoggedIn(stage, secret)).toBe(true)
    expect((await ask(stage, named())).status).toBe(200)
    expect(await isLoggedIn(stage, secret)).toBe(false)
  })

  test.each<{ note: string; query: () => string; before?: (stage: Stage) => void; code?: string; status?: number }>([
    { note: 'without a query', query: () => '' },
    { note: 'without a session', query: () => named().replace(/&sid=.*/, '') },
    { note: 'with an empty one', query: () => named('') },
    { note: 'without a provider', query: () => '?sid=s1' },
    { note: 'of a provider that is not declared', query: () => named('s1', 'https://evil.example') },
    { note: 'with a parameter twice', query: () => `${named()}&sid=s2` },
    { note: 'while no policy is in force', query: () => named(), before: (stage) => stage.setImage(null) },
    {
      note: 'while the store does not answer',
      query: () => named(),
      before: (stage) => stage.silence(['tagged']),
      code: 'logout.unavailable',
      status: 503,
    },
  ])('is refused $note', async ({ query, before = () => {}, code = 'logout.front_channel', status = 400 }) => {
    const stage = loginInMemory(provider)
    const secret = (await loggedIn(stage)).cookies.get(COOKIE) ?? ''
    before(stage)
    expect((await ask(stage, query())).status).toBe(status)
    expect(stage.failure()).toBe(code)
    if (status === 400) expect(await isLoggedIn(stage, secret)).toBe(true)
  })
})
