import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createVisitor,
  faultOf,
  headingOf,
  type ProviderUnderTest,
  startProviderUnderTest,
  type Visitor,
} from '../../../../test/support/demo-provider.ts'

const MINUTE = 60_000
const seconds = () => Math.floor(Date.now() / 1_000)

let provider: ProviderUnderTest
let visitor: Visitor
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  provider = await startProviderUnderTest()
})
afterAll(async () => {
  await provider.close()
  vi.useRealTimers()
})
// Every test has a minute of its own, so that none finds the codes of another used up.
beforeEach(() => {
  visitor = createVisitor(provider)
})
afterEach(() => void vi.setSystemTime(Date.now() + 2 * MINUTE))

const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms)
const enterCode = (shown: Parameters<Visitor['answer']>[0], name: string) =>
  visitor.answer(shown, { do: 'code', code: provider.code(name) })

describe('a login with a password', () => {
  test('gives the application who it is, how and when that was proved, and the groups', async () => {
    const page = await visitor.ask()
    expect({ status: page.status, heading: headingOf(page) }).toEqual({ status: 200, heading: 'Sign in' })
    const back = await visitor.password(page, 'mia')
    expect(new URL(back.url).searchParams.get('iss')).toBe(provider.issuer)
    expect(await visitor.claims(back)).toMatchObject({
      iss: provider.issuer,
      sub: 'mia',
      aud: 'balustrade',
      nonce: 'nonce',
      groups: ['members'],
      acr: 'password',
      amr: ['pwd'],
      auth_time: seconds(),
      sid: expect.any(String),
    })
  })

  test('a wrong password and an unknown name are told the same', async () => {
    const page = await visitor.ask()
    const [wrong, unknown] = [await visitor.password(page, 'gus', 'wrong'), await visitor.password(page, 'nobody', 'wrong')]
    expect(wrong.status).toBe(422)
    expect(faultOf(wrong)).toBe('This name and password do not belong together.')
    expect(unknown.body.replaceAll('nobody', 'gus')).toBe(wrong.body)
  })

  test.each([
    { note: 'no fields', fields: { do: 'password' } },
    { note: 'an empty password', fields: { do: 'password', name: 'uma', password: '' } },
    { note: 'a name of Object.prototype', fields: { do: 'password', name: '__proto__', password: '' } },
    { note: 'a code where none is asked for', fields: { do: 'code', name: 'uma', code: '000000' } },
    { note: 'an end nobody came to', fields: { do: 'done' } },
    { note: 'a passkey where none is asked for', fields: { do: 'passkey', response: '{}' } },
  ] as readonly { readonly note: string; readonly fields: Readonly<Record<string, string>> }[])(
    'nobody is logged in by $note',
    async ({ fields }) => {
      const after = await visitor.answer(await visitor.ask(), fields)
      expect(headingOf(after)).toBe('Sign in')
      expect(new URL(after.url).origin).toBe(provider.issuer)
    },
  )

  test('is slowed down after five attempts, the right password included', async () => {
    const page = await visitor.ask()
    const statuses: number[] = []
    for (let count = 0; count < 6; count++) statuses.push((await visitor.password(page, 'guess', 'wrong')).status)
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429])
  })

  test('a form from a page of somebody else is not looked at', async () => {
    const page = await visitor.ask()
    const fields = new URLSearchParams({ do: 'password', name: 'mia', password: provider.account('mia').password })
    expect((await visitor.browser.submit(page.url, fields.toString(), 'http://evil.example')).status).toBe(403)
  })

  test('a form that is too long is refused', async () => {
    const page = await visitor.ask()
    expect((await visitor.answer(page, { do: 'password', name: 'mia', password: 'x'.repeat(40_000) })).status).toBe(413)
  })

  test('another browser cannot go on with it, and nobody after ten minutes', async () => {
    const page = await visitor.ask()
    const stranger = createVisitor(provider)
    expect(headingOf(await stranger.password(page, 'mia'))).toBe('This sign-in is over')
    pass(10 * MINUTE)
    expect(headingOf(await visitor.password(page, 'mia'))).toBe('This sign-in is over')
  })

  test('who cancels is sent back with an error', async () => {
    const back = await visitor.answer(await visitor.ask(), { do: 'cancel' })
    expect(Object.fromEntries(new URL(back.url).searchParams)).toMatchObject({ error: 'access_denied', state: 'state' })
  })
})

describe('a login with a code', () => {
  test('asks for the password first, then for the code', async () => {
    const code = await visitor.password(await visitor.ask({ acr_values: 'otp passkey' }), 'mia')
    expect(headingOf(code)).toBe('Enter a code')
    expect(await visitor.claims(await enterCode(code, 'mia'))).toMatchObject({
      sub: 'mia',
      acr: 'otp',
      amr: ['pwd', 'otp', 'mfa'],
    })
  })

  test.each([
    { note: 'a wrong code', offset: 20 * MINUTE, passes: false },
    { note: 'the code of the step before', offset: -30_000, passes: true },
    { note: 'a code of two steps before', offset: -60_000, passes: false },
  ])('$note', async ({ offset, passes }) => {
    const page = await visitor.password(await visitor.ask({ acr_values: 'otp' }), 'uma')
    const after = await visitor.answer(page, { do: 'code', code: provider.code('uma', Date.now() + offset) })
    expect(new URL(after.url).origin === provider.origin).toBe(passes)
    if (!passes) expect(faultOf(after)).toContain('This code is wrong, too old or used already.')
  })

  test('takes each code once, also when two browsers send it at the same time', async () => {
    const second = createVisitor(provider)
    const pages = await Promise.all(
      [visitor, second].map(async (each) => each.password(await each.ask({ acr_values: 'otp' }), 'mia')),
    )
    const fields = { do: 'code', code: provider.code('mia') }
    const after = await Promise.all([visitor, second].map((each, index) => each.answer(pages[index] as never, fields)))
    expect(after.map(({ url }) => new URL(url).origin === provider.origin).filter(Boolean)).toHaveLength(1)
    const third = createVisitor(provider)
    const replayed = await third.answer(await third.password(await third.ask({ acr_values: 'otp' }), 'mia'), fields)
    expect(headingOf(replayed)).toBe('Enter a code')
  })

  test('is slowed down after five attempts', async () => {
    const page = await visitor.password(await visitor.ask({ acr_values: 'otp' }), 'gus')
    const statuses: number[] = []
    for (let count = 0; count < 6; count++) statuses.push((await visitor.answer(page, { do: 'code', code: '000000' })).status)
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429])
  })
})

describe('a second login in the session of the provider', () => {
  beforeEach(async () => {
    await visitor.password(await visitor.ask(), 'ada')
    pass(5 * MINUTE)
  })

  test('asks nothing when nothing is missing, and tells when it was proved', async () => {
    expect(await visitor.claims(await visitor.ask())).toMatchObject({ acr: 'password', auth_time: seconds() - 300 })
    expect(await visitor.claims(await visitor.ask({ acr_values: 'password otp' }))).toMatchObject({ acr: 'password' })
  })

  test('asks only for the code when that is missing, and dates the new proof', async () => {
    const page = await visitor.ask({ acr_values: 'otp passkey', max_age: '900' })
    expect(headingOf(page)).toBe('Enter a code')
    expect(page.body).toContain('<strong>ada</strong>')
    expect(await visitor.claims(await enterCode(page, 'ada'))).toMatchObject({ sub: 'ada', acr: 'otp', auth_time: seconds() })
  })

  test('asks for the password when it is older than max_age, and only then', async () => {
    expect(new URL((await visitor.ask({ max_age: '300' })).url).origin).toBe(provider.origin)
    const page = await visitor.ask({ max_age: '299' })
    expect(headingOf(page)).toBe('Sign in')
    expect(await visitor.claims(await visitor.password(page, 'ada'))).toMatchObject({ acr: 'password', auth_time: seconds() })
  })

  test('a fresh password never makes an older code look fresh', async () => {
    await enterCode(await visitor.ask({ acr_values: 'otp' }), 'ada')
    pass(20 * MINUTE)
    await visitor.password(await visitor.ask({ max_age: '60' }), 'ada')
    expect(headingOf(await visitor.ask({ acr_values: 'otp', max_age: '900' }))).toBe('Enter a code')
  })

  test('prompt=login asks for everything again', async () => {
    const page = await visitor.ask({ prompt: 'login', acr_values: 'otp' })
    expect(headingOf(page)).toBe('Sign in')
    expect(headingOf(await visitor.password(page, 'ada'))).toBe('Enter a code')
  })

  test('prompt=none is refused when something is missing', async () => {
    const { searchParams } = new URL((await visitor.ask({ prompt: 'none', acr_values: 'otp' })).url)
    expect(searchParams.get('error')).toBe('login_required')
    expect(new URL((await visitor.ask({ prompt: 'none' })).url).searchParams.get('code')).not.toBeNull()
  })

  test('another account begins anew: the session counts for nothing', async () => {
    const page = await visitor.ask({ acr_values: 'otp' })
    const left = await visitor.answer(page, { do: 'leave' })
    expect(headingOf(left)).toBe('Sign in')
    expect(headingOf(await visitor.password(left, 'ada'))).toBe('Enter a code')
  })

  test('a first passkey takes a code, and the password unless that was given a moment ago', async () => {
    expect(headingOf(await visitor.ask({ acr_values: 'passkey' }))).toBe('Enter a code')
    pass(1_000)
    const page = await visitor.ask({ acr_values: 'passkey' })
    expect(headingOf(page)).toBe('Sign in')
    const code = await visitor.password(page, 'ada')
    expect(headingOf(code)).toBe('Enter a code')
    expect(headingOf(await enterCode(code, 'ada'))).toBe('Create a passkey')
  })
})

describe('what comes after', () => {
  test('the application refreshes, with claims and the old time of proof; each refresh token once', async () => {
    const tokens = await visitor.tokens(await visitor.password(await visitor.ask(), 'mia'))
    pass(MINUTE)
    const refresh = () => provider.token({ grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) })
    const fresh = await refresh()
    expect(fresh).toMatchObject({ id_token: expect.any(String), refresh_token: expect.any(String) })
    expect(decodeJwt(String(fresh['id_token']))).toMatchObject({
      acr: 'password',
      auth_time: seconds() - 60,
      groups: ['members'],
    })
    expect(fresh['refresh_token']).not.toBe(tokens['refresh_token'])
    expect(await refresh()).toMatchObject({ error: 'invalid_grant' })
  })

  test('userinfo tells the groups', async () => {
    const { access_token: token } = await visitor.tokens(await visitor.password(await visitor.ask(), 'uma'))
    const answer = await fetch(`${provider.issuer}/me`, { headers: { authorization: `Bearer ${String(token)}` } })
    expect(await answer.json()).toMatchObject({ sub: 'uma', groups: ['members', 'administrators'], name: 'Uma Utmost' })
  })

  test('a code of an application is good once', async () => {
    const back = await visitor.password(await visitor.ask(), 'mia')
    expect(await visitor.tokens(back)).toHaveProperty('id_token')
    expect(await visitor.tokens(back)).toMatchObject({ error: 'invalid_grant' })
  })

  test.each([
    { note: 'signing out', choice: { logout: 'yes' }, heading: 'Sign in' },
    { note: 'staying signed in here', choice: {} as Readonly<Record<string, string>>, heading: '' },
  ])('a logout that the application began asks, tells the application, and returns: $note', async ({ choice, heading }) => {
    const { id_token: hint } = await visitor.tokens(await visitor.password(await visitor.ask(), 'mia'))
    const target = `${provider.origin}/.balustrade/logged-out`
    const words = new URLSearchParams({ id_token_hint: String(hint), post_logout_redirect_uri: target, state: 'later' })
    const page = await visitor.browser.go(`${provider.issuer}/session/end?${words.toString()}`)
    expect(headingOf(page)).toBe('Sign out')
    const action = /action="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const told = provider.logouts.length
    const fields = new URLSearchParams({ xsrf, ...choice }).toString()
    const back = await visitor.browser.submit(action, fields, provider.issuer)
    expect(back.url).toBe(`${target}?state=later`)
    expect(provider.logouts.slice(told)).toEqual([expect.objectContaining({ sub: 'mia', sid: expect.any(String) })])
    expect(headingOf(await visitor.ask())).toBe(heading)
  })

  test('a logout without the form of the page does nothing', async () => {
    await visitor.password(await visitor.ask(), 'mia')
    await visitor.browser.submit(`${provider.issuer}/session/end/confirm`, 'logout=yes', provider.issuer)
    expect(new URL((await visitor.ask()).url).origin).toBe(provider.origin)
  })

  test('a failure is told on a page', async () => {
    const page = await visitor.ask({ redirect_uri: 'http://evil.example/' })
    expect({ status: page.status, heading: headingOf(page) }).toEqual({ status: 400, heading: 'This did not work' })
  })

  test('cookies are no cookies of the gateway, and no script can read them', async () => {
    const page = await visitor.browser.go(`${provider.issuer}/auth?client_id=balustrade`, { redirects: 0 })
    for (const line of page.headers['set-cookie'] ?? []) expect(line).toMatch(/; httponly/i)
    await visitor.password(await visitor.ask(), 'mia')
    expect([...visitor.browser.cookies.keys()].every((name) => name.startsWith('demo-provider'))).toBe(true)
  })
})
