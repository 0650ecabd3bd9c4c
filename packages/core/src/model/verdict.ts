import type { Facts, Unknown } from './fact.ts'
import type { ReasonCode } from './reason.ts'
import type { Remedy } from './remedy.ts'

/** What remedies there are for this caller: several = any of them is enough; null = none; UNKNOWN = a fact it depends on is unknown. */
export type RemedyFor = (facts: Facts) => Remedy | readonly Remedy[] | null | Unknown

/**
 * Made once, when a condition is compiled; evaluation returns one of these constants and allocates nothing.
 * `tri` 1 met, 0 unmet (also on an absent fact), -1 unknown.
 * `by: 'caller'` on an unknown: not a source that failed but a value the caller left out, repeated or spelled so that upstreams
 * disagree; it is no ground for "unavailable".
 */
export interface Verdict {
  readonly tri: 1 | 0 | -1
  readonly code: ReasonCode
  /** `place.key` of the condition. */
  readonly condition: string
  readonly by?: 'source' | 'caller'
  readonly remedy?: RemedyFor
}

export type Test = (facts: Facts) => Verdict
