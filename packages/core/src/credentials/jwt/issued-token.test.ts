import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeIssuer, makeSigningKey, signParts, type TestIssuer } from '../../../../../test/support/issuer.ts'
import { createIssuedTokens } from './issued-token.ts'

let issuer: TestIssuer
let monotonic = 0
const clock = { now: Date.now, monotonic: () => monotonic }
const troubles: string[] = []
const tokens = (url = issuer.url) =>
  createIssuedTokens(
    'corp',
    { issuer: url, jwksUri: null, loopback: true },
    { clock, onTrouble: ({ code }) => troubles.push(code) },
  )
const ID = { use: 'plain', algorithms: ['ES256'] } as const
const sign = (header: object, payload: object | string = { sub: 'ada' }) =>
  signParts({ alg: 'ES256', kid: 'k1', ...header }, payload, issuer.key)

beforeAll(async () => {
  issuer = await makeIssuer()
})
afterAll(() => issuer.close())

describe('must pass', () => {
  test('what the provider signed, for its use', async () => {
    const verify = tokens().verify
    expect(await verify(sign({ typ: 'JWT' }), ID)).toEqual({ ok: true, algorithm: 'ES256', claims: { sub: 'ada' } })
    expect(await verify(sign({}), ID)).toMatchObject({ ok: true })
    expect(await verify(sign({ typ: 'logout+jwt' }), { ...ID, use: 'logout' })).toMatchObject({ ok: true })
  })

  test('a key that is published after the others were fetched', async () => {
    const { verify } = tokens()
    await verify(sign({}), ID)
    issuer.rotate('ES256', 'k2', true)
    monotonic += 30_001
    expect(await verify(signParts({ alg: 'ES256', kid: 'k2' }, { sub: 'ada' }, issuer.key), ID)).toMatchObject({ ok: true })
    issuer.rotate('ES256', 'k1')
  })
})

describe('refused', () => {
  test.each([
    { note: 'no token', token: () => 'a.b', why: 'malformed' },
    { note: 'a name twice', token: () => sign({}, '{"sub":"a","sub":"b"}'), why: 'malformed' },
    { note: 'a logout token', token: () => sign({ typ: 'logout+jwt' }), why: 'type' },
    { note: 'an access token', token: () => sign({ typ: 'at+jwt' }), why: 'type' },
    { note: 'none', token: () => sign({ alg: 'none' }), why: 'algorithm' },
    { note: 'an algorithm that is not declared', token: () => sign({ alg: 'ES384' }), why: 'algorithm' },
    {
      note: 'another key of the same name',
      token: () => signParts({ alg: 'ES256', kid: 'k1' }, {}, makeSigningKey('ES256', 'k1')),
      why: 'signature',
    },
    { note: 'a key nobody published', token: () => sign({ kid: 'k9' }), why: 'signature' },
  ])('$note', async ({ token, why }) => {
    monotonic += 30_001
    expect(await tokens().verify(token(), ID)).toEqual({ ok: false, why })
  })

  test('a key of another algorithm answers for its name, and no newer one is asked for', async () => {
    monotonic += 30_001
    const { verify } = tokens()
    await verify(sign({}), ID)
    const asked = issuer.jwksHits()
    monotonic += 30_001
    const both = { ...ID, algorithms: ['ES256', 'RS256'] }
    expect(await verify(sign({ alg: 'RS256' }), both)).toEqual({ ok: false, why: 'signature' })
    expect(issuer.jwksHits()).toBe(asked)
  })

  test('for the other use', async () => {
    expect(await tokens().verify(sign({ typ: 'JWT' }), { ...ID, use: 'logout' })).toEqual({ ok: false, why: 'type' })
    expect(await tokens().verify(sign({}), { ...ID, use: 'logout' })).toEqual({ ok: false, why: 'type' })
  })
})

test('a key that is not there is nobody’s fault while the provider does not answer', async () => {
  monotonic += 30_001
  const { verify } = tokens()
  await verify(sign({}), ID)
  monotonic += 30_001
  issuer.answer('/jwks', { hangUp: true })
  expect(await verify(sign({ kid: 'k9' }), ID)).toEqual({ ok: false, why: 'keys' })
  expect(await verify(sign({}), ID)).toMatchObject({ ok: true })
  issuer.answer('/jwks', null)
})

test('without keys nothing is said of the token', async () => {
  issuer.answer('/jwks', { hangUp: true })
  expect(await tokens().verify(sign({}), ID)).toEqual({ ok: false, why: 'keys' })
  expect(troubles).toContain('keys.fetch')
  issuer.answer('/jwks', null)
})
