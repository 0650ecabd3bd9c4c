import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Claims, makeSigningKey } from '../../../../test/support/issuer.ts'
import { type Browser, headerOf, locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock, type LoginStage, openLoginStage, ORIGIN } from '../../../../test/support/login-stage.ts'

const SESSION = '__Host-balustrade'
const SAME_ORIGIN = { origin: ORIGIN }
const clock = createTestClock()
let provider: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  stage = await openLoginStage({ providers: { corp: provider.entry() }, clock })
})
beforeEach(() => {
  stage.records.length = 0
  provider.script.broken.clear()
  Object.assign(provider.script, { idToken: {}, metadata: {} })
})
afterAll(async () => {
  await stage.close()
  await provider.close()
})

const logIn = async (subject = 'ada', sid = 's1'): Promise<Browser> => {
  provider.script.idToken = { sid }
  const browser = stage.browser()
  await browser.go(provider.logIn(locationOf(await browser.go(stage.startAt(browser, '/'))), subject))
  return browser
}

const isIn = async (browser: Browser, secret = browser.cookies.get(SESSION) ?? ''): Promise<boolean> =>
  (await stage.sessions.reader.find(secret, { now: clock.now(), lenient: false })).status === 'found'

describe('a person signs out', () => {
  test('after being asked, here and then at the provider', async () => {
    const browser = await logIn()
    const secret = browser.cookies.get(SESSION) ?? ''
    const asked = await browser.go('/.balustrade/logout')
    expect([asked.status, await isIn(browser)]).toEqual([200, true])
    expect(asked.body).toContain('<form method="post" action="/.balustrade/logout">')
    const left = await browser.go('/.balustrade/logout', { method: 'POST', headers: SAME_ORIGIN })
    expect([left.status, browser.cookies.has(SESSION), await isIn(browser, secret)]).toEqual([200, false, false])
    const url = new URL(headerOf(left, 'refresh')[0]?.replace('0; url=', '') ?? '')
    expect(`${url.origin}${url.pathname}`).toBe(`${provider.issuer}/logout`)
    expect(url.searchParams.get('id_token_hint')).toMatch(/^ey/)
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${ORIGIN}/.balustrade/logged-out`)
    const back = `/.balustrade/logged-out?state=${url.searchParams.get('state') ?? ''}`
    expect((await browser.go(back)).status).toBe(200)
    expect((await stage.browser().go(back)).status).toBe(400)
    expect((await browser.go('/.balustrade/logged-out?state=x')).status).toBe(400)
    clock.advance(600_001)
    expect((await browser.go(back)).status).toBe(400)
  })

  test.each([
    { note: 'a page of another site', headers: { origin: 'https://evil.example' } },
    { note: 'a page of another host of the site', headers: { origin: 'https://www.example.com' } },
    { note: 'a page that hides where it is', headers: { origin: 'null' } },
    { note: 'nobody who says', headers: {} },
    { note: 'a browser that says another site', headers: { 'sec-fetch-site': 'same-site' } },
  ])('not by $note', async ({ headers }) => {
    const browser = await logIn()
    const answer = await browser.go('/.balustrade/logout', { method: 'POST', headers: headers as Record<string, string> })
    expect([answer.status, await isIn(browser)]).toEqual([403, true])
  })

  test('here alone where the provider has no place for it, or is away', async () => {
    const leave = async () => {
      clock.advance(90_000_000)
      return (await logIn()).go('/.balustrade/logout', { method: 'POST', headers: SAME_ORIGIN })
    }
    provider.script.metadata = { end_session_endpoint: undefined }
    expect(headerOf(await leave(), 'refresh')).toEqual([])
    provider.script.metadata = { end_session_endpoint: 'javascript:alert(1)' }
    expect(headerOf(await leave(), 'refresh')).toEqual([])
  })

  test('without a session', async () => {
    expect((await stage.browser().go('/.balustrade/logout', { method: 'POST', headers: SAME_ORIGIN })).status).toBe(200)
  })
})

describe('the provider signs a person out, behind the browser', () => {
  const send = (token: string) =>
    stage
      .browser()
      .go('/.balustrade/backchannel-logout', { method: 'POST', body: new URLSearchParams({ logout_token: token }).toString() })

  test('of one session, or of all of a person', async () => {
    const [first, second, other] = [await logIn('ada', 's1'), await logIn('ada', 's2'), await logIn('bob', 's3')]
    const answer = await send(provider.logoutToken({ sid: 's1' }))
    expect([answer.status, headerOf(answer, 'cache-control')]).toEqual([200, ['no-store']])
    expect([await isIn(first), await isIn(second), await isIn(other)]).toEqual([false, true, true])
    expect((await send(provider.logoutToken({ sid: undefined }))).status).toBe(200)
    expect([await isIn(second), await isIn(other)]).toEqual([false, true])
    expect((await send(provider.logoutToken({ sid: 'nobody' }))).status).toBe(200)
  })

  const seconds = (): number => Math.floor(clock.now() / 1_000)
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
  const cases: readonly {
    readonly note: string
    readonly claims?: () => Claims
    readonly header?: Claims
    readonly code: string
  }[] = [
    { note: 'another issuer', claims: () => ({ iss: 'https://evil.example' }), code: 'issuer' },
    { note: 'another audience', claims: () => ({ aud: 'other' }), code: 'audience' },
    { note: 'no audience', claims: () => ({ aud: undefined }), code: 'audience' },
    { note: 'no end', claims: () => ({ exp: undefined }), code: 'time' },
    { note: 'an end that is past', claims: () => ({ exp: seconds() }), code: 'time' },
    { note: 'an end of next year', claims: () => ({ exp: seconds() + 31_536_000 }), code: 'time' },
    { note: 'no beginning', claims: () => ({ iat: undefined }), code: 'time' },
    { note: 'of the future', claims: () => ({ iat: seconds() + 60, exp: seconds() + 120 }), code: 'time' },
    { note: 'no events', claims: () => ({ events: undefined }), code: 'event' },
    { note: 'events as a list', claims: () => ({ events: [EVENT] }), code: 'event' },
    { note: 'an event that is no object', claims: () => ({ events: { [EVENT]: true } }), code: 'event' },
    { note: 'another event', claims: () => ({ events: { 'http://schemas.openid.net/event/other': {} } }), code: 'event' },
    { note: 'a nonce', claims: () => ({ nonce: 'n' }), code: 'event' },
    { note: 'no id', claims: () => ({ jti: undefined }), code: 'subject' },
    { note: 'neither session nor person', claims: () => ({ sid: undefined, sub: undefined }), code: 'subject' },
    { note: 'a session that is a number', claims: () => ({ sid: 7 }), code: 'subject' },
    { note: 'the type of an ID token', header: { typ: 'JWT' }, code: 'type' },
    { note: 'no type', header: { typ: undefined }, code: 'type' },
    { note: 'no signature', header: { alg: 'none' }, code: 'algorithm' },
    { note: 'another algorithm', header: { alg: 'HS256' }, code: 'algorithm' },
  ]
  test.each(cases)('refused: $note', async ({ claims, header, code }) => {
    const browser = await logIn()
    const answer = await send(provider.logoutToken(claims?.(), header))
    expect([answer.status, stage.failures(), await isIn(browser)]).toEqual([400, [`logout.token_${code}`], true])
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' })
    expect(headerOf(answer, 'cache-control')).toEqual(['no-store'])
  })

  test('refused: by another key, twice, none, two, or a body that is too long', async () => {
    const browser = await logIn()
    provider.script.signedBy = makeSigningKey('ES256', 'k1')
    expect((await send(provider.logoutToken())).status).toBe(400)
    provider.script.signedBy = null
    const body = (text: string) => stage.browser().go('/.balustrade/backchannel-logout', { method: 'POST', body: text })
    for (const text of ['', 'logout_token=a&logout_token=b', `logout_token=${'a'.repeat(20_000)}`, 'logout_token=a.b.c'])
      expect((await body(text)).status).toBe(400)
    expect(await isIn(browser)).toBe(true)
    const token = provider.logoutToken()
    expect([(await send(token)).status, (await send(token)).status]).toEqual([200, 400])
    expect(stage.failures().at(-1)).toBe('logout.token_used')
  })
})

describe('the provider signs a person out, through a frame', () => {
  const front = (query: string) => stage.browser().go(`/.balustrade/frontchannel-logout?${query}`)

  test('by issuer and session, both', async () => {
    const browser = await logIn('ada', 'front')
    const iss = `iss=${encodeURIComponent(provider.issuer)}`
    for (const query of ['', iss, 'sid=front', `${iss}%2F&sid=front`, `${iss}&sid=`, `${iss}&sid=front&sid=front`])
      expect((await front(query)).status).toBe(400)
    expect(await isIn(browser)).toBe(true)
    expect((await front(`${iss}&sid=front`)).status).toBe(200)
    expect(await isIn(browser)).toBe(false)
  })
})

describe('without a store', () => {
  test('the browser is signed out all the same, and told that it may not be so elsewhere', async () => {
    const own = await openLoginStage({ providers: { corp: provider.entry() }, clock })
    const browser = own.browser()
    await browser.go(provider.logIn(locationOf(await browser.go(own.startAt(browser, '/')))))
    await own.store.close()
    const left = await browser.go('/.balustrade/logout', { method: 'POST', headers: SAME_ORIGIN })
    expect([left.status, browser.cookies.has(SESSION), own.failures()]).toEqual([503, false, ['logout.unavailable']])
    const body = new URLSearchParams({ logout_token: provider.logoutToken() }).toString()
    const told = await browser.go('/.balustrade/backchannel-logout', { method: 'POST', body })
    expect([told.status, JSON.parse(told.body)]).toEqual([503, expect.objectContaining({ error: 'temporarily_unavailable' })])
    const iss = encodeURIComponent(provider.issuer)
    expect((await browser.go(`/.balustrade/frontchannel-logout?iss=${iss}&sid=s1`)).status).toBe(503)
    await own.close()
  })
})
