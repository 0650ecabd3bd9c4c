import { describe, expect, test } from 'vitest'
import { makeSigningKey } from '../../../../../test/support/issuer.ts'
import type { JsonValue } from '../../lib/strict-json.ts'
import { findKey, importKeySet, type KeySet, MOST_KEYS } from './key-set.ts'

const rsa = makeSigningKey('RS256', 'r1').jwk
const ec = makeSigningKey('ES256', 'e1').jwk
const ec2 = makeSigningKey('ES256', 'e2').jwk
const set = async (...keys: readonly object[]): Promise<KeySet> => {
  const imported = await importKeySet({ keys } as unknown as JsonValue)
  if (imported === null) throw new Error('no key set')
  return imported
}
const ALL = ['RS256', 'ES256']
const named = (found: ReturnType<typeof findKey>) => (typeof found === 'string' ? found : found.kid)

describe('import', () => {
  test('keeps what is usable, and remembers every kid', async () => {
    const imported = await set(rsa, { kty: 'oct', k: 'AAAA', kid: 'o1' }, ec, { kty: 'new', kid: 'n1' }, {})
    expect(imported.keys.map(({ kid }) => kid)).toEqual(['r1', 'e1'])
    expect([...imported.kids]).toEqual(['r1', 'o1', 'e1', 'n1'])
  })

  test('an empty set is a set', async () => {
    expect((await set()).keys).toEqual([])
  })

  test.each([
    null,
    'x',
    1,
    [],
    [{ kty: 'RSA' }],
    {},
    { keys: null },
    { keys: {} },
    { keys: 'x' },
    { keys: [null] },
    { keys: [[]] },
    { keys: ['x'] },
  ])('%j is none', async (document) => {
    expect(await importKeySet(document as JsonValue)).toBeNull()
  })

  test('up to a hundred entries', async () => {
    const filler = Array.from({ length: MOST_KEYS - 1 }, () => ({ kty: 'new' }))
    expect((await set(rsa, ...filler)).keys).toHaveLength(1)
    expect(await importKeySet({ keys: [rsa, ...filler, {}] } as unknown as JsonValue)).toBeNull()
  })

  test('the fingerprint tells sets apart and equal ones together', async () => {
    const one = (await set(rsa, ec)).fingerprint
    expect((await set(rsa, ec)).fingerprint).toBe(one)
    const { alg: _alg, ...unnamed } = rsa
    const others = [
      [rsa],
      [ec, rsa],
      [rsa, { ...ec, kid: 'e9' }],
      [rsa, ec2],
      [unnamed, ec],
      [rsa, ec, { kty: 'new', kid: 'n1' }],
      [rsa, { ...ec2, kid: 'e1' }],
    ]
    for (const keys of others) expect((await set(...keys)).fingerprint).not.toBe(one)
  })
})

describe('find', () => {
  test('by kid, exactly', async () => {
    const keys = await set(rsa, ec, ec2)
    expect(named(findKey(keys, { alg: 'ES256', kid: 'e2' }, ALL))).toBe('e2')
    expect(named(findKey(keys, { alg: 'RS256', kid: 'r1' }, ALL))).toBe('r1')
    for (const kid of ['E2', 'e2 ', 'e', '../e2', '__proto__', 'constructor'])
      expect(findKey(keys, { alg: 'ES256', kid }, ALL)).toBe('unknown')
  })

  test('JWT-keytype: the key must fit the algorithm, and the provider must list it', async () => {
    const keys = await set(rsa, ec)
    expect(findKey(keys, { alg: 'ES256', kid: 'r1' }, ALL)).toBe('unusable')
    expect(findKey(keys, { alg: 'PS256', kid: 'r1' }, ['RS256', 'PS256'])).toBe('unusable')
    expect(findKey(keys, { alg: 'ES256', kid: 'e1' }, ['RS256'])).toBe('unusable')
    for (const alg of ['none', 'None', 'HS256', '']) expect(findKey(keys, { alg, kid: 'r1' }, [alg])).toBe('unusable')
  })

  test('an unusable entry of that kid answers', async () => {
    const keys = await set(rsa, { ...ec, use: 'enc' })
    expect(findKey(keys, { alg: 'ES256', kid: 'e1' }, ALL)).toBe('unusable')
  })

  test('JWT-keytype: two entries of one kid: neither', async () => {
    const keys = await set(rsa, ec, { ...ec2, kid: 'e1' })
    expect(keys.keys.map(({ kid }) => kid)).toEqual(['r1'])
    expect(findKey(keys, { alg: 'ES256', kid: 'e1' }, ALL)).toBe('unusable')
    expect(findKey(await set(ec, { kty: 'oct', k: 'AAAA', kid: 'e1' }), { alg: 'ES256', kid: 'e1' }, ALL)).toBe('unusable')
  })

  test('without a kid, exactly one must fit', async () => {
    const nameless = { ...ec, kid: undefined }
    const { kid: _kid, ...unnamed } = nameless
    expect(named(findKey(await set(rsa, ec), { alg: 'ES256', kid: null }, ALL))).toBe('e1')
    expect(named(findKey(await set(rsa, unnamed), { alg: 'ES256', kid: null }, ALL))).toBeNull()
    expect(findKey(await set(rsa, ec, ec2), { alg: 'ES256', kid: null }, ALL)).toBe('unusable')
    expect(findKey(await set(rsa), { alg: 'ES256', kid: null }, ALL)).toBe('unusable')
    expect(findKey(await set(rsa, unnamed), { alg: 'ES256', kid: 'e1' }, ALL)).toBe('unknown')
  })
})
