import { isObject, type JsonObject, type JsonValue } from '../../lib/strict-json.ts'
import { importVerificationKey, permits, type VerificationKey } from './verification-key.ts'

/** A JWK Set (RFC 7517 section 5) as far as it can be used. */
export interface KeySet {
  /** Usable keys, without those that share their `kid` with another entry. */
  readonly keys: readonly VerificationKey[]
  /** Every `kid` the document mentions, usable or not. */
  readonly kids: ReadonlySet<string>
  /** Equal for sets that hold the same keys for the same uses. */
  readonly fingerprint: string
}

/** The document could not be a key set above this. */
export const MOST_KEYS = 100

export interface WantedKey {
  readonly alg: string
  readonly kid: string | null
}

const kidsOf = (entries: readonly JsonObject[]): readonly string[] =>
  entries.map((entry) => entry['kid']).filter((kid) => typeof kid === 'string')

/**
 * Imports a JWK Set; null when the document is none, or holds more than MOST_KEYS. Entries that cannot be used are left out
 * (RFC 7517 section 5); of two entries with one `kid` neither is used, since which one is meant would be a guess.
 */
export const importKeySet = async (document: JsonValue): Promise<KeySet | null> => {
  const entries = isObject(document) ? document['keys'] : null
  if (!Array.isArray(entries) || entries.length > MOST_KEYS || !entries.every(isObject)) return null
  const kids = kidsOf(entries)
  const repeated = new Set<string | null>(kids.filter((kid, at) => kids.indexOf(kid) !== at))
  const imported = await Promise.all(entries.map(importVerificationKey))
  const keys = imported.filter((key) => key !== null).filter((key) => !repeated.has(key.kid))
  const fingerprint = JSON.stringify([keys.map(({ kid, algorithms, thumbprint }) => [kid, algorithms, thumbprint]), kids])
  return { keys, kids: new Set(kids), fingerprint }
}

/**
 * The key a token asks for. `kid` is the caller's input: it is compared, never interpreted. Without one, exactly one key
 * must fit. `unusable`: the set answers that no key of it verifies this token; `unknown`: it holds no such `kid`, a newer one may.
 */
export const findKey = (set: KeySet, wanted: WantedKey, allowed: readonly string[]): VerificationKey | 'unusable' | 'unknown' => {
  const fitting = set.keys.filter((key) => permits(key, wanted.alg, allowed))
  const named = wanted.kid === null ? fitting : fitting.filter((key) => key.kid === wanted.kid)
  const [only, second] = named
  if (only !== undefined && second === undefined) return only
  return wanted.kid === null || set.kids.has(wanted.kid) ? 'unusable' : 'unknown'
}
