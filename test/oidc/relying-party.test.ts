// What a relying party must do, module by module of the certification plans for one that uses the code flow: basic, config, refresh,
// RP-initiated logout, back-channel logout. The provider misbehaves as the summary of each module says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSigningKey } from '../support/issuer.ts'
import type { Shown } from './browser.ts'
import type { Mischief } from './hostile-provider.ts'
import { describePlans } from './plans.ts'
import { CLIENT_ID, CLIENT_SECRET, openStage, type Stage } from './relying-party.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ client: 'userinfo: true, scopes: [profile, email]' })
}, 30_000)
afterAll(() => stage.close())

const login = async (mischief: Mischief = {}): Promise<Shown> => {
  stage.provider.behave(mischief)
  const shown = await stage.browser().go(`${stage.origin}/`)
  stage.provider.behave({})
  return shown
}

const failures = async () => (await stage.authentications()).filter(({ outcome }) => outcome === 'failed').map(({ code }) => code)

/** A login that must come to nothing: no session, nothing served, one page that says so, one record that says why. */
const refused = async (mischief: Mischief, code: string | RegExp): Promise<void> => {
  const before = stage.served.length
  const known = (await failures()).length
  const shown = await login(mischief)
  expect(shown.status).toBeGreaterThanOrEqual(400)
  expect(stage.served.length).toBe(before)
  // Records are written in groups, a few ms after the answer.
  await expect
    .poll(async () => (await failures()).slice(known))
    .toEqual([typeof code === 'string' ? code : expect.stringMatching(code)])
}

const accepted = async (mischief: Mischief = {}): Promise<void> => {
  const shown = await login(mischief)
  expect(shown.body).toContain('served / for op/alice')
}

const other = { ...makeSigningKey('RS256', 'other').jwk }

/** Every module of the five plans: a way to see it passed. */
const BASIC: Readonly<Record<string, () => Promise<void>>> = {
  OIDCCClientTest: () => accepted(),
  OIDCCClientAuthType: async () => {
    await accepted()
    const { authorization, form } = stage.provider.at('/token').at(-1) as {
      authorization: string | null
      form: Record<string, string>
    }
    // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
    const basic = Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    const [id = '', secret = ''] = basic.split(':').map(decodeURIComponent)
    expect(form['client_secret'] === CLIENT_SECRET || (id === CLIENT_ID && secret === CLIENT_SECRET)).toBe(true)
  },
  OIDCCClientTestClientSecretBasic: async () => {
    await accepted({ discovery: (all) => ({ ...all, token_endpoint_auth_methods_supported: ['client_secret_basic'] }) })
    expect(stage.provider.at('/token').at(-1)?.authorization).toMatch(/^Basic /)
  },
  OIDCCClientTestIdTokenSigAlgNone: () => refused({ signedBy: 'none' }, /^login\.token_/),
  OIDCCClientTestIdTokenSignedUsingRS256: () => accepted(),
  OIDCCClientTestInvalidAudInIdToken: () =>
    refused({ idToken: (all) => ({ ...all, aud: 'somebody-else' }) }, 'login.token_audience'),
  OIDCCClientTestInvalidIdTokenSignatureWithRS256: () => refused({ signedBy: 'stranger' }, 'login.token_signature'),
  OIDCCClientTestInvalidIssuerInIdToken: () =>
    refused({ idToken: (all) => ({ ...all, iss: 'https://evil.example' }) }, 'login.token_issuer'),
  OIDCCClientTestInvalidSubInUserinfoResponse: () =>
    refused({ userinfo: (all) => ({ ...all, sub: 'mallory' }) }, 'login.userinfo'),
  OIDCCClientTestKidAbsentMultipleMatchingKeysInJwks: async () => {
    // Both are allowed: to try every key, or to refuse. What is not allowed is to believe a key that did not sign.
    const shown = await login({ idTokenHeader: (all) => ({ ...all, kid: undefined }), keySet: (keys) => [other, ...keys] })
    expect([200, 502]).toContain(shown.status)
    await refused(
      { idTokenHeader: (all) => ({ ...all, kid: undefined }), keySet: (keys) => [other, ...keys], signedBy: 'stranger' },
      /^login\./,
    )
  },
  OIDCCClientTestKidAbsentSingleJwks: () => accepted({ idTokenHeader: (all) => ({ ...all, kid: undefined }) }),
  OIDCCClientTestMissingIatInIdToken: () => refused({ idToken: (all) => ({ ...all, iat: undefined }) }, /^login\.token_/),
  OIDCCClientTestMissingSubInIdToken: () => refused({ idToken: (all) => ({ ...all, sub: undefined }) }, 'login.token_subject'),
  OIDCCClientTestNonceInvalid: () => refused({ idToken: (all) => ({ ...all, nonce: 'another' }) }, 'login.token_nonce'),
  OIDCCClientTestScopeUserInfoClaims: async () => {
    await accepted()
    expect(stage.provider.at('/authorize').at(-1)?.query['scope']?.split(' ').sort()).toEqual(['email', 'openid', 'profile'])
    expect(stage.provider.at('/userinfo').length).toBeGreaterThan(0)
  },
  // The conformance suite skips this one for a client that sends the header, which RFC 6750 section 2.1 requires of servers to accept.
  OIDCCClientTestUserinfoBearerBody: async () => expect(stage.provider.at('/userinfo').at(-1)?.form).toEqual({}),
  OIDCCClientTestUserinfoBearerHeader: async () => {
    await accepted()
    expect(stage.provider.at('/userinfo').at(-1)?.authorization).toMatch(/^Bearer [!-~]+$/)
  },
}

/** On a stage of its own each: what was discovered is kept. */
const alone = async (mischief: Mischief, act: (own: Stage) => Promise<void>): Promise<void> => {
  const own = await openStage()
  own.provider.behave(mischief)
  await act(own)
  await own.close()
}

const CONFIG: Readonly<Record<string, () => Promise<void>>> = {
  OIDCCClientTestDiscoveryIssuerMismatch: () =>
    alone({ discovery: (all) => ({ ...all, issuer: 'https://evil.example' }) }, async (own) => {
      expect((await own.browser().go(`${own.origin}/`)).status).toBe(503)
      expect(own.provider.at('/authorize')).toEqual([])
    }),
  OIDCCClientTestDiscoveryJwksUriKeys: () =>
    alone({}, async (own) => {
      await own.loggedIn()
      expect(own.provider.at('/jwks').length).toBeGreaterThan(0)
    }),
  OIDCCClientTestDiscoveryOpenIDConfiguration: () =>
    alone({}, async (own) => {
      await own.loggedIn()
      expect(own.provider.at('/.well-known/openid-configuration').length).toBeGreaterThan(0)
    }),
  OIDCCClientTestIdTokenSigAlgNone: () => BASIC['OIDCCClientTestIdTokenSigAlgNone']?.() ?? Promise.reject(new Error('missing')),
  OIDCCClientTestSigningKeyRotation: () =>
    alone({}, async (own) => {
      await own.loggedIn()
      own.provider.rotate()
      await own.loggedIn()
    }),
  OIDCCClientTestSigningKeyRotationJustBeforeSigning: () =>
    alone({}, async (own) => {
      await own.loggedIn()
      own.provider.behave({ rotateBeforeSigning: true })
      await own.loggedIn()
    }),
}

describe('basic', () => test.each(Object.entries(BASIC))('%s', (_module, run) => run(), 20_000))
describe('config', () => test.each(Object.entries(CONFIG))('%s', (_module, run) => run(), 20_000))

describePlans({
  'oidcc-client-basic-certification-test-plan': BASIC,
  'oidcc-client-config-certification-test-plan': CONFIG,
})
