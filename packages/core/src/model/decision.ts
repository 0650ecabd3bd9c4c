import type { Reason } from './reason.ts'
import type { Remedy } from './remedy.ts'

export type Outcome = 'allow' | 'challenge' | 'deny'

/**
 * `forbidden`: nothing the caller can do here changes it. `unavailable`: denied only because a fact is unknown.
 * `refused`: the credential or the request itself was not acceptable (the reasons say which).
 */
export type DenyClass = 'forbidden' | 'unavailable' | 'refused'

export interface PolicyDigest {
  /** SHA-256 of the canonical JSON of the PolicyImage, `sha256:` and lower-case hex. */
  readonly policy: string
  /** The same over what changes decisions without being policy; equal to the digest of `{}` when there is none. */
  readonly data: string
}

/** What `decide` answers. Immutable; a failure anywhere becomes a deny, never an exception. */
export interface Decision {
  readonly outcome: Outcome
  /** null unless the outcome is deny. */
  readonly class: DenyClass | null
  /** Why not; empty when allowed. Sorted by code, rule, condition; bounded. */
  readonly reasons: readonly Reason[]
  /** null unless the outcome is challenge. */
  readonly remedy: Remedy | null
  /** First by name of the grants or public entries that permitted; null unless allowed. */
  readonly rule: string | null
  /** The request was allowed as the anonymous caller's would be: a public entry. */
  readonly public: boolean
  /** Exceptions that waived a guardrail for this request, sorted. */
  readonly exceptions: readonly string[]
  /** Epoch ms from which this answer may no longer hold. */
  readonly holdsUntil: number
}

/** Outcome with shadow rules added: with all of them, and with each alone where that differs from the enforced outcome. */
export interface ShadowOutcomes {
  readonly all: Outcome
  readonly alone: Readonly<Record<string, Outcome>>
}
