import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeTarget, manualSetup, type ManualSetup, type TargetOptions } from '../../../../../test/support/credential-target.ts'
import { makeIssuer, makeSigningKey, type TestIssuer } from '../../../../../test/support/issuer.ts'
import type { Authenticator } from '../../model/identity.ts'
import { createJwtAuthenticator } from './authenticator.ts'

/** For what goes on behind; the first try usually finds it done. */
const PATIENCE = { timeout: 10_000 }

let issuer: TestIssuer
let other: TestIssuer
let setup: ManualSetup
let authenticator: Authenticator

const outcome = async (token: string, over: Partial<TargetOptions> = {}): Promise<string> => {
  const providers = { corp: issuer.provider(), other: other.provider() }
  const found = await authenticator.verify(token, makeTarget({ providers, now: setup.now(), ...over }))
  return 'code' in found ? found.code : found.status
}
const token = (sub = 'alice', key?: Parameters<TestIssuer['token']>[1]): Promise<string> =>
  issuer.token({ sub, iat: Math.floor(setup.now() / 1_000), exp: Math.floor(setup.now() / 1_000) + 300 }, key)

beforeEach(async () => {
  setup = manualSetup()
  issuer = await makeIssuer({ now: setup.now })
  other = await makeIssuer({ now: setup.now })
  authenticator = createJwtAuthenticator(setup)
})
afterEach(async () => {
  await Promise.all([issuer.close(), other.close()])
})

describe('keys that cannot be fetched', () => {
  test('at a cold start the issuer is unavailable and others are not', async () => {
    issuer.answer('/jwks', { status: 500 })
    expect(await outcome(await token())).toBe('credential.keys_unavailable')
    expect(await outcome(await token())).toBe('credential.keys_unavailable')
    expect(issuer.jwksHits()).toBe(1)
    expect(await outcome(await other.token())).toBe('verified')
    issuer.answer('/jwks', null)
    setup.advance(2_000)
    expect(await outcome(await token())).toBe('verified')
    expect(setup.troubles.map(({ provider, code }) => [provider, code])).toEqual([['corp', 'keys.fetch']])
  })

  test('slow: unavailable within a second, good once the keys are there', async () => {
    issuer.answer('/jwks', { delay: 1_300 })
    expect(await outcome(await token())).toBe('credential.keys_unavailable')
    issuer.answer('/jwks', null)
    await vi.waitFor(async () => expect(await outcome(await token())).toBe('verified'), PATIENCE)
    expect(issuer.jwksHits()).toBe(1)
  })

  test('an outage weakens nothing: old tokens and new ones of known keys pass, for a day', async () => {
    const first = await token()
    expect(await outcome(first)).toBe('verified')
    issuer.answer('/jwks', { hangUp: true })
    for (const passed of [600_000, 3_600_000, 80_000_000]) {
      setup.advance(passed)
      expect(await outcome(await token())).toBe('verified')
      expect(await outcome(first)).toBe('credential.expired')
    }
    setup.advance(86_400_000)
    expect(await outcome(await token())).toBe('credential.keys_unavailable')
  })

  test('a cached token is not better than its keys', async () => {
    const long = await issuer.token({ exp: Math.floor(setup.now() / 1_000) + 172_800 })
    const providers = { corp: issuer.provider({ lifetime: 200_000_000 }) }
    expect(await outcome(long, { providers })).toBe('verified')
    issuer.answer('/jwks', { hangUp: true })
    setup.advance(86_400_000)
    expect(await outcome(long, { providers })).toBe('verified')
    setup.advance(1)
    expect(await outcome(long, { providers })).toBe('credential.keys_unavailable')
  })
})

describe('keys that are not in the set', () => {
  const stranger = makeSigningKey('ES256', 'x1')

  test('a thousand unknown kids cause one refresh for each issuer and cooldown', async () => {
    expect(await outcome(await token())).toBe('verified')
    expect(await outcome(await other.token())).toBe('verified')
    for (const hits of [2, 3]) {
      const names = Array.from({ length: 1_000 }, (_, i) => `${hits}-${i}`)
      const found = new Set<string>()
      for (const kid of names) found.add(await outcome(await token('eve', { key: stranger, header: { kid } })))
      expect(found).toEqual(new Set(['credential.invalid']))
      expect([issuer.jwksHits(), other.jwksHits()]).toEqual([hits, 1])
      setup.advance(30_000)
    }
    expect(await outcome(await other.token({}, { key: stranger }))).toBe('credential.invalid')
    expect(other.jwksHits()).toBe(2)
  })

  test('rotation: the new key is found at its first token, the old one stays good while it is listed', async () => {
    const old = issuer.key
    expect(await outcome(await token())).toBe('verified')
    issuer.rotate('ES256', 'k2', true)
    expect(await outcome(await token('bob'))).toBe('verified')
    expect(await outcome(await token('bob', { key: old }))).toBe('verified')
    issuer.publish([issuer.key.jwk])
    setup.advance(600_000)
    expect(await outcome(await token('carol', { key: old }))).toBe('verified')
    const replaced = async () => expect(await outcome(await token('carol', { key: old }))).toBe('credential.invalid')
    await vi.waitFor(replaced, PATIENCE)
    expect(await outcome(await token('carol'))).toBe('verified')
  })

  test('while the issuer does not answer, an unknown key is nobody’s fault', async () => {
    expect(await outcome(await token())).toBe('verified')
    issuer.answer('/jwks', { hangUp: true })
    expect(await outcome(await token('eve', { key: stranger }))).toBe('credential.keys_unavailable')
    expect(await outcome(await token('eve', { key: stranger }))).toBe('credential.keys_unavailable')
    expect(await outcome(await token())).toBe('verified')
    expect(issuer.jwksHits()).toBe(2)
  })

  test('a kid the set holds for another use refreshes nothing', async () => {
    issuer.publish([issuer.key.jwk, { ...stranger.jwk, use: 'enc' }])
    expect(await outcome(await token())).toBe('verified')
    expect(await outcome(await token('eve', { key: stranger }))).toBe('credential.invalid')
    expect(await outcome(await token('eve', { key: stranger, header: { alg: 'ES256', kid: undefined } }))).toBe(
      'credential.invalid',
    )
    expect(issuer.jwksHits()).toBe(1)
  })
})

describe('a new policy', () => {
  test('keeps the keys of providers it leaves alone', async () => {
    expect(await outcome(await token())).toBe('verified')
    const providers = { corp: issuer.provider({ lifetime: 7_200_000, groupsClaim: 'g' }) }
    expect(await outcome(await token(), { imageDigest: 'd2', providers })).toBe('verified')
    expect(issuer.jwksHits()).toBe(1)
  })

  test('fetches anew where the location of keys changed, and forgets the old', async () => {
    expect(await outcome(await token())).toBe('verified')
    const moved = { corp: issuer.provider({ jwksUri: null }) }
    expect(await outcome(await token(), { imageDigest: 'd2', providers: moved })).toBe('verified')
    expect(issuer.jwksHits()).toBe(2)
    expect(await outcome(await token(), { imageDigest: 'd3' })).toBe('verified')
    expect(issuer.jwksHits()).toBe(3)
    const closed = { corp: issuer.provider({ loopback: false }) }
    expect(await outcome(await token(), { imageDigest: 'd4', providers: closed })).toBe('credential.keys_unavailable')
    const elsewhere = { corp: issuer.provider({ issuer: 'https://a.example' }) }
    const text = await issuer.token({ iss: 'https://a.example' })
    expect(await outcome(text, { imageDigest: 'd5', providers: elsewhere })).toBe('verified')
    expect(issuer.jwksHits()).toBe(4)
  })

  test('two names of one issuer share its keys', async () => {
    const providers = { a: issuer.provider(), b: issuer.provider() }
    expect(await outcome(await token(), { providers, accepts: ['a'] })).toBe('verified')
    expect(await outcome(await token(), { providers, accepts: ['b'], serviceName: 'b' })).toBe('verified')
    expect(issuer.jwksHits()).toBe(1)
  })

  test('after many of them, the latest four are remembered', async () => {
    const text = await token()
    const at = (imageDigest: string) => makeTarget({ providers: { corp: issuer.provider() }, now: setup.now(), imageDigest })
    const warm = async (imageDigest: string) => (await authenticator.verify(text, at(imageDigest))).status
    expect(await warm('d1')).toBe('verified')
    const first = authenticator.verify(text, at('d1'))
    for (const digest of ['d2', 'd3', 'd4']) await warm(digest)
    expect(authenticator.verify(text, at('d1'))).toBe(first)
    await warm('d5')
    expect(authenticator.verify(text, at('d1'))).not.toBe(first)
    expect(authenticator.verify(text, at('d1'))).toEqual(first)
  })
})
