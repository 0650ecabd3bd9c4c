import type { CompileScope } from './condition.ts'
import { type Facts, type Maybe, type Membership, UNKNOWN } from './fact.ts'
import { among, operandsOf } from './operand.ts'
import type { Test, Verdict } from './verdict.ts'

/** Verdicts of a condition over names that a principal holds. */
export interface MembershipVerdicts {
  readonly met: Verdict
  /** The principal holds no names at all. */
  readonly missing: Verdict
  /** Others than those asked for. */
  readonly other: Verdict
  /** A `$name` that is compared was not captured. */
  readonly unbound: Verdict
  /** The names, or whether there are more, could not be found out. */
  readonly unknown: Verdict
}

/** The test that one of these names, or `$name`s, is held. A name that is not listed is unknown unless the list is complete. */
export const holdsOneOf = (
  names: readonly string[],
  scope: CompileScope,
  { read, verdicts }: { readonly read: (facts: Facts) => Maybe<Membership>; readonly verdicts: MembershipVerdicts },
): Test => {
  const wanted = operandsOf(names, scope)
  const { met, missing, other, unbound, unknown } = verdicts
  return (facts) => {
    const held = read(facts)
    if (held === UNKNOWN) return unknown
    if (held === null) return missing
    const found = among(wanted, (name) => held.names.has(name), facts)
    if (found === 1) return met
    if (!held.complete) return unknown
    return found === 0 ? other : unbound
  }
}
