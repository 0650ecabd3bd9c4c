import type { Spec } from '../model/condition.ts'
import { type Facts, type Maybe, type Membership, UNKNOWN } from '../model/fact.ts'
import type { Formula } from '../model/policy-image.ts'

/** Facts by whose value crowded places of the index tell grants apart. */
export const KEYED = ['groups', 'roles', 'user'] as const
export type Keyed = (typeof KEYED)[number]

const CONDITIONS: Readonly<Record<string, Keyed>> = { 'who.group': 'groups', 'who.role': 'roles', 'who.user': 'user' }

/** A `who` that is unmet for everybody who has none of these values. */
export interface WhoKey {
  readonly fact: Keyed
  readonly values: readonly string[]
}

const keyOfCondition = (is: string, spec: Spec): WhoKey | null => {
  const fact = CONDITIONS[is]
  const values = (Array.isArray(spec) ? spec : [spec]) as readonly unknown[]
  // A `$name` is whatever the request says.
  if (fact === undefined || !values.every((value) => typeof value === 'string' && !value.includes('$'))) return null
  return { fact, values: values as readonly string[] }
}

const uniteKeys = (keys: readonly (WhoKey | null)[]): WhoKey | null => {
  const known = keys.filter((key) => key !== null)
  const [first] = known
  if (first === undefined || known.length < keys.length || known.some(({ fact }) => fact !== first.fact)) return null
  return { fact: first.fact, values: [...new Set(known.flatMap(({ values }) => values))] }
}

export const whoKeyOf = (who: Formula | null): WhoKey | null => {
  if (who === null) return null
  if ('is' in who) return keyOfCondition(who.is, who.spec)
  if ('all' in who) return who.all.map(whoKeyOf).find((key) => key !== null) ?? null
  return 'any' in who ? uniteKeys(who.any.map(whoKeyOf)) : null
}

const membersOf = (membership: Maybe<Membership>): Iterable<string> | null => {
  if (membership === UNKNOWN) return null
  if (membership === null) return []
  return membership.complete ? membership.names : null
}

/** The values a caller has; null when they are not known for certain, and then nothing may be left out. */
export const valuesOf = (fact: Keyed, facts: Facts): Iterable<string> | null => {
  if (fact === 'groups') return membersOf(facts.groups)
  if (fact === 'roles') return membersOf(facts.roles)
  if (facts.user === UNKNOWN) return null
  return facts.user === null ? [] : [facts.user]
}
