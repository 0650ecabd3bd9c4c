// Logout as certified: RP-initiated (OpenID Connect RP-Initiated Logout 1.0) and back-channel (Back-Channel Logout 1.0), and refresh.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Shown } from './browser.ts'
import type { HostileProvider } from './hostile-provider.ts'
import { describePlans } from './plans.ts'
import { CLIENT_ID, openStage, type Stage } from './relying-party.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ client: 'scopes: [offline_access], refresh: { every: 1s }' })
}, 30_000)
afterAll(() => stage.close())

const isIn = async (browser: Browser): Promise<boolean> => (await browser.script(`${stage.origin}/`)).status === 200

const notify = (token: string): Promise<Response> =>
  fetch(`${stage.origin}/.balustrade/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
    signal: AbortSignal.timeout(5_000),
  })

type Told = Parameters<HostileProvider['logoutToken']>[0]

/** A logout token that must end nothing. */
const ignored = async (how: Told): Promise<void> => {
  const browser = await stage.loggedIn()
  const response = await notify(stage.provider.logoutToken(how))
  expect(response.status).toBe(400)
  expect(response.headers.get('cache-control')).toContain('no-store')
  expect(await response.json()).toMatchObject({ error: expect.any(String) as string })
  expect(await isIn(browser)).toBe(true)
}

const BACK_CHANNEL: Readonly<Record<string, () => Promise<void>>> = {
  OIDCCClientTestBackChannelLogout: async () => {
    const browser = await stage.loggedIn()
    const response = await notify(stage.provider.logoutToken())
    expect([200, 204]).toContain(response.status)
    expect(response.headers.get('cache-control')).toContain('no-store')
    expect(await isIn(browser)).toBe(false)
  },
  OIDCCClientTestBackChannelLogoutAlgNone: () => ignored({ signedBy: 'none' }),
  OIDCCClientTestBackChannelLogoutNoEvent: () => ignored({ claims: (all) => ({ ...all, events: undefined }) }),
  OIDCCClientTestBackChannelLogoutWithNonce: () => ignored({ claims: (all) => ({ ...all, nonce: 'n' }) }),
  OIDCCClientTestBackChannelLogoutWrongAlg: () => ignored({ header: (all) => ({ ...all, alg: 'HS256' }) }),
  OIDCCClientTestBackChannelLogoutWrongAud: () => ignored({ claims: (all) => ({ ...all, aud: 'somebody-else' }) }),
  OIDCCClientTestBackChannelLogoutWrongEvent: () =>
    ignored({ claims: (all) => ({ ...all, events: { 'http://schemas.openid.net/event/other': {} } }) }),
  OIDCCClientTestBackChannelLogoutWrongIssuer: () => ignored({ claims: (all) => ({ ...all, iss: 'https://evil.example' }) }),
}

describe('back-channel logout', () => {
  test.each(Object.entries(BACK_CHANNEL))('%s', (_module, run) => run(), 20_000)

  test.each<{ note: string; how: Told }>([
    {
      note: 'an ID token in its place',
      how: { header: (all) => ({ ...all, typ: 'JWT' }), claims: (all) => ({ ...all, events: undefined, nonce: 'n' }) },
    },
    { note: 'one that has expired', how: { claims: (all) => ({ ...all, exp: Math.floor(Date.now() / 1_000) - 120 }) } },
    { note: 'one without an id', how: { claims: (all) => ({ ...all, jti: undefined }) } },
    { note: 'one that names nobody', how: { claims: (all) => ({ ...all, sub: undefined, sid: undefined }) } },
    { note: 'one signed by nobody known', how: { signedBy: 'stranger' } },
    {
      note: 'an event that is no object',
      how: { claims: (all) => ({ ...all, events: { 'http://schemas.openid.net/event/backchannel-logout': true } }) },
    },
  ])('$note ends nothing', ({ how }) => ignored(how), 20_000)

  test('a token counts once', async () => {
    const token = stage.provider.logoutToken()
    expect([200, 204]).toContain((await notify(token)).status)
    const browser = await stage.loggedIn()
    expect((await notify(token)).status).toBe(400)
    expect(await isIn(browser)).toBe(true)
  }, 20_000)

  test('without a session of the provider, every session of the person ends', async () => {
    const [first, second] = [await stage.loggedIn(), await stage.loggedIn()]
    expect([200, 204]).toContain(
      (await notify(stage.provider.logoutToken({ claims: (all) => ({ ...all, sid: undefined }) }))).status,
    )
    expect([await isIn(first), await isIn(second)]).toEqual([false, false])
  }, 20_000)
})

/** The button of the page that asks, pressed; where the browser is sent then. */
const logOut = async (browser: Browser): Promise<{ readonly asked: Shown; readonly sent: URL | null }> => {
  const asked = await browser.go(`${stage.origin}/.balustrade/logout`)
  expect(asked.status).toBe(200)
  const before = stage.provider.at('/logout').length
  await browser.submit(`${stage.origin}/.balustrade/logout`, '')
  const seen = stage.provider.at('/logout')[before]
  return {
    asked,
    sent: seen === undefined ? null : new URL(`${stage.provider.issuer}/logout?${new URLSearchParams(seen.query).toString()}`),
  }
}

const RP_INITIATED: Readonly<Record<string, () => Promise<void>>> = {
  OIDCCClientTestRPInitLogout: async () => {
    const browser = await stage.loggedIn()
    const secret = browser.cookies.get('balustrade') as string
    const { sent } = await logOut(browser)
    expect(sent?.searchParams.get('post_logout_redirect_uri')).toBe(`${stage.origin}/.balustrade/logged-out`)
    expect(sent?.searchParams.get('id_token_hint') ?? sent?.searchParams.get('client_id')).toBeTruthy()
    const back = await browser.go(`${stage.origin}/.balustrade/logged-out?state=${sent?.searchParams.get('state') ?? ''}`)
    expect(back.status).toBe(200)
    expect(await isIn(browser)).toBe(false)
    browser.cookies.set('balustrade', secret)
    expect(await isIn(browser)).toBe(false)
  },
  OIDCCClientTestRPInitLogoutInvalidState: async () => {
    const browser = await stage.loggedIn()
    await logOut(browser)
    expect((await browser.go(`${stage.origin}/.balustrade/logged-out?state=another`)).status).toBe(400)
  },
  OIDCCClientTestRPInitLogoutNoState: async () => {
    const browser = await stage.loggedIn()
    await logOut(browser)
    expect((await browser.go(`${stage.origin}/.balustrade/logged-out`)).status).toBe(400)
  },
}

describe('RP-initiated logout', () => {
  test.each(Object.entries(RP_INITIATED))('%s', (_module, run) => run(), 20_000)

  test('a page of another site cannot log anybody out', async () => {
    const browser = await stage.loggedIn()
    expect((await browser.submit(`${stage.origin}/.balustrade/logout`, '', 'https://evil.example')).status).toBe(403)
    expect(await isIn(browser)).toBe(true)
  }, 20_000)
})

/** Uses a session until its claims were asked for anew. */
const untilRefreshed = async (browser: Browser): Promise<void> => {
  const before = stage.provider.at('/token').length
  const refreshes = () =>
    stage.provider
      .at('/token')
      .slice(before)
      .filter(({ form }) => form['grant_type'] === 'refresh_token').length
  const used = async () => {
    await browser.script(`${stage.origin}/`)
    return refreshes()
  }
  await expect.poll(used, { timeout: 8_000, interval: 200 }).toBeGreaterThan(0)
}

const ended = async (browser: Browser): Promise<void> => {
  await untilRefreshed(browser)
  await expect.poll(() => isIn(browser), { timeout: 5_000 }).toBe(false)
}

const REFRESH: Readonly<Record<string, () => Promise<void>>> = {
  OIDCCClientTestRefreshToken: async () => {
    const browser = await stage.loggedIn()
    await untilRefreshed(browser)
    expect(stage.provider.at('/token').at(-1)?.form).toMatchObject({ grant_type: 'refresh_token' })
    expect(await isIn(browser)).toBe(true)
  },
  OIDCCClientTestRefreshTokenInvalidIssuer: async () => {
    const browser = await stage.loggedIn()
    stage.provider.behave({ refreshed: (all) => ({ ...all, iss: 'https://evil.example' }) })
    await ended(browser)
    stage.provider.behave({})
  },
  OIDCCClientTestRefreshTokenInvalidSub: async () => {
    const browser = await stage.loggedIn()
    stage.provider.behave({ refreshed: (all) => ({ ...all, sub: 'mallory' }) })
    await ended(browser)
    stage.provider.behave({})
  },
}

describe('refresh', () => test.each(Object.entries(REFRESH))('%s', (_module, run) => run(), 30_000))

test('the client is the one that was registered', () => {
  expect(new Set(stage.provider.at('/authorize').map(({ query }) => query['client_id']))).toEqual(new Set([CLIENT_ID]))
})

describePlans({
  'oidcc-client-back-channel-logout-rp-basic': BACK_CHANNEL,
  'oidcc-client-rp-initiated-logout-rp-basic': RP_INITIATED,
  'oidcc-client-refreshtoken-test-plan': REFRESH,
})
