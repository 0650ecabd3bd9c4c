import type { PolicyDigest, Outcome, DenyClass, ShadowOutcomes } from './decision.ts'
import type { Reason } from './reason.ts'
import type { Remedy } from './remedy.ts'

/** JSON as it stands in a record. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export const RECORD_KINDS = ['decision', 'completion', 'authentication', 'administration', 'policy', 'gap'] as const
export type RecordKind = (typeof RECORD_KINDS)[number]

/**
 * Record kinds cover NIST SP 800-53 AU-3 and PCI DSS 10.2.2: who, what, when, where, source, outcome, identity.
 * The writer adds `seq`; times are epoch ms. Values of clients are kept as JSON strings, so no line can be forged.
 */
interface Common<K extends RecordKind> {
  readonly kind: K
  readonly at: number
}

export interface DecisionRecord extends Common<'decision'> {
  /** Decision id: told to the caller. */
  readonly id: string
  /** Enforcement point, `gateway` or `node`. */
  readonly point: string
  readonly service: string | null
  readonly method: string
  readonly host: string
  /** Canonical target without query; null when the request was not well formed. */
  readonly path: string | null
  readonly peer: string
  readonly client: string | null
  readonly who: WhoRecord | null
  readonly outcome: Outcome
  readonly class: DenyClass | null
  readonly reasons: readonly Reason[]
  readonly remedy: Remedy | null
  readonly rule: string | null
  readonly exceptions: readonly string[]
  readonly shadow: ShadowOutcomes | null
  readonly digest: PolicyDigest | null
  /** Facts of the caller in log form, and of the request what no member above says; unknown is `{"unknown":true}`, absent is left out. */
  readonly facts: Readonly<Record<string, Json>>
  /** Verdict codes of conditions over facts that are not kept plain, by condition key. */
  readonly verdicts: Readonly<Record<string, string>>
  /** A stream held open was judged again: id of the decision that opened it. */
  readonly holds: string | null
  /** Time spent deciding, µs. */
  readonly latency: number
}

export interface WhoRecord {
  readonly kind: string | null
  readonly provider: string
  readonly subject: string
  readonly actingFor: string | null
  readonly credential: string
  readonly credentialHash: string
  readonly credentialId: string | null
  /** Levels and ages in ms of the factors proved; age null: not said. */
  readonly factors: readonly { readonly level: string; readonly age: number | null }[]
  /** Nobody could be asked whether the session or key was ended meanwhile. Left out otherwise. */
  readonly unconfirmed?: true
}

export interface CompletionRecord extends Common<'completion'> {
  readonly id: string
  readonly status: number
  readonly sent: number
  readonly received: number
  /** ms from arrival to the last byte. */
  readonly duration: number
  /** `complete`, or why it was cut short. */
  readonly end: string
}

export interface AuthenticationRecord extends Common<'authentication'> {
  readonly id: string
  readonly point: string
  readonly service: string | null
  readonly peer: string
  readonly client: string | null
  /** Of a credential: rejected, unavailable. Of a login: succeeded, failed. Of a session: ended. */
  readonly outcome: 'rejected' | 'unavailable' | 'succeeded' | 'failed' | 'ended'
  readonly code: string
  /** Whose login or session it was, where that is known; left out for a credential. */
  readonly who?: { readonly provider: string; readonly subject: string; readonly session: string | null }
}

export interface AdministrationRecord extends Common<'administration'> {
  readonly action: string
  readonly detail: Json
}

export interface PolicyRecord extends Common<'policy'> {
  readonly action: 'loaded' | 'refused'
  readonly digest: PolicyDigest | null
  readonly detail: Json
}

/** Records that were lost between two others, and why. */
export interface GapRecord extends Common<'gap'> {
  readonly lost: number
  readonly from: number
  readonly until: number
  readonly cause: string
}

export type LogRecord = DecisionRecord | CompletionRecord | AuthenticationRecord | AdministrationRecord | PolicyRecord | GapRecord
