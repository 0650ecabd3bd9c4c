import { createHash, hash } from 'node:crypto'
import { CLOCK_SKEW, type IssuedFault, isName, type JsonObject, type JsonValue, readNumericDate } from '@balustrade/core/kit'
import type { LoginProvider } from './providers.ts'

/** Who logged in, as an ID token that was checked says. */
export interface IdToken {
  readonly subject: string
  /** `sid`: the session at the provider; null when it names none. */
  readonly sid: string | null
  readonly claims: JsonObject
}

export interface IdTokenContext {
  readonly provider: LoginProvider
  /** Null: a refreshed token, which need not have one (OpenID Connect Core section 12.2). */
  readonly nonce: string | null
  /** The access token that came along. */
  readonly accessToken: string
  readonly now: number
}

/** Code of the reason. */
export type Faulty = { readonly code: string }

/** ms. An ID token is made for the login that asked for it: one issued longer ago was made for another. */
const OLDEST = 600_000

const FAULTS: Readonly<Record<IssuedFault, string>> = {
  malformed: 'login.token_malformed',
  type: 'login.token_malformed',
  algorithm: 'login.token_algorithm',
  signature: 'login.token_signature',
  keys: 'login.provider_unavailable',
}

/** OpenID Connect Core section 3.1.3.7 (2-5): for us, for nobody else that we do not know, and presented by us. */
export const isForClient = ({ aud, azp }: JsonObject, client: string): boolean => {
  const named = Array.isArray(aud) ? aud : [aud]
  return named.length === 1 && named[0] === client && (azp === undefined || azp === client)
}

const isInTime = ({ exp, iat, nbf }: JsonObject, now: number): boolean => {
  const [expiresAt, issuedAt] = [readNumericDate(exp), readNumericDate(iat)]
  const notBefore = nbf === undefined ? issuedAt : readNumericDate(nbf)
  if (expiresAt === null || issuedAt === null || notBefore === null) return false
  return now < expiresAt && Math.max(issuedAt, notBefore) - now <= CLOCK_SKEW && now - issuedAt <= OLDEST
}

const DIGESTS: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' }

/** OpenID Connect Core section 3.1.3.6: the left half of the digest that the algorithm uses; Ed25519 uses SHA-512. */
const isHashOf = (value: JsonValue | undefined, token: string, algorithm: string): boolean => {
  if (value === undefined) return true
  const digest = createHash(DIGESTS[algorithm.slice(2)] ?? 'sha512')
    .update(token, 'ascii')
    .digest()
  return value === digest.subarray(0, digest.length / 2).toString('base64url')
}

const isSid = (sid: JsonValue | undefined): sid is string | undefined => sid === undefined || isName(sid)

/** Compares digests, which are as long as each other whatever is compared. */
const isEqual = (a: string, b: string): boolean => hash('sha256', a) === hash('sha256', b)

const firstFault = (
  claims: JsonObject,
  algorithm: string,
  { provider, nonce, accessToken, now }: IdTokenContext,
): string | null => {
  if (claims['iss'] !== provider.entry.issuer) return 'login.token_issuer'
  if (!isForClient(claims, provider.client.id)) return 'login.token_audience'
  if (!isInTime(claims, now)) return 'login.token_time'
  const { nonce: said } = claims
  if (nonce !== null && (typeof said !== 'string' || !isEqual(said, nonce))) return 'login.token_nonce'
  if (!isHashOf(claims['at_hash'], accessToken, algorithm)) return 'login.token_hash'
  return isName(claims['sub']) && isSid(claims['sid']) ? null : 'login.token_subject'
}

/**
 * Checks an ID token fully (OpenID Connect Core sections 3.1.3.7 and 3.1.3.6): signature by a key of the provider and an algorithm of
 * its entry, `iss`, `aud`, `azp`, `exp`, `iat`, `nonce`, `at_hash`, `sub`. What was asked of the login is not looked at. Never rejects.
 */
export const checkIdToken = async (token: string, context: IdTokenContext): Promise<IdToken | Faulty> => {
  const { provider } = context
  const verified = await provider.tokens.verify(token, { use: 'plain', algorithms: provider.entry.algorithms })
  if (!verified.ok) return { code: FAULTS[verified.why] }
  const { claims, algorithm } = verified
  const code = firstFault(claims, algorithm, context)
  if (code !== null) return { code }
  return { subject: claims['sub'] as string, sid: (claims['sid'] as string | undefined) ?? null, claims }
}
