import {
  CLOCK_SKEW,
  isName,
  isObject,
  type IssuedFault,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
  readNumericDate,
} from '@balustrade/core/kit'
import { isForClient } from './id-token.ts'
import type { LoginProvider } from './providers.ts'

/** What a provider asks to be ended, as a logout token that was checked says. */
export interface LogoutToken {
  readonly issuer: string
  /** Names of the declared providers that it is of: one, unless the policy declares one under several. */
  readonly providers: readonly string[]
  readonly id: string
  /** Epoch ms until which the token might be sent again. */
  readonly expiresAt: number
  /** One session at the provider; null: all of the subject. */
  readonly sid: string | null
  readonly subject: string | null
}

/** Code of the reason. */
interface Faulty {
  readonly code: string
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** ms. Longest life: until then its id is remembered. Providers are told two minutes (section 2.4). */
const LONGEST_LIFE = 3_600_000
const LIMITS = { maxBytes: 8_192, maxDepth: 16 }

const FAULTS: Readonly<Record<IssuedFault, string>> = {
  malformed: 'logout.token_malformed',
  type: 'logout.token_type',
  algorithm: 'logout.token_algorithm',
  signature: 'logout.token_signature',
  keys: 'logout.unavailable',
}

/** The payload as sent: says whose keys to try, and nothing else is believed of it. */
const unverified = (token: string): JsonObject | null => {
  const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const parsed = parseStrictJson(text, LIMITS)
  return parsed.ok && isObject(parsed.value) ? parsed.value : null
}

const isOptionalName = (value: JsonValue | undefined): value is string | undefined => value === undefined || isName(value)

/** Section 2.4: `exp` and `iat` are required. */
const expiryOf = ({ exp, iat }: JsonObject, now: number): number | null => {
  const [expiresAt, issuedAt] = [readNumericDate(exp), readNumericDate(iat)]
  if (expiresAt === null || issuedAt === null || now >= expiresAt || issuedAt - now > CLOCK_SKEW) return null
  return expiresAt - issuedAt <= LONGEST_LIFE ? expiresAt : null
}

/** Section 2.4: an object, so that a list or text with the name in it is no event. A `nonce` would let an ID token pass. */
const isEvent = ({ events, nonce }: JsonObject): boolean => nonce === undefined && isObject(events) && isObject(events[EVENT])

interface Named {
  readonly id: string
  readonly sid: string | null
  readonly subject: string | null
}

/** `jti`, and `sid` or `sub` or both. */
const readNames = ({ jti, sid, sub }: JsonObject): Named | null => {
  if (!isName(jti) || !isOptionalName(sid) || !isOptionalName(sub)) return null
  return sid === undefined && sub === undefined ? null : { id: jti, sid: sid ?? null, subject: sub ?? null }
}

/** `iss` has chosen the provider already. */
const readClaims = (claims: JsonObject, issued: readonly LoginProvider[], now: number): LogoutToken | Faulty => {
  const meant = issued.filter(({ client }) => isForClient(claims, client.id))
  const [first] = meant
  if (first === undefined) return { code: 'logout.token_audience' }
  const expiresAt = expiryOf(claims, now)
  if (expiresAt === null) return { code: 'logout.token_time' }
  if (!isEvent(claims)) return { code: 'logout.token_event' }
  const named = readNames(claims)
  return named === null
    ? { code: 'logout.token_subject' }
    : { issuer: first.entry.issuer, providers: meant.map(({ name }) => name), expiresAt, ...named }
}

/**
 * Checks a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6) of one of these providers: type, algorithm, signature,
 * `iss`, `aud`, `iat`, `exp`, `jti`, `events`, `sub` or `sid`, no `nonce`. Not checked: whether it was sent before. Never rejects.
 */
export const checkLogoutToken = async (
  token: string,
  providers: readonly LoginProvider[],
  now: number,
): Promise<LogoutToken | Faulty> => {
  const said = unverified(token)
  if (said === null) return { code: 'logout.token_malformed' }
  const issued = providers.filter(({ entry }) => entry.issuer === said['iss'])
  // Two clients at one provider are told apart by the audience.
  const provider = issued.find(({ client }) => isForClient(said, client.id)) ?? issued[0]
  if (provider === undefined) return { code: 'logout.token_issuer' }
  const verified = await provider.tokens.verify(token, { use: 'logout', algorithms: provider.entry.algorithms })
  return verified.ok ? readClaims(verified.claims, issued, now) : { code: FAULTS[verified.why] }
}
