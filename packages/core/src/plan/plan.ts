// Plan: a PolicyImage indexed for judging, immutable (NIST SP 800-162: the policy as the PDP holds it). Never judges a whole request.
import type { Condition } from '../model/condition.ts'
import type { PolicyDigest } from '../model/decision.ts'
import type { Facts } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import type { Recorded } from './atoms.ts'
import type { OperationFor } from './operations.ts'
import type { Matched, PlanRule } from './rule.ts'
import type { ServiceFor } from './services.ts'

export interface PlanParts {
  /** Every condition an image may use: `CONDITIONS` of the catalogue. */
  readonly conditions: readonly Condition[]
  readonly digest: PolicyDigest
}

/** A policy in force: indexed, immutable, safe to share between any number of requests. */
export interface Plan {
  readonly image: PolicyImage
  readonly digest: PolicyDigest
  readonly serviceFor: ServiceFor
  readonly operationFor: OperationFor
  /** Enforced rules that the request may concern: every one that selects it, and some more. */
  readonly match: (facts: Facts) => Matched
  /** The same among shadow rules, as they are watched; null when the policy has none. */
  readonly matchShadow: ((facts: Facts) => Matched) | null
  /** False: no condition reads facts whose values the log does not keep, and there is nothing to record in their place. */
  readonly recordsVerdicts: boolean
  /** Conditions of these rules that read facts whose values the log does not keep; by key, each once. */
  readonly atomsToRecord: (matched: Matched) => readonly Recorded[]
  /** Ids of the guardrails that ask nothing of the caller: what they refuse, they refuse whoever calls. */
  readonly impersonal: ReadonlySet<number>
  /** Enforced and shadow rules by name, a guardrail in shadow as it will be enforced; invariants are no part of a plan. */
  readonly rules: readonly PlanRule[]
}
