import { KeyObject } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import { attemptAsync } from '../../lib/attempt.ts'
import type { JsonObject, JsonValue } from '../../lib/strict-json.ts'
import { algorithmsOf, countAlgorithms } from './algorithm.ts'
import { decodeBase64Url } from './compact-jws.ts'
import { isSoundRsa } from './weak-rsa.ts'

/** A public key of an issuer, ready to verify with. */
export interface VerificationKey {
  readonly kid: string | null
  /** Algorithms the key can verify; one (under all its names) when the JWK says which. */
  readonly algorithms: readonly string[]
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string
  readonly key: KeyObject
}

/** The members that make up a public key, by type (RFC 7518 section 6, RFC 8037 section 2). */
const MEMBERS: ReadonlyMap<JsonValue | undefined, { readonly curve: boolean; readonly numbers: readonly string[] }> = new Map([
  ['RSA', { curve: false, numbers: ['n', 'e'] }],
  ['EC', { curve: true, numbers: ['x', 'y'] }],
  ['OKP', { curve: true, numbers: ['x'] }],
])

interface PublicPart {
  readonly kty: string
  readonly crv: string | null
  /** Base64url, by member. */
  readonly numbers: Readonly<Record<string, string>>
}

/** A key with any of these is private or shared: whoever publishes it has lost it. */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const mayVerify = (jwk: JsonObject): boolean => {
  const operations = jwk['key_ops']
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

/** The public members alone, numbers as base64url in its only spelling; null when one is missing or misspelt. */
const publicPart = (jwk: JsonObject): PublicPart | null => {
  const members = MEMBERS.get(jwk['kty'])
  if (members === undefined || SECRET.some((name) => jwk[name] !== undefined)) return null
  const numbers: Record<string, string> = {}
  for (const name of members.numbers) {
    const value = jwk[name]
    if (typeof value !== 'string' || decodeBase64Url(value) === null) return null
    numbers[name] = value
  }
  return { kty: jwk['kty'] as string, crv: members.curve ? (jwk['crv'] as string) : null, numbers }
}

/** The algorithms a JWK admits: all that its type and curve can, or the one it names (Ed25519 under both its names). */
const admitted = (named: JsonValue | undefined, part: PublicPart): readonly string[] => {
  const able = algorithmsOf(part.kty, part.crv)
  if (named === undefined) return able
  return countAlgorithms(able) === 1 && able.includes(named as string) ? able : able.filter((name) => name === named)
}

const unsigned = (text: string | undefined): bigint => BigInt(`0x0${Buffer.from(text as string, 'base64url').toString('hex')}`)

const isSound = ({ kty, numbers }: PublicPart): boolean =>
  kty !== 'RSA' || isSoundRsa(unsigned(numbers['n']), unsigned(numbers['e']))

/**
 * Imports one JWK for verifying; null when it cannot or must not be used: another type or curve, an `alg` that does not fit
 * them, `use` or `key_ops` without verifying, private members, a weak RSA key, a point off its curve. Certificates in the
 * JWK are not read.
 */
export const importVerificationKey = async (jwk: JsonObject): Promise<VerificationKey | null> => {
  const { kid } = jwk
  const part = publicPart(jwk)
  if (part === null || !mayVerify(jwk) || !isSound(part) || (kid !== undefined && typeof kid !== 'string')) return null
  const algorithms = admitted(jwk['alg'], part)
  const plain = { kty: part.kty, ...(part.crv === null ? {} : { crv: part.crv }), ...part.numbers } as JWK
  const imported = await attemptAsync(async () => ({
    key: KeyObject.from((await importJWK(plain, algorithms[0])) as CryptoKey),
    thumbprint: await calculateJwkThumbprint(plain),
  }))
  return imported.ok ? { kid: kid ?? null, algorithms, ...imported.value } : null
}

/**
 * True when a token of this algorithm may be verified with the key. A key serves exactly one algorithm (RFC 8725 section
 * 3.1): an RSA key whose JWK names none is used only where the provider's list leaves one that it could verify.
 */
export const permits = (key: VerificationKey, name: string, allowed: readonly string[]): boolean => {
  const open = key.algorithms.filter((candidate) => allowed.includes(candidate))
  return open.includes(name) && countAlgorithms(open) === 1
}
