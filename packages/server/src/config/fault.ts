/** Why the server does not start: where, what, and the line that mends it. All faults are reported at once. */
export interface ConfigFault {
  readonly code: string
  readonly file: string
  /** 1-based; 1:1 when the fault is about the whole file. */
  readonly line: number
  readonly column: number
  readonly message: string
  readonly help: string
}

export const renderFaults = (faults: readonly ConfigFault[]): string =>
  faults
    .map((fault) => `${fault.file}:${fault.line}:${fault.column} error ${fault.code}\n  ${fault.message}\n  ${fault.help}`)
    .join('\n\n')
