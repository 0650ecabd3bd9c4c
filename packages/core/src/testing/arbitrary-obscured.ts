import fc from 'fast-check'
import { FACT_NAMES, FACTS, type FactName, type Facts, type Maybe, type Membership, UNKNOWN } from '../model/fact.ts'
import { arbitraryFacts } from './arbitrary-facts.ts'

/** Facts, and the same of which less is known. */
export interface Obscure {
  readonly facts: Facts
  readonly less: Facts
}

const MAYBE_UNKNOWN: readonly FactName[] = FACT_NAMES.filter((name) => !FACTS[name].total)
const OF_REQUEST = MAYBE_UNKNOWN.filter((name) => FACTS[name].from === 'request')

/** Keeps some of the names and no longer promises that they are all. */
const partOf = (membership: Maybe<Membership>, keep: boolean): Maybe<Membership> => {
  if (membership === null || membership === UNKNOWN) return UNKNOWN
  return { names: new Set([...membership.names].slice(keep ? 1 : 0)), complete: false }
}

/** Ways in which records are known in part: a factor's date, one claim, a membership that is not complete. */
const partly = (facts: Facts, name: FactName, keep: boolean): Facts => {
  const { factors, claims } = facts
  if (name === 'factors' && Array.isArray(factors)) {
    return {
      ...facts,
      factors: (factors as NonNullable<Extract<Facts['factors'], object>>).map((factor) => ({ ...factor, at: UNKNOWN })),
    }
  }
  if (name === 'claims' && claims instanceof Map)
    return { ...facts, claims: new Map([...claims].slice(keep ? 1 : 2)) as Facts['claims'] }
  if (name === 'groups' || name === 'roles') return { ...facts, [name]: partOf(facts[name], keep) }
  return { ...facts, [name]: UNKNOWN }
}

const hide = (facts: Facts, names: readonly FactName[], choice: { readonly part: boolean; readonly keep: boolean }): Facts =>
  names.reduce((less, name) => (choice.part ? partly(less, name, choice.keep) : { ...less, [name]: UNKNOWN }), facts)

/** `one` fact, `many` of any origin, or facts of the `request` alone, made unknown or known only in part. */
export const obscured = (which: 'one' | 'many' | 'request'): fc.Arbitrary<Obscure> => {
  const from = which === 'request' ? OF_REQUEST : MAYBE_UNKNOWN
  const names = fc.subarray([...from], { minLength: 1, maxLength: which === 'one' ? 1 : from.length })
  return fc
    .record({ facts: arbitraryFacts, names, choice: fc.record({ part: fc.boolean(), keep: fc.boolean() }) })
    .map(({ facts, names: chosen, choice }) => ({ facts, less: hide(facts, chosen, choice) }))
}
