/** An entry of the catalogue. `{name}` stands for a detail of the case at hand. */
export interface DiagnosticEntry {
  readonly severity: 'error' | 'warning'
  readonly what: string
  readonly why: string
  readonly help: string
}

export const error = (what: string, why: string, help: string): DiagnosticEntry => ({ severity: 'error', what, why, help })
export const warning = (what: string, why: string, help: string): DiagnosticEntry => ({ severity: 'warning', what, why, help })
