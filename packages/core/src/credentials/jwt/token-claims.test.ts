import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/strict-json.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import { isName, isPrintable } from '../../identity/claim-text.ts'
import { checkTokenClaims } from './token-claims.ts'

const NOW = 1_795_000_000_000
const iat = NOW / 1_000
const good = {
  iss: 'https://idp.example',
  sub: 'alice',
  aud: 'https://api.example',
  client_id: 'web',
  jti: 't1',
  iat,
  exp: iat + 300,
}
const provider = (profile: ProviderImage['profile']) => ({ profile, lifetime: 3_600_000 }) as ProviderImage

const check = (over: object, profile: ProviderImage['profile'] = 'rfc9068', audience = ['https://api.example', 'api']) => {
  const claims = Object.fromEntries(Object.entries({ ...good, ...over }).filter(([, value]) => value !== undefined))
  const checked = checkTokenClaims(claims as JsonObject, { provider: provider(profile), audience, now: NOW })
  return 'code' in checked ? checked.code : checked
}

describe('must pass', () => {
  test('every claim of RFC 9068 section 2.2', () => {
    expect(check({})).toEqual({
      subject: 'alice',
      client: 'web',
      actor: null,
      id: 't1',
      expiresAt: NOW + 300_000,
      goodFrom: NOW - 60_000,
      all: good,
    })
  })

  const cases: readonly { note: string; over: object; profile?: 'plain'; expected: object }[] = [
    { note: 'a list of audiences', over: { aud: ['x', 'api'] }, expected: {} },
    { note: 'ends in a millisecond', over: { exp: iat + 0.001 }, expected: { expiresAt: NOW + 1 } },
    { note: 'issued just within the leeway', over: { iat: iat + 60, exp: iat + 90 }, expected: { goodFrom: NOW } },
    { note: 'not before, just within the leeway', over: { nbf: iat + 60 }, expected: { goodFrom: NOW } },
    { note: 'not before an earlier time than issued', over: { nbf: iat - 60 }, expected: { goodFrom: NOW - 60_000 } },
    { note: 'as long-lived as the provider allows', over: { exp: iat + 3_600 }, expected: { expiresAt: NOW + 3_600_000 } },
    { note: 'an actor', over: { act: { sub: 'bot' } }, expected: { actor: 'bot' } },
    {
      note: 'an actor of the same issuer',
      over: { act: { sub: 'bot', iss: good.iss, act: { sub: 'before' } } },
      expected: { actor: 'bot' },
    },
    {
      note: 'plain without client and id',
      over: { client_id: undefined, jti: undefined },
      profile: 'plain',
      expected: { client: null, id: null },
    },
    { note: 'plain with azp', over: { client_id: undefined, azp: 'spa' }, profile: 'plain', expected: { client: 'spa' } },
    { note: 'client_id before azp', over: { azp: 'spa' }, profile: 'plain', expected: { client: 'web' } },
    { note: 'azp is nothing to RFC 9068', over: { azp: 7 }, expected: { client: 'web' } },
    { note: 'other scripts', over: { sub: 'Ünal-太郎' }, expected: { subject: 'Ünal-太郎' } },
  ]
  test.each(cases)('$note', ({ over, profile, expected }) => {
    expect(check(over, profile)).toMatchObject(expected)
  })
})

describe('refused', () => {
  const invalid: readonly object[] = [
    { exp: undefined },
    { exp: null },
    { exp: String(iat + 300) },
    { exp: true },
    { exp: 1e300 },
    { iat: undefined },
    { iat: null },
    { iat: undefined, nbf: iat },
    { iat: '1', nbf: iat },
    { iat: '1' },
    { iat: -1e300 },
    { nbf: null },
    { nbf: '1' },
    { nbf: false },
    { sub: undefined },
    { sub: '' },
    { sub: null },
    { sub: 7 },
    { sub: ['alice'] },
    { sub: 'al\nice' },
    { sub: 'al\u0000ice' },
    { sub: 'al\u007fice' },
    { sub: 'al\u0085ice' },
    { sub: 'al\u2028ice' },
    { sub: 'al\u2029ice' },
    { client_id: '' },
    { client_id: null },
    { client_id: 'a\r' },
    { jti: '' },
    { jti: 0 },
    { jti: 'a\tb' },
    { act: null },
    { act: 'bot' },
    { act: [] },
    { act: {} },
    { act: { sub: '' } },
    { act: { sub: 7 } },
    { act: { sub: 'b\not' } },
    { act: { sub: 'bot', iss: 'https://other.example' } },
    { act: { sub: 'bot', iss: null } },
  ]
  test.each(invalid)('invalid in both profiles: %j', (over) => {
    expect(check(over)).toBe('credential.invalid')
    expect(check(over, 'plain')).toBe('credential.invalid')
  })

  test.each([{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null])('a token bound to a key is no bearer token: cnf %j', (cnf) => {
    expect(check({ cnf })).toBe('credential.invalid')
    expect(check({ cnf }, 'plain')).toBe('credential.invalid')
  })

  test('RFC 9068 needs client_id and jti, and azp is no client there', () => {
    expect(check({ client_id: undefined })).toBe('credential.invalid')
    expect(check({ client_id: undefined, azp: 'spa' })).toBe('credential.invalid')
    expect(check({ jti: undefined })).toBe('credential.invalid')
  })

  test('plain: azp of another type', () => {
    expect(check({ azp: 7 }, 'plain')).toBe('credential.invalid')
    expect(check({ client_id: undefined, azp: '' }, 'plain')).toBe('credential.invalid')
  })

  test.each([
    undefined,
    null,
    true,
    0,
    '',
    'https://api.example/',
    'HTTPS://api.example',
    [],
    ['x'],
    ['api', 7],
    [['api']],
    { api: 1 },
  ])('audience %j', (aud) => {
    expect(check({ aud })).toBe('credential.audience')
  })

  test('AUD-unset: a service without audience accepts none', () => {
    expect(check({}, 'rfc9068', [])).toBe('credential.audience')
    expect(check({ aud: undefined }, 'rfc9068', [])).toBe('credential.audience')
  })

  const timed: readonly { note: string; over: object; code: string }[] = [
    { note: 'ended now', over: { exp: iat }, code: 'credential.expired' },
    { note: 'ended long ago', over: { iat: iat - 900, exp: iat - 600 }, code: 'credential.expired' },
    { note: 'ends within the millisecond', over: { exp: iat + 0.0009 }, code: 'credential.expired' },
    { note: 'issued too far ahead', over: { iat: iat + 60.001, exp: iat + 90 }, code: 'credential.not_yet_valid' },
    { note: 'not before too far ahead', over: { nbf: iat + 60.001 }, code: 'credential.not_yet_valid' },
    { note: 'lives a millisecond too long', over: { exp: iat + 3_600.001 }, code: 'credential.too_long_lived' },
    { note: 'issued long ago and living long', over: { iat: iat - 3_600, exp: iat + 1 }, code: 'credential.too_long_lived' },
  ]
  test.each(timed)('$note', ({ over, code }) => {
    expect(check(over)).toBe(code)
  })
})

test('names', () => {
  expect(['a', ' ', '/'].every(isName)).toBe(true)
  expect([undefined, null, '', 7, 'a\u009f', []].some(isName)).toBe(false)
  expect(isPrintable('')).toBe(true)
})
