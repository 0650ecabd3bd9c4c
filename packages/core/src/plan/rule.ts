import type { Facts } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import type { Node } from './node.ts'

export type EnforcedKind = 'grant' | 'public' | 'guardrail' | 'exception'

/** A rule ready to be judged. Ids follow the names, so the least id is the first by name. */
export interface PlanRule {
  readonly id: number
  readonly name: string
  readonly kind: EnforcedKind
  readonly image: RuleImage
  /** who ∧ what ∧ when, with what no policy writes; without what the index has already seen to. */
  readonly select: Node
  /** The rule with all of `what` in `select`: for a path that is spelled otherwise than the rule is. Null: it is so already. */
  readonly whole: (() => PlanRule) | null
  readonly how: Node
  /** The same selection in the parts in which it is written, for those who ask why. */
  readonly parts: { readonly who: Node; readonly what: Node; readonly when: Node }
  /** Half-open life, epoch ms; infinite where none is written. A guardrail in shadow begins when its trial is over. */
  readonly from: number
  readonly until: number
  /** Epoch ms from which time alone may change what this rule says; null when it never does. */
  readonly horizon: ((facts: Facts) => number) | null
  /** Exceptions: ids of the guardrails waived. */
  readonly waives: ReadonlySet<number>
  /** Posted more than once, so that a match may come upon it again. */
  readonly repeated: boolean
}

/** The rules that one request may concern, by what they do. A superset of those that select it. */
export interface Matched {
  /** Grants and public entries. */
  readonly permits: readonly PlanRule[]
  readonly guardrails: readonly PlanRule[]
  readonly exceptions: readonly PlanRule[]
}

/** Where a rule with `shadow` stands: `watched` is judged and decides nothing, `over` is neither; null is enforced while it lives. */
export type Trial = 'watched' | 'over' | null

/** A trial that is over leaves a guardrail in force. What lets somebody in stays off: no rule allows more because time has passed. */
export const trialOf = ({ kind, shadow }: RuleImage, now: number): Trial => {
  if (shadow === null) return null
  if (now < shadow.until) return 'watched'
  return kind === 'guardrail' ? null : 'over'
}

export const isAlive = ({ from, until }: Pick<PlanRule, 'from' | 'until'>, now: number): boolean => now >= from && now < until
