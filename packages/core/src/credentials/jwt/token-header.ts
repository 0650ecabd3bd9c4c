import type { JsonObject, JsonValue } from '../../lib/strict-json.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import type { WantedKey } from './key-set.ts'

/**
 * Parameters that would change what is verified, or with what: extensions to be understood (RFC 7515 section 4.1.11),
 * unencoded payloads (RFC 7797), keys or places of keys chosen by the sender, compression and encryption.
 */
const REFUSED = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'enc']

/** What a token is for. `logout`: OpenID Connect Back-Channel Logout 1.0 section 2.4, whose recommended type is required here. */
export type TokenUse = ProviderImage['profile'] | 'logout'

/** RFC 7515 section 4.1.9: a type without a slash stands for `application/` and itself; types are compared without case. */
const TYPES: Readonly<Record<TokenUse, readonly string[]>> = {
  rfc9068: ['at+jwt', 'application/at+jwt'],
  plain: ['jwt', 'application/jwt'],
  logout: ['logout+jwt', 'application/logout+jwt'],
}

const isTypeOf = (profile: TokenUse, typ: JsonValue | undefined): boolean =>
  typ === undefined ? profile === 'plain' : typeof typ === 'string' && TYPES[profile].includes(typ.toLowerCase())

/**
 * What a header asks for, or null when the profile does not admit it. A type of another use (logout, DPoP proof, security
 * event, and `at+jwt` for a plain provider) never passes. Parameters nobody here reads are ignored (RFC 7515 section 4).
 */
export const readTokenHeader = (header: JsonObject, profile: TokenUse): WantedKey | null => {
  const { alg, kid } = header
  if (REFUSED.some((name) => header[name] !== undefined) || !isTypeOf(profile, header['typ'])) return null
  if (typeof alg !== 'string' || (kid !== undefined && (typeof kid !== 'string' || kid === ''))) return null
  return { alg, kid: kid ?? null }
}
