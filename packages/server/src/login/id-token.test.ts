import type { Remedy } from '@balustrade/core/kit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Claims, makeSigningKey, type SigningKey } from '../../../../test/support/issuer.ts'
import { locationOf } from '../../../../test/support/login-browser.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { createTestClock, type LoginStage, openLoginStage } from '../../../../test/support/login-stage.ts'

const clock = createTestClock()
let provider: ScriptedProvider
let stage: LoginStage
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
  stage = await openLoginStage({ providers: { corp: provider.entry() }, clock, client: { userinfo: true } })
})
beforeEach(() => {
  stage.records.length = 0
  Object.assign(provider.script, { idToken: {}, header: {}, signedBy: null, userinfo: {}, tokens: {} })
})
afterAll(async () => {
  await stage.close()
  await provider.close()
})

const LOGIN: Remedy = { login: { maxAge: null } }

/** How a login ends: where the browser goes, or the code of the failure. */
const outcomeOf = async (remedy = LOGIN): Promise<string> => {
  const browser = stage.browser()
  const begun = await browser.go(stage.startAt(browser, '/orders', { remedy }))
  const back = await browser.go(provider.logIn(locationOf(begun)))
  expect(browser.cookies.has('__Host-balustrade')).toBe(back.status === 303)
  return back.status === 303 ? locationOf(back) : (stage.failures().at(-1) ?? '')
}

const seconds = (): number => Math.floor(clock.now() / 1_000)
const other: SigningKey = makeSigningKey('ES256', 'k1')
const rsa: SigningKey = makeSigningKey('RS256', 'k1')

describe('must pass', () => {
  const cases: readonly { readonly note: string; readonly claims: () => Claims }[] = [
    { note: 'as usual', claims: () => ({}) },
    { note: 'the audience as a list of one', claims: () => ({ aud: ['gateway'] }) },
    { note: 'azp that is us', claims: () => ({ azp: 'gateway' }) },
    { note: 'no at_hash, which is optional here', claims: () => ({ at_hash: undefined }) },
    { note: 'no sid', claims: () => ({ sid: undefined }) },
    { note: 'a clock that is a little ahead', claims: () => ({ iat: seconds() + 20 }) },
    { note: 'claims nobody knows', claims: () => ({ roles: { a: 1 }, exp_note: 'x' }) },
  ]
  test.each(cases)('$note', async ({ claims }) => {
    provider.script.idToken = claims()
    expect(await outcomeOf()).toBe('/orders')
  })

  test('without a type, and with the full name of it', async () => {
    for (const typ of [undefined, 'jwt', 'application/JWT']) {
      provider.script.header = { typ }
      expect(await outcomeOf()).toBe('/orders')
    }
  })
})

describe('refused', () => {
  const cases: readonly { readonly note: string; readonly claims: () => Claims; readonly code: string }[] = [
    { note: 'another issuer', claims: () => ({ iss: 'http://127.0.0.1:1' }), code: 'login.token_issuer' },
    { note: 'a slash more', claims: () => ({ iss: `${provider.issuer}/` }), code: 'login.token_issuer' },
    { note: 'no issuer', claims: () => ({ iss: undefined }), code: 'login.token_issuer' },
    { note: 'another audience', claims: () => ({ aud: 'somebody' }), code: 'login.token_audience' },
    { note: 'no audience', claims: () => ({ aud: undefined }), code: 'login.token_audience' },
    { note: 'a second audience', claims: () => ({ aud: ['gateway', 'somebody'] }), code: 'login.token_audience' },
    { note: 'a list within the audience', claims: () => ({ aud: [['gateway']] }), code: 'login.token_audience' },
    { note: 'presented by another client', claims: () => ({ azp: 'somebody' }), code: 'login.token_audience' },
    { note: 'expired', claims: () => ({ exp: seconds() - 1 }), code: 'login.token_time' },
    { note: 'no end', claims: () => ({ exp: undefined }), code: 'login.token_time' },
    { note: 'an end in quotes', claims: () => ({ exp: String(seconds() + 60) }), code: 'login.token_time' },
    { note: 'no beginning', claims: () => ({ iat: undefined }), code: 'login.token_time' },
    { note: 'of the future', claims: () => ({ iat: seconds() + 60 }), code: 'login.token_time' },
    { note: 'not good yet', claims: () => ({ nbf: seconds() + 60 }), code: 'login.token_time' },
    { note: 'of an hour ago', claims: () => ({ iat: seconds() - 3_600 }), code: 'login.token_time' },
    { note: 'another nonce', claims: () => ({ nonce: 'other' }), code: 'login.token_nonce' },
    { note: 'no nonce', claims: () => ({ nonce: undefined }), code: 'login.token_nonce' },
    { note: 'the nonce in a list', claims: () => ({ nonce: [] }), code: 'login.token_nonce' },
    { note: 'of another access token', claims: () => ({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }), code: 'login.token_hash' },
    { note: 'an at_hash of nothing', claims: () => ({ at_hash: '' }), code: 'login.token_hash' },
    { note: 'no subject', claims: () => ({ sub: undefined }), code: 'login.token_subject' },
    { note: 'an empty subject', claims: () => ({ sub: '' }), code: 'login.token_subject' },
    { note: 'a subject that is a number', claims: () => ({ sub: 7 }), code: 'login.token_subject' },
    { note: 'a subject with a line end', claims: () => ({ sub: 'ada\nroot' }), code: 'login.token_subject' },
    { note: 'a session that is a number', claims: () => ({ sid: 7 }), code: 'login.token_subject' },
  ]
  test.each(cases)('$note', async ({ claims, code }) => {
    provider.script.idToken = claims()
    expect(await outcomeOf()).toBe(code)
  })

  const headers: readonly { readonly note: string; readonly header: Claims; readonly by?: SigningKey; readonly code: string }[] =
    [
      { note: 'by another key under the same name', header: {}, by: other, code: 'login.token_signature' },
      { note: 'by an algorithm that is not declared', header: {}, by: rsa, code: 'login.token_algorithm' },
      { note: 'by none', header: { alg: 'none' }, code: 'login.token_algorithm' },
      { note: 'by an HMAC', header: { alg: 'HS256' }, code: 'login.token_algorithm' },
      { note: 'by a key that is not published', header: { kid: 'k2' }, code: 'login.token_signature' },
      { note: 'an access token', header: { typ: 'at+jwt' }, code: 'login.token_malformed' },
      { note: 'a logout token', header: { typ: 'logout+jwt' }, code: 'login.token_malformed' },
      { note: 'a key of its own', header: { jwk: other.jwk }, code: 'login.token_malformed' },
      { note: 'an extension', header: { crit: ['exp'], exp: 1 }, code: 'login.token_malformed' },
    ]
  test.each(headers)('$note', async ({ header, by, code }) => {
    provider.script.header = header
    provider.script.signedBy = by ?? null
    expect(await outcomeOf()).toBe(code)
  })

  const answers: readonly { readonly note: string; readonly tokens: Claims; readonly code: string }[] = [
    { note: 'no ID token', tokens: { id_token: undefined }, code: 'login.token_malformed' },
    { note: 'an ID token that is none', tokens: { id_token: 'a.b' }, code: 'login.token_malformed' },
    { note: 'an ID token that is no text', tokens: { id_token: { sub: 'ada' } }, code: 'login.token_malformed' },
    { note: 'no access token', tokens: { access_token: undefined }, code: 'login.provider_fault' },
    { note: 'a token of another type', tokens: { token_type: 'mac' }, code: 'login.provider_fault' },
  ]
  test.each(answers)('$note', async ({ tokens, code }) => {
    provider.script.tokens = tokens
    expect(await outcomeOf()).toBe(code)
  })

  test('UserInfo of somebody else, or of nobody', async () => {
    for (const sub of ['bob', undefined, 7]) {
      provider.script.userinfo = { sub }
      expect(await outcomeOf()).toBe('login.userinfo')
    }
  })
})

describe('what was asked for and did not come', () => {
  const stepUp: Remedy = { stepUp: { level: 'phishing-resistant', maxAge: 60_000 } }
  const fresh: Remedy = { login: { maxAge: 0 } }

  test('must pass: what was asked for', async () => {
    provider.script.idToken = { acr: 'passkey' }
    expect(await outcomeOf(stepUp)).toBe('/orders')
    expect(provider.asked.at(-1)?.get('acr_values')).toBe('passkey')
    expect(provider.asked.at(-1)?.get('max_age')).toBe('30')
    expect(provider.asked.at(-1)?.has('prompt')).toBe(false)
    expect(await outcomeOf(fresh)).toBe('/orders')
    expect([provider.asked.at(-1)?.get('max_age'), provider.asked.at(-1)?.get('prompt')]).toEqual(['0', 'login'])
  })

  const cases: readonly { readonly note: string; readonly claims: () => Claims; readonly remedy: Remedy }[] = [
    { note: 'no acr', claims: () => ({}), remedy: stepUp },
    { note: 'a weaker acr', claims: () => ({ acr: 'otp' }), remedy: stepUp },
    { note: 'no auth_time', claims: () => ({ acr: 'passkey', auth_time: undefined }), remedy: stepUp },
    { note: 'a login of before', claims: () => ({ acr: 'passkey', auth_time: seconds() - 120 }), remedy: stepUp },
    { note: 'no auth_time of a fresh login', claims: () => ({ auth_time: undefined }), remedy: fresh },
    { note: 'a login that is not fresh', claims: () => ({ auth_time: seconds() - 60 }), remedy: fresh },
    { note: 'another class', claims: () => ({ acr: 'silver' }), remedy: { acr: ['gold'] } },
  ]
  test.each(cases)('$note ends in one refusal', async ({ claims, remedy }) => {
    provider.script.idToken = claims()
    expect(await outcomeOf(remedy)).toBe('login.not_enough')
    expect(stage.records.at(-1)).toMatchObject({ outcome: 'failed', who: { provider: 'corp', subject: 'ada' } })
  })
})
