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
  /** A request that shows it, in the words of a case's `request`, where one exists. */
  readonly witness?: string
}
