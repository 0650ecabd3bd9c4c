import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto'

/** What a signature algorithm asks of a key and of node:crypto. */
interface Algorithm {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly crv: 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | null
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null
  readonly options: Omit<VerifyKeyObjectInput, 'key'>
}

type Digest = 'sha256' | 'sha384' | 'sha512'

const pkcs1 = (digest: Digest): Algorithm => ({
  kty: 'RSA',
  crv: null,
  digest,
  options: { padding: constants.RSA_PKCS1_PADDING },
})

/** RFC 7518 section 3.5: the salt is as long as the digest, MGF1 uses the same digest. */
const pss = (digest: Digest): Algorithm => ({
  kty: 'RSA',
  crv: null,
  digest,
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
})

/** RFC 7518 section 3.4: r and s side by side, not DER. */
const ecdsa = (crv: 'P-256' | 'P-384' | 'P-521', digest: Digest): Algorithm => ({
  kty: 'EC',
  crv,
  digest,
  options: { dsaEncoding: 'ieee-p1363' },
})

const ed25519: Algorithm = { kty: 'OKP', crv: 'Ed25519', digest: null, options: {} }

/**
 * The algorithms a provider may list, by their exact `alg` (RFC 7518, RFC 8037, RFC 9864). There is no `none` and no HMAC
 * here, so no policy can admit them. `EdDSA` and `Ed25519` are one algorithm under two names.
 */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['RS256', pkcs1('sha256')],
  ['RS384', pkcs1('sha384')],
  ['RS512', pkcs1('sha512')],
  ['PS256', pss('sha256')],
  ['PS384', pss('sha384')],
  ['PS512', pss('sha512')],
  ['ES256', ecdsa('P-256', 'sha256')],
  ['ES384', ecdsa('P-384', 'sha384')],
  ['ES512', ecdsa('P-521', 'sha512')],
  ['EdDSA', ed25519],
  ['Ed25519', ed25519],
])

/** Names of the algorithms that keys of this type and curve (null for RSA) can verify. */
export const algorithmsOf = (kty: string, crv: string | null): readonly string[] =>
  [...ALGORITHMS].filter(([, algorithm]) => algorithm.kty === kty && algorithm.crv === crv).map(([name]) => name)

/** How many different algorithms these names stand for; unknown names count as one. */
export const countAlgorithms = (names: readonly string[]): number => new Set(names.map((name) => ALGORITHMS.get(name))).size

/** True when the signature is one of the key over these bytes by this algorithm. The caller has checked that the key permits it. */
export const verifySignature = (
  name: string,
  key: KeyObject,
  { signed, signature }: { readonly signed: Buffer; readonly signature: Buffer },
): boolean => {
  const algorithm = ALGORITHMS.get(name)
  return algorithm !== undefined && verify(algorithm.digest, signed, { key, ...algorithm.options }, signature)
}
