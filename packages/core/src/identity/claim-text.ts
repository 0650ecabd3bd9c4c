import type { JsonValue } from '../lib/strict-json.ts'

/** Control characters and line separators have no place in a name; headers, logs and terminals would be misled by them. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u

export const isPrintable = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && !UNPRINTABLE.test(value)

export const isName = (value: JsonValue | undefined): value is string => isPrintable(value) && value !== ''
