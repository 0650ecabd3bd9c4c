// An ID token against its context, where a whole login cannot reach: every algorithm's digest, and times to the second.
import { createHash } from 'node:crypto'
import { createIssuedTokens } from '@balustrade/core/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Claims, makeIssuer, type SigningAlg, signParts, type TestIssuer } from '../../../../test/support/issuer.ts'
import { clientNamed } from '../../../../test/support/login-stage.ts'
import { checkIdToken } from './id-token.ts'
import type { LoginProvider } from './providers.ts'

const NOW = 1_795_514_400_000
const SECOND = NOW / 1_000
const ACCESS = 'an-access-token'
let issuer: TestIssuer
let monotonic = 0
beforeAll(async () => {
  issuer = await makeIssuer()
})
afterAll(() => issuer.close())

const providerNow = (): LoginProvider => {
  monotonic += 60_000
  const clock = { now: () => NOW, monotonic: () => monotonic }
  const entry = issuer.provider({ algorithms: [issuer.key.alg] })
  const origin = { issuer: entry.issuer, jwksUri: entry.jwksUri, loopback: true }
  return {
    name: 'corp',
    entry,
    client: clientNamed('corp'),
    tokens: createIssuedTokens('corp', origin, { clock, onTrouble: () => {} }),
    metadata: () => Promise.resolve(null),
  }
}

const check = (claims: Claims, nonce: string | null = null) => {
  const usual = { iss: issuer.url, aud: 'gateway', sub: 'ada', iat: SECOND, exp: SECOND + 300 }
  const { alg, kid } = issuer.key
  const token = signParts({ alg, kid }, { ...usual, ...claims }, issuer.key)
  return checkIdToken(token, { provider: providerNow(), nonce, accessToken: ACCESS, now: NOW })
}

const DIGESTS: readonly (readonly [SigningAlg, string])[] = [
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['PS512', 'sha512'],
  ['ES256', 'sha256'],
  ['ES384', 'sha384'],
  ['ES512', 'sha512'],
  ['EdDSA', 'sha512'],
  ['Ed25519', 'sha512'],
]

test.each(DIGESTS)('at_hash under %s is half of %s', async (alg, digest) => {
  issuer.rotate(alg, `key-${alg}`)
  const halves = ['sha256', 'sha384', 'sha512'].map((name) => {
    const whole = createHash(name).update(ACCESS).digest()
    return [name, whole.subarray(0, whole.length / 2).toString('base64url')] as const
  })
  for (const [name, half] of halves) {
    expect('code' in (await check({ at_hash: half })), name).toBe(name !== digest)
  }
  issuer.rotate('ES256', 'k1')
})

describe('times', () => {
  test.each([
    { note: 'a second before its end', claims: { exp: SECOND + 1 }, good: true },
    { note: 'at its end', claims: { exp: SECOND }, good: false },
    { note: 'as far ahead as clocks may differ', claims: { iat: SECOND + 30 }, good: true },
    { note: 'a second further', claims: { iat: SECOND + 31 }, good: false },
    { note: 'as old as may be', claims: { iat: SECOND - 600 }, good: true },
    { note: 'a second older', claims: { iat: SECOND - 601 }, good: false },
    { note: 'good from then on', claims: { nbf: SECOND + 30 }, good: true },
    { note: 'good from later on', claims: { nbf: SECOND + 31 }, good: false },
    { note: 'a beginning in quotes', claims: { iat: String(SECOND) }, good: false },
    { note: 'a beginning that is nothing', claims: { iat: null }, good: false },
    { note: 'an end that is a list', claims: { exp: [SECOND + 60] }, good: false },
    { note: 'an end beyond every calendar', claims: { exp: 1e300 }, good: false },
    { note: 'a start in quotes', claims: { nbf: String(SECOND) }, good: false },
    { note: 'a start that is nothing', claims: { nbf: null }, good: false },
  ])('$note: $good', async ({ claims, good }) => {
    expect(await check(claims)).toEqual(good ? expect.objectContaining({ subject: 'ada' }) : { code: 'login.token_time' })
  })
})

test('gives the session at the provider, or none', async () => {
  expect(await check({ sid: 's1' })).toMatchObject({ subject: 'ada', sid: 's1' })
  expect(await check({})).toMatchObject({ subject: 'ada', sid: null })
})

test('a nonce that nobody asked for does not matter, one that was asked for does', async () => {
  expect(await check({ nonce: 'n' })).toMatchObject({ subject: 'ada' })
  expect(await check({}, 'n')).toEqual({ code: 'login.token_nonce' })
  expect(await check({ nonce: 'n' }, 'n')).toMatchObject({ subject: 'ada' })
})

test('without keys nobody can tell', async () => {
  issuer.answer('/jwks', { status: 503 })
  expect(await check({})).toEqual({ code: 'login.provider_unavailable' })
  issuer.answer('/jwks', null)
})
