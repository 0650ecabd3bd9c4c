import type { Issuer } from '../../identity/issuer.ts'
import { sha256Base64Url } from '../../lib/digest.ts'
import { createLru } from '../../lib/lru.ts'
import type { JsonObject } from '../../lib/strict-json.ts'
import type {
  Authentication,
  Authenticator,
  CredentialSetup,
  CredentialTarget,
  Identity,
  MaybePromise,
} from '../../model/identity.ts'
import { verifySignature } from './algorithm.ts'
import { type CompactJws, LONGEST_TOKEN, parseCompactJws, readJsonObject } from './compact-jws.ts'
import { findKey, type KeySet, type WantedKey } from './key-set.ts'
import type { KeySource } from './key-source.ts'
import { createLanes, type Lane } from './lanes.ts'
import { checkTokenClaims } from './token-claims.ts'
import { readTokenFacts } from './token-facts.ts'
import { readTokenHeader } from './token-header.ts'
import type { VerificationKey } from './verification-key.ts'

const rejected = (code: string): Authentication => ({ status: 'rejected', code, http: 401 })
const MALFORMED = rejected('credential.malformed')
const INVALID = rejected('credential.invalid')
const ISSUER_UNKNOWN = rejected('credential.issuer_unknown')
const UNAVAILABLE: Authentication = { status: 'unavailable', code: 'credential.keys_unavailable' }

/** A token that was verified, with all its verdict rested on that can change. */
interface Verified {
  readonly authentication: Authentication
  readonly source: KeySource
  readonly set: KeySet
  readonly goodFrom: number
  readonly expiresAt: number
}

/** Most verified tokens that are remembered. */
const MOST_VERIFIED = 10_000

/** One token on its way through the checks. */
interface Check {
  readonly hash: string
  readonly target: CredentialTarget
  readonly jws: CompactJws
  readonly payload: JsonObject
  readonly issuer: Issuer
  readonly source: KeySource
  readonly wanted: WantedKey
}

type Found = { readonly key: VerificationKey; readonly set: KeySet } | 'refused' | 'unavailable'

const seek = ({ source, wanted, issuer }: Check): Exclude<Found, string> | 'unusable' | 'unknown' | 'none' => {
  const set = source.current()
  if (set === null) return 'none'
  const key = findKey(set, wanted, issuer.provider.algorithms)
  return typeof key === 'string' ? key : { key, set }
}

/** That a key is missing is the caller's fault only when the issuer has just said so. */
const conclude = (check: Check): Found => {
  const found = seek(check)
  if (typeof found === 'object') return found
  if (found === 'none' || (found === 'unknown' && check.source.lastFetch() !== 'done')) return 'unavailable'
  return 'refused'
}

const lookUp = (check: Check): MaybePromise<Found> => {
  const found = seek(check)
  if (typeof found === 'object') return found
  const renewal = found === 'unusable' ? null : check.source.renew()
  return renewal === null ? conclude(check) : renewal.then(() => conclude(check))
}

const identityOf = (check: Check, claims: Exclude<ReturnType<typeof checkTokenClaims>, { code: string }>): Identity => ({
  ...readTokenFacts(claims, check.issuer),
  kind: 'jwt',
  credentialHash: check.hash,
  provider: check.issuer.name,
  subject: claims.actor ?? claims.subject,
  credentialId: claims.id,
  expiresAt: claims.expiresAt,
  unconfirmed: false,
})

/** Signature first: every code after it is said of a token that the issuer did sign. */
const judge = (check: Check, found: Found): { readonly authentication: Authentication; readonly keep: Verified | null } => {
  const { jws, payload, source, target, wanted } = check
  if (found === 'unavailable') return { authentication: UNAVAILABLE, keep: null }
  if (found === 'refused' || !verifySignature(wanted.alg, found.key.key, jws)) return { authentication: INVALID, keep: null }
  const context = { provider: check.issuer.provider, audience: target.service.audience, now: target.now }
  const claims = checkTokenClaims(payload, context)
  if ('code' in claims) return { authentication: rejected(claims.code), keep: null }
  const authentication: Authentication = { status: 'verified', identity: identityOf(check, claims) }
  const { goodFrom, expiresAt } = claims
  return { authentication, keep: { authentication, source, set: found.set, goodFrom, expiresAt } }
}

const prepare = (
  token: string,
  hash: string,
  at: { readonly target: CredentialTarget; readonly lane: Lane },
): Check | Authentication => {
  const jws = parseCompactJws(token)
  const payload = jws === null ? null : readJsonObject(jws.payload)
  if (jws === null || payload === null) return MALFORMED
  const origin = at.lane.issuerOf(payload['iss'])
  if (origin === null) return ISSUER_UNKNOWN
  const wanted = readTokenHeader(jws.header, origin.issuer.provider.profile)
  if (wanted === null) return INVALID
  return { hash, target: at.target, jws, payload, ...origin, wanted }
}

/** Still what it was when it was verified: in time, and by keys that are in force. Also starts a refresh that is due. */
const stillHolds = (verified: Verified, now: number): boolean =>
  now < verified.expiresAt && now >= verified.goodFrom && verified.source.current() === verified.set

/**
 * Verifies JWT access tokens (RFC 9068, or plain RFC 7519 as the provider's entry says). What was verified is remembered by
 * the SHA-256 of the whole token, the policy image and the service, never by a part of it; refusals are not remembered.
 */
export const createJwtAuthenticator = (setup: CredentialSetup): Authenticator => {
  const lanes = createLanes(setup)
  const verifiedTokens = createLru<string, Verified>(MOST_VERIFIED)
  const settle = (slot: string, check: Check, found: Found): Authentication => {
    const { authentication, keep } = judge(check, found)
    if (keep !== null) verifiedTokens.set(slot, keep)
    return authentication
  }
  return {
    verify: (artefact, target) => {
      if (artefact.length > LONGEST_TOKEN) return MALFORMED
      const hash = sha256Base64Url(artefact)
      const lane = lanes.laneOf(target)
      const slot = `${lane.number}:${hash}`
      const known = verifiedTokens.get(slot)
      if (known !== undefined && stillHolds(known, target.now)) return known.authentication
      const check = prepare(artefact, hash, { target, lane })
      if ('status' in check) return check
      const found = lookUp(check)
      return found instanceof Promise ? found.then((late) => settle(slot, check, late)) : settle(slot, check, found)
    },
    close: () => {
      verifiedTokens.clear()
      lanes.clear()
    },
  }
}
