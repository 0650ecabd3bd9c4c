import type { JsonObject } from '../lib/strict-json.ts'
import { type Factor, type Maybe, type MfaLevel, UNKNOWN } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import { readNumericDate } from './numeric-date.ts'
import { isName } from './claim-text.ts'

/** How well the subject proved who it is. */
export interface Assurance {
  readonly acr: Maybe<string>
  readonly factors: Maybe<readonly Factor[]>
  /** Epoch ms. */
  readonly loginAt: Maybe<number>
}

const levelsOf = (values: readonly string[], map: Readonly<Record<string, MfaLevel>>): readonly MfaLevel[] =>
  values.filter((value) => Object.hasOwn(map, value)).map((value) => map[value] as MfaLevel)

/** `acr` and `amr` as lists of strings; null when either is of another type. */
const readMethods = ({ acr, amr }: JsonObject): { readonly acr: readonly string[]; readonly amr: readonly string[] } | null => {
  if (acr !== undefined && !isName(acr)) return null
  if (amr !== undefined && !(Array.isArray(amr) && amr.every((entry) => typeof entry === 'string'))) return null
  return { acr: acr === undefined ? [] : [acr], amr: amr ?? [] }
}

/**
 * Reads `acr`, `amr` (RFC 8176) and `auth_time` through the provider's maps. What is not said is absent only when the
 * provider promises to tell all of it; when a factor was proved is known only from the claim the provider names. A value of
 * another type is unknown.
 */
export const readAssurance = (claims: JsonObject, provider: ProviderImage): Assurance => {
  const unsaid = provider.complete.includes('mfa') ? null : UNKNOWN
  const methods = readMethods(claims)
  const authTime = claims['auth_time']
  const loginAt = authTime === undefined ? unsaid : (readNumericDate(authTime) ?? UNKNOWN)
  if (methods === null) return { acr: UNKNOWN, factors: UNKNOWN, loginAt }
  const { provedAt, acr, amr } = provider.mfa
  const at = (provedAt === null ? null : readNumericDate(claims[provedAt])) ?? UNKNOWN
  const levels = new Set([...levelsOf(methods.acr, acr), ...levelsOf(methods.amr, amr)])
  const factors = [...levels].map((level): Factor => ({ level, at }))
  return {
    acr: methods.acr[0] ?? unsaid,
    factors: factors.length === 0 && unsaid === UNKNOWN ? UNKNOWN : factors,
    loginAt,
  }
}
