import type { JsonObject, JsonValue } from '../../lib/strict-json.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import type { WantedKey } from './key-set.ts'

/**
 * Parameters that would change what is verified, or with what: extensions to be understood (RFC 7515 section 4.1.11),
 * unencoded payloads (RFC 7797), keys or places of keys chosen by the sender, compression and encryption.
 */
const REFUSED = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'enc']

/** RFC 7515 section 4.1.9: a type without a slash stands for `application/` and itself; types are compared without case. */
const typeOf = (typ: JsonValue | undefined): string | null => {
  if (typ === undefined) return 'none'
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : null
}

const TYPES: Readonly<Record<ProviderImage['profile'], readonly (string | null)[]>> = {
  rfc9068: ['at+jwt'],
  plain: ['jwt', 'none'],
}

/**
 * What a header asks for, or null when the profile does not admit it. A type of another use (logout, DPoP proof, security
 * event, and `at+jwt` for a plain provider) never passes. Parameters nobody here reads are ignored (RFC 7515 section 4).
 */
export const readTokenHeader = (header: JsonObject, profile: ProviderImage['profile']): WantedKey | null => {
  const { alg, kid } = header
  if (REFUSED.some((name) => header[name] !== undefined) || !TYPES[profile].includes(typeOf(header['typ']))) return null
  if (typeof alg !== 'string' || (kid !== undefined && (typeof kid !== 'string' || kid === ''))) return null
  return { alg, kid: kid ?? null }
}
