/**
 * The exception of a failed system. `code` is stable and names an entry of a catalogue (`canonical.cycle`, `store.down`…);
 * the message is for people and never holds a secret. A refused request is a value and a wrong document a diagnostic: neither is this.
 */
export class CodedError extends Error {
  readonly code: string

  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'CodedError'
    this.code = code
  }
}
