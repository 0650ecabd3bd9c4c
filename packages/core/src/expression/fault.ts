/** What can go wrong when an expression is evaluated; each says it in words. */
export const FAULTS = {
  no_overload: 'no such operation on values of these types',
  no_key: 'no such key',
  absent: 'a value that is not there was used as if it were',
  index: 'the index is beyond the end',
  overflow: 'the number is beyond 64 bits',
  divide: 'division by zero',
  range: 'the value is beyond the range of its type',
  conversion: 'the text is not a value of this type',
  repeated_key: 'a key stands twice in a map',
  key_type: 'no key of a map has this type',
  no_value: 'the optional holds no value',
  argument: 'an argument is not accepted',
  pattern: 'the pattern cannot be read',
  undeclared: 'nothing of this name is declared',
  budget: 'the expression takes too many steps or too much space',
  unsaid: 'the caller did not say it, or said it so that it can be read two ways',
} as const
export type FaultCode = keyof typeof FAULTS

/** The outcome of an operation that has no value. A constant: evaluation allocates none. */
export interface Fault {
  readonly kind: 'fault'
  readonly code: FaultCode
}

export const FAULT = Object.fromEntries(
  Object.keys(FAULTS).map((code) => [code, { kind: 'fault', code }]),
) as unknown as Readonly<{ [C in FaultCode]: Fault }>
