import type { Outcome } from './decision.ts'

/** A fault in a document. All of them are reported at once; positions are 1-based and end-exclusive. */
export interface Diagnostic {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** What is wrong. */
  readonly message: string
  /** Why it matters. */
  readonly why: string
  /** What to do; a mended line where one can be given. */
  readonly help: string
  /** A request that shows it, where one was found. */
  readonly witness?: Witness
}

/** A request with the answer it gets, in the keys and words of a case: written below `cases:` it is one. */
export interface Witness {
  readonly note: string
  /** Method and absolute URI. */
  readonly request: string
  /** The caller in the words of the rules; empty: anonymous. */
  readonly as: Readonly<Record<string, unknown>>
  readonly from: string
  /** Instant, RFC 3339. */
  readonly at: string
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly upgrade?: 'websocket'
  readonly expect: Outcome
}
