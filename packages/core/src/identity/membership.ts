import { isObject, type JsonObject } from '../lib/strict-json.ts'
import { type Maybe, type Membership, UNKNOWN } from '../model/fact.ts'
import type { BindingImage } from '../model/policy-image.ts'

/** Declared names by the provider's own id. */
export type Bindings = ReadonlyMap<string, readonly string[]>

/** What ids of this provider stand for: those bound to it, and the names themselves where nothing is bound anywhere. */
export const bindingsOf = (declared: Readonly<Record<string, BindingImage>>, provider: string): Bindings => {
  const bindings = new Map<string, string[]>()
  for (const [name, { ids }] of Object.entries(declared)) {
    const own = Object.hasOwn(ids, provider) ? (ids[provider] as readonly string[]) : []
    for (const id of Object.keys(ids).length === 0 ? [name] : own) bindings.set(id, [...(bindings.get(id) ?? []), name])
  }
  return bindings
}

/**
 * Claims that are not in the token because they are too many (OpenID Connect Core 5.6.2; `hasgroups` of Entra ID): the
 * token does not say what they hold.
 */
export const isElsewhere = (claims: JsonObject, name: string): boolean => {
  const sources = claims['_claim_names']
  if (sources !== undefined && (!isObject(sources) || sources[name] !== undefined)) return true
  return name === 'groups' && claims['hasgroups'] !== undefined
}

export interface MembershipClaim {
  /** Name of the claim; null: the provider has none. */
  readonly name: string | null
  readonly bindings: Bindings
  readonly complete: boolean
}

/**
 * Declared names a token gives. Only whole elements of a list of strings count; a single string, a list with anything else
 * in it, and null are no answer, so all is unknown: half of a list would be taken for the whole.
 */
export const readMembership = (claims: JsonObject, { name, bindings, complete }: MembershipClaim): Maybe<Membership> => {
  if (name !== null && isElsewhere(claims, name)) return UNKNOWN
  const value = name === null ? undefined : claims[name]
  if (value === undefined) return complete ? null : UNKNOWN
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) return UNKNOWN
  return { names: new Set(value.flatMap((entry) => bindings.get(entry) ?? [])), complete }
}
