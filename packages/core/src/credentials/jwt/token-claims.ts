import { isObject, type JsonObject, type JsonValue } from '../../lib/strict-json.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import type { ReasonCode } from '../../model/reason.ts'
import { isName } from '../../identity/claim-text.ts'
import { readNumericDate } from '../../identity/numeric-date.ts'

/** Registered claims of a token that is good at this service now. Times in epoch ms. */
export interface TokenClaims {
  readonly subject: string
  /** `client_id`, in the plain profile `azp` too; null when the token names no client. */
  readonly client: string | null
  /** The current actor (RFC 8693 section 4.1), null when the token has none. */
  readonly actor: string | null
  readonly id: string | null
  /** Void from here on: no leeway is given to an end. */
  readonly expiresAt: number
  /** Good from here on: `iat` and `nbf` less the leeway. */
  readonly goodFrom: number
  readonly all: JsonObject
}

export interface ClaimContext {
  readonly provider: ProviderImage
  readonly audience: readonly string[]
  readonly now: number
}

/** ms by which the issuer's clock may be ahead of ours. */
const LEEWAY = 60_000

const isOptionalName = (value: JsonValue | undefined): value is string | undefined => value === undefined || isName(value)

/** RFC 7519 section 4.1.3: one string, or a list of strings of which one is enough. */
const isFor = (aud: JsonValue | undefined, accepted: readonly string[]): boolean => {
  const named = Array.isArray(aud) ? aud : [aud]
  return named.every((entry) => typeof entry === 'string') && named.some((entry) => accepted.includes(entry))
}

interface Times {
  readonly expiresAt: number
  readonly issuedAt: number
  readonly goodFrom: number
}

/** `exp` and `iat` are required in both profiles: without `iat` the life of a token cannot be bounded. */
const readTimes = ({ exp, iat, nbf }: JsonObject): Times | null => {
  const [expiresAt, issuedAt, notBefore] = [exp, iat, nbf === undefined ? iat : nbf].map(readNumericDate) as [
    number | null,
    number | null,
    number | null,
  ]
  if (expiresAt === null || issuedAt === null || notBefore === null) return null
  return { expiresAt, issuedAt, goodFrom: Math.max(issuedAt, notBefore) - LEEWAY }
}

const checkTimes = (times: Times, { now, provider }: ClaimContext): ReasonCode | null => {
  if (now >= times.expiresAt) return 'credential.expired'
  if (now < times.goodFrom) return 'credential.not_yet_valid'
  return times.expiresAt - times.issuedAt > provider.lifetime ? 'credential.too_long_lived' : null
}

/** The actor's `sub`; undefined when the claim is there and does not name one this issuer vouches for. */
const readActor = ({ act, iss }: JsonObject): string | null | undefined => {
  if (act === undefined) return null
  if (!isObject(act) || !isName(act['sub'])) return undefined
  return act['iss'] === undefined || act['iss'] === iss ? act['sub'] : undefined
}

interface Names {
  readonly subject: string
  readonly client: string | null
  readonly actor: string | null
  readonly id: string | null
}

/** RFC 9068 section 2.2 requires client and id; elsewhere `azp` (OpenID Connect Core section 2) may name the client. */
const CLIENT_CLAIMS: Readonly<Record<ProviderImage['profile'], readonly string[]>> = {
  rfc9068: ['client_id'],
  plain: ['client_id', 'azp'],
}

const readNames = (claims: JsonObject, profile: ProviderImage['profile']): Names | null => {
  const { sub, jti } = claims
  const actor = readActor(claims)
  const clients = CLIENT_CLAIMS[profile].map((name) => claims[name])
  if (!isName(sub) || actor === undefined || !isOptionalName(jti) || !clients.every(isOptionalName)) return null
  const client = clients.find((name) => name !== undefined)
  if (profile === 'rfc9068' && (client === undefined || jti === undefined)) return null
  return { subject: sub, client: client ?? null, actor, id: jti ?? null }
}

/**
 * Checks the registered claims of a token whose signature holds (RFC 7519 section 4.1, RFC 9068 sections 2.2 and 4). `iss`
 * has chosen the provider already. Nothing is coerced: a number in quotes is not a number. Gives the claims, or the reason.
 * Not checked: `jti` is not remembered (a bearer token may be used again), revocation, `scope`.
 */
export const checkTokenClaims = (claims: JsonObject, context: ClaimContext): TokenClaims | { readonly code: ReasonCode } => {
  const times = readTimes(claims)
  const names = readNames(claims, context.provider.profile)
  // RFC 9449 section 7.1, RFC 8705 section 3: a token bound to a key is no bearer token, and no proof of that key is read here.
  if (times === null || names === null || claims['cnf'] !== undefined) return { code: 'credential.invalid' }
  if (!isFor(claims['aud'], context.audience)) return { code: 'credential.audience' }
  const code = checkTimes(times, context)
  return code === null ? { ...names, expiresAt: times.expiresAt, goodFrom: times.goodFrom, all: claims } : { code }
}
