import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeTarget, manualSetup, type ManualSetup, type TargetOptions } from '../../../../../test/support/credential-target.ts'
import { makeIssuer, makeSigningKey, type TestIssuer } from '../../../../../test/support/issuer.ts'
import type { Authentication, Authenticator } from '../../model/identity.ts'
import { createJwtAuthenticator } from './authenticator.ts'

/** For what goes on behind; the first try usually finds it done. */
const PATIENCE = { timeout: 10_000 }

let one: TestIssuer
let two: TestIssuer
let setup: ManualSetup
let authenticator: Authenticator

const both = () => ({ one: one.provider(), two: two.provider() })
const verify = async (token: string, over: Partial<TargetOptions> = {}): Promise<Authentication> =>
  authenticator.verify(token, makeTarget({ providers: both(), now: setup.now(), ...over }))
const outcome = async (token: string, over: Partial<TargetOptions> = {}): Promise<string> => {
  const found = await verify(token, over)
  return found.status === 'verified' ? String(found.identity.facts.user) : 'code' in found ? found.code : found.status
}

beforeEach(async () => {
  setup = manualSetup()
  one = await makeIssuer({ now: setup.now })
  two = await makeIssuer({ now: setup.now })
  authenticator = createJwtAuthenticator(setup)
})
afterEach(async () => {
  authenticator.close()
  await Promise.all([one.close(), two.close()])
})

describe('which provider', () => {
  test('its issuer, among those the service accepts', async () => {
    expect(await outcome(await one.token())).toBe('one/alice')
    expect(await outcome(await two.token())).toBe('two/alice')
    expect(await outcome(await two.token(), { accepts: ['one'], serviceName: 'inner' })).toBe('credential.issuer_unknown')
    expect(await outcome(await one.token(), { accepts: [], serviceName: 'closed' })).toBe('credential.issuer_unknown')
  })

  test('a name the image does not hold accepts nothing', async () => {
    expect(await outcome(await one.token(), { accepts: ['toString', 'gone', 'one'] })).toBe('one/alice')
    expect(await outcome(await one.token(), { accepts: ['toString', 'gone'], serviceName: 'x' })).toBe(
      'credential.issuer_unknown',
    )
  })

  test('two with one issuer: neither', async () => {
    const providers = { one: one.provider(), again: one.provider({ lifetime: 1 }) }
    expect(await outcome(await one.token(), { providers })).toBe('credential.issuer_unknown')
  })

  test('keys are those of the issuer alone', async () => {
    expect(await outcome(await two.token({ iss: one.url }))).toBe('credential.invalid')
    expect(await outcome(await one.token({ iss: two.url }))).toBe('credential.invalid')
  })
})

describe('cache confusion', () => {
  test('OK-2026-33496: what one issuer or service accepted is not accepted by another', async () => {
    const token = await one.token()
    expect(await outcome(token, { accepts: ['one'] })).toBe('one/alice')
    expect(await outcome(token, { accepts: ['two'], serviceName: 'b' })).toBe('credential.issuer_unknown')
    expect(await outcome(token, { serviceName: 'c', audience: ['https://c.example'] })).toBe('credential.audience')
    expect(await outcome(token, { accepts: ['one'] })).toBe('one/alice')
  })

  test('OK-2026-33496: a new policy is asked again', async () => {
    const token = await one.token()
    expect(await outcome(token)).toBe('one/alice')
    expect(await outcome(token, { imageDigest: 'd2', audience: ['https://b.example'] })).toBe('credential.audience')
    expect(await outcome(token, { imageDigest: 'd3', providers: { one: one.provider({ lifetime: 1 }) } })).toBe(
      'credential.too_long_lived',
    )
    expect(await outcome(token, { imageDigest: 'd4', providers: { renamed: one.provider() } })).toBe('renamed/alice')
    expect(await outcome(token)).toBe('one/alice')
  })

  test('FJ-2026-35039: nothing but the whole token is the key', async () => {
    const token = await one.token()
    expect(await outcome(token)).toBe('one/alice')
    const [head = '', payload = '', signature = ''] = token.split('.')
    const swapped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    expect(await outcome(`${head}.${payload}.${swapped}`)).toBe('credential.invalid')
    expect(await outcome(`${head}.${payload}.${'A'.repeat(signature.length)}`)).toBe('credential.invalid')
    const admin = Buffer.from(JSON.stringify({ ...one.claims(), sub: 'admin' })).toString('base64url')
    expect(await outcome(`${head}.${admin}.${signature}`)).toBe('credential.invalid')
    expect(await outcome(`${token}A`)).toBe('credential.invalid')
    const long = 'x'.repeat(200)
    expect(await outcome(await one.token({ filler: long, sub: 'bob' }))).toBe('one/bob')
    expect(await outcome(await one.token({ filler: long, sub: 'eve' }))).toBe('one/eve')
  })

  test('RF-cachekey: names that run together are still two', async () => {
    const token = await one.token()
    const pairs: readonly (readonly [string, string])[] = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['', 'abc'],
      ['a":"b', 'c'],
      ['1', '1:'],
      ['1:1', ''],
    ]
    for (const [imageDigest, serviceName] of pairs) {
      expect(await outcome(token, { imageDigest, serviceName })).toBe('one/alice')
      expect(await outcome(token, { imageDigest, serviceName: `${serviceName}x`, audience: [] })).toBe('credential.audience')
      expect(await outcome(token, { imageDigest: `${imageDigest}x`, serviceName, audience: [] })).toBe('credential.audience')
    }
  })

  test('TR-2026-71326: tokens verified at once keep their own identity', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `u${i}`)
    const tokens = await Promise.all(names.map((sub) => one.token({ sub })))
    const forged = await one.token({ sub: 'u0' }, { key: makeSigningKey('ES256', 'k1') })
    const found = await Promise.all([...tokens, forged, ...tokens].map((token) => outcome(token)))
    const expected = names.map((name) => `one/${name}`)
    expect(found).toEqual([...expected, 'credential.invalid', ...expected])
    expect(one.jwksHits()).toBe(1)
  })
})

describe('a verified token is judged again at each use', () => {
  test('it ends on its millisecond', async () => {
    const token = await one.token()
    const end = (Math.floor(setup.now() / 1_000) + 300) * 1_000
    expect(await outcome(token, { now: end - 1 })).toBe('one/alice')
    expect(await outcome(token, { now: end - 1 })).toBe('one/alice')
    expect(await outcome(token, { now: end })).toBe('credential.expired')
    expect(await outcome(token, { now: end - 1 })).toBe('one/alice')
  })

  test('a clock set back takes it out of its time', async () => {
    const token = await one.token()
    const start = Math.floor(setup.now() / 1_000) * 1_000 - 60_000
    expect(await outcome(token, { now: start })).toBe('one/alice')
    expect(await outcome(token, { now: start - 1 })).toBe('credential.not_yet_valid')
    expect(await outcome(token, { now: start })).toBe('one/alice')
  })

  test('a key that was taken back takes its tokens along', async () => {
    const token = await one.token()
    expect(await outcome(token)).toBe('one/alice')
    one.rotate('ES256', 'k2')
    setup.advance(30_000)
    expect(await outcome(token)).toBe('one/alice')
    expect(await outcome(await one.token())).toBe('one/alice')
    expect(await outcome(token)).toBe('credential.invalid')
  })

  test('a kid used again for another key does, too', async () => {
    const token = await one.token()
    expect(await outcome(token)).toBe('one/alice')
    one.rotate('ES256', 'k1')
    setup.advance(600_000)
    const late = await one.token({ iat: Math.floor(setup.now() / 1_000) })
    expect(await outcome(late)).toBe('credential.invalid')
    await vi.waitFor(async () => expect(await outcome(late)).toBe('one/alice'), PATIENCE)
  })

  test('nothing is remembered after close', async () => {
    const token = await one.token()
    expect(await outcome(token)).toBe('one/alice')
    authenticator.close()
    expect(authenticator.verify(token, makeTarget({ providers: both(), now: setup.now() }))).toBeInstanceOf(Promise)
  })
})
