import type { JsonValue } from '../lib/strict-json.ts'

/** Beyond this many ms from the epoch no calendar reaches (ECMA-262 time values). */
const FARTHEST = 8.64e15

/** A NumericDate (RFC 7519 section 2) in whole epoch ms; null for anything but a number of a date that exists. */
export const readNumericDate = (value: JsonValue | undefined): number | null => {
  if (typeof value !== 'number') return null
  const ms = Math.floor(value * 1_000)
  return Math.abs(ms) <= FARTHEST ? ms : null
}
