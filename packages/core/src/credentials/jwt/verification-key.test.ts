import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { makeSigningKey, type SigningAlg, signParts } from '../../../../../test/support/issuer.ts'
import type { JsonObject } from '../../lib/strict-json.ts'
import { algorithmsOf, countAlgorithms, verifySignature } from './algorithm.ts'
import { parseCompactJws } from './compact-jws.ts'
import { importVerificationKey, permits } from './verification-key.ts'

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const importJwk = (jwk: object) => importVerificationKey(jwk as JsonObject)
const without = (jwk: JWK, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)))

const rsa = makeSigningKey('RS256', 'r1').jwk
const ec = makeSigningKey('ES256', 'e1').jwk
const ed = makeSigningKey('Ed25519', 'd1').jwk

describe('must pass', () => {
  const algorithms: readonly (readonly [SigningAlg, readonly string[]])[] = [
    ['RS256', ['RS256']],
    ['PS384', ['PS384']],
    ['ES256', ['ES256']],
    ['ES384', ['ES384']],
    ['ES512', ['ES512']],
    ['EdDSA', ['EdDSA', 'Ed25519']],
    ['Ed25519', ['EdDSA', 'Ed25519']],
  ]
  test.each(algorithms)('%s', async (alg, admitted) => {
    const { jwk } = makeSigningKey(alg, 'k1')
    const key = await importJwk(jwk)
    expect(key).toMatchObject({ kid: 'k1', algorithms: admitted })
    expect(key?.key.equals(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(true)
  })

  const every: readonly SigningAlg[] = [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ]
  test.each(every)('%s: what the key signed verifies by this algorithm, and by no other of its type', async (alg) => {
    const signing = makeSigningKey(alg, 'k1')
    const jws = parseCompactJws(signParts({ alg }, { sub: 'ada' }, signing))
    const key = await importJwk(signing.jwk)
    if (jws === null || key === null) throw new Error('no token or no key')
    expect(permits(key, alg, [alg])).toBe(true)
    const able = algorithmsOf(signing.jwk.kty ?? '', signing.jwk.crv ?? null)
    const verifying = able.filter((name) => verifySignature(name, key.key, jws))
    expect(verifying).toEqual(alg.startsWith('Ed') ? ['EdDSA', 'Ed25519'] : [alg])
    expect(verifySignature(alg, key.key, { ...jws, signed: Buffer.from(`${jws.signed.toString()}x`) })).toBe(false)
  })

  test('a JWK that names no algorithm admits those of its type and curve', async () => {
    expect((await importJwk(without(rsa, 'alg', 'kid', 'use')))?.algorithms).toEqual(RSA)
    expect((await importJwk(without(ec, 'alg')))?.algorithms).toEqual(['ES256'])
    expect((await importJwk(without(ed, 'alg')))?.algorithms).toEqual(['EdDSA', 'Ed25519'])
    expect((await importJwk(without(rsa, 'kid')))?.kid).toBeNull()
  })

  test('key_ops with verify, and members nobody reads', async () => {
    expect(
      await importJwk({ ...without(rsa, 'use'), key_ops: ['verify'], x5c: ['MII'], x5u: 'https://a.example' }),
    ).not.toBeNull()
    expect(await importJwk({ ...rsa, key_ops: ['encrypt', 'verify'], crv: 'P-256' })).not.toBeNull()
  })

  test('RFC 7638 section 3.1', async () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const key = await importJwk({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' })
    expect(key?.thumbprint).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })
})

describe('JWT-keytype: never used', () => {
  const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })
  const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' })
  const k256 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })
  const small = makeSigningKey('RS256', 'r1', 1_024).jwk
  const priv = makeSigningKey('ES256', 'p1').privateKey.export({ format: 'jwk' })
  const cases: readonly { note: string; jwk: object }[] = [
    { note: 'no type', jwk: without(ec, 'kty') },
    { note: 'a shared key', jwk: { kty: 'oct', k: 'AAAA', alg: 'HS256' } },
    { note: 'a shared key beside a public one', jwk: { ...rsa, k: 'AAAA' } },
    { note: 'a private key', jwk: { ...priv, kid: 'p1' } },
    { note: 'a type objects inherit', jwk: { ...ec, kty: 'constructor' } },
    { note: 'a type that is no string', jwk: { ...ec, kty: ['EC'] } },
    { note: 'X25519', jwk: x25519 },
    { note: 'Ed448', jwk: ed448 },
    { note: 'secp256k1', jwk: k256 },
    { note: 'a curve with another key type', jwk: { ...ed, kty: 'EC' } },
    { note: 'no curve', jwk: without(ec, 'crv') },
    { note: 'a curve that is no string', jwk: { ...ec, crv: 1 } },
    { note: 'use enc', jwk: { ...rsa, use: 'enc' } },
    { note: 'use null', jwk: { ...rsa, use: null } },
    { note: 'key_ops without verify', jwk: { ...rsa, key_ops: ['encrypt'] } },
    { note: 'key_ops empty', jwk: { ...rsa, key_ops: [] } },
    { note: 'key_ops no list', jwk: { ...rsa, key_ops: 'verify' } },
    { note: 'an algorithm of another type', jwk: { ...rsa, alg: 'ES256' } },
    { note: 'an algorithm of another curve', jwk: { ...ec, alg: 'ES384' } },
    { note: 'an algorithm of another curve, Edwards', jwk: { ...ed, alg: 'ES256' } },
    { note: 'an algorithm for encryption', jwk: { ...rsa, alg: 'RSA-OAEP' } },
    { note: 'alg none', jwk: { ...rsa, alg: 'none' } },
    { note: 'alg HS256', jwk: { ...rsa, alg: 'HS256' } },
    { note: 'alg null', jwk: { ...rsa, alg: null } },
    { note: 'alg a list', jwk: { ...ed, alg: ['EdDSA'] } },
    { note: 'kid a number', jwk: { ...rsa, kid: 1 } },
    { note: 'kid null', jwk: { ...rsa, kid: null } },
    { note: 'no modulus', jwk: without(rsa, 'n') },
    { note: 'no exponent', jwk: without(rsa, 'e') },
    { note: 'an empty modulus', jwk: { ...rsa, n: '' } },
    { note: 'a modulus that is a number', jwk: { ...rsa, n: 7 } },
    { note: 'a modulus with padding', jwk: { ...rsa, n: `${rsa.n}==` } },
    { note: 'a modulus of 1024 bits', jwk: small },
    { note: 'a modulus of 1600 bits', jwk: makeSigningKey('RS256', 'r1', 1_600).jwk },
    { note: 'an exponent of 3', jwk: { ...rsa, e: 'Aw' } },
    { note: 'no y', jwk: without(ec, 'y') },
    { note: 'a point off the curve', jwk: { ...ec, y: ec.x } },
    { note: 'a point of another curve', jwk: { ...ec, crv: 'P-384', alg: 'ES384' } },
    { note: 'an Edwards point of the wrong length', jwk: { ...ed, x: 'AAAA' } },
  ]
  for (const { note, jwk } of cases) {
    test(note, async () => {
      expect(await importJwk(jwk)).toBeNull()
    })
  }

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('a key with the private member %s', async (name) => {
    expect(await importJwk({ ...rsa, [name]: 'AAAA' })).toBeNull()
    expect(await importJwk({ ...rsa, [name]: null })).toBeNull()
  })
})

describe('one key, one algorithm', () => {
  const key = async (jwk: object) => {
    const imported = await importJwk(jwk)
    if (imported === null) throw new Error('not a key')
    return imported
  }

  test('the JWK says which', async () => {
    const named = await key(rsa)
    expect(permits(named, 'RS256', ['RS256', 'PS256'])).toBe(true)
    expect(permits(named, 'PS256', ['RS256', 'PS256'])).toBe(false)
    expect(permits(named, 'RS256', ['PS256', 'ES256'])).toBe(false)
    expect(permits(named, 'RS256', [])).toBe(false)
  })

  test('the provider leaves one', async () => {
    const unnamed = await key(without(rsa, 'alg'))
    expect(permits(unnamed, 'RS256', ['RS256', 'ES256'])).toBe(true)
    expect(permits(unnamed, 'ES256', ['RS256', 'ES256'])).toBe(false)
    expect(permits(unnamed, 'RS256', ['RS256', 'RS512'])).toBe(false)
    expect(permits(unnamed, 'PS256', ['RS256', 'PS256'])).toBe(false)
  })

  test('EdDSA and Ed25519 are one', async () => {
    const edwards = await key(ed)
    for (const alg of ['EdDSA', 'Ed25519']) {
      expect(permits(edwards, alg, ['EdDSA', 'Ed25519'])).toBe(true)
      expect(permits(edwards, alg, [alg])).toBe(true)
    }
    expect(permits(edwards, 'EdDSA', ['Ed25519'])).toBe(false)
  })

  test('none, HMAC and unknown names are no algorithms', () => {
    expect(countAlgorithms(['RS256', 'RS256', 'EdDSA', 'Ed25519', 'PS256'])).toBe(3)
    expect(algorithmsOf('oct', null)).toEqual([])
    expect(algorithmsOf('EC', null)).toEqual([])
    expect(algorithmsOf('RSA', 'P-256')).toEqual([])
    const { privateKey } = makeSigningKey('RS256', 'r1')
    const parts = { signed: Buffer.from('a'), signature: Buffer.alloc(0) }
    for (const name of ['none', 'None', '', 'HS256', 'rs256', 'ES256K', 'RSA1_5']) {
      expect(verifySignature(name, createPublicKey(privateKey), parts)).toBe(false)
    }
  })
})
