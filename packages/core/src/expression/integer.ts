// Arithmetic of 64-bit integers: a number while it is safe, a bigint beyond; every value has one of the two forms, so === compares.
export type Int = number | bigint

const INT_MIN = -(2n ** 63n)
const INT_MAX = 2n ** 63n - 1n
const UINT_MAX = 2n ** 64n - 1n

export interface IntRange {
  readonly min: bigint
  readonly max: bigint
}

export const INT64: IntRange = { min: INT_MIN, max: INT_MAX }
export const UINT64: IntRange = { min: 0n, max: UINT_MAX }

/** The one form of an integer; null beyond the range. */
const intOf = (value: bigint, { min, max }: IntRange): Int | null => {
  if (value < min || value > max) return null
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** A safe number in the range needs no further look; zero has no sign. */
const quick = (value: number, range: IntRange): Int | null | undefined => {
  if (!Number.isSafeInteger(value)) return undefined
  return value < 0 && range.min === 0n ? null : value + 0
}

export type IntOperation = (a: Int, b: Int, range: IntRange) => Int | null

export const addInt: IntOperation = (a, b, range) => {
  const sum = typeof a === 'number' && typeof b === 'number' ? quick(a + b, range) : undefined
  return sum === undefined ? intOf(BigInt(a) + BigInt(b), range) : sum
}

export const subtractInt: IntOperation = (a, b, range) => {
  const difference = typeof a === 'number' && typeof b === 'number' ? quick(a - b, range) : undefined
  return difference === undefined ? intOf(BigInt(a) - BigInt(b), range) : difference
}

export const multiplyInt: IntOperation = (a, b, range) => {
  const product = typeof a === 'number' && typeof b === 'number' ? quick(a * b, range) : undefined
  return product === undefined ? intOf(BigInt(a) * BigInt(b), range) : product
}

/** Towards zero. The divisor is not zero. */
export const divideInt: IntOperation = (a, b, range) =>
  // Division of doubles rounds: what is left is taken away first, and then the division is exact.
  typeof a === 'number' && typeof b === 'number' ? (a - (a % b)) / b + 0 : intOf(BigInt(a) / BigInt(b), range)

/** With the sign of the dividend. The divisor is not zero. */
export const moduloInt: IntOperation = (a, b, range) =>
  typeof a === 'number' && typeof b === 'number' ? (a % b) + 0 : intOf(BigInt(a) % BigInt(b), range)

/** Towards zero; null for what is not finite or beyond the range. */
export const truncateToInt = (value: number, range: IntRange): Int | null => {
  if (!Number.isFinite(value) || (value < 0 && range.min === 0n)) return null
  const whole = Math.trunc(value)
  if (Number.isSafeInteger(whole)) return quick(whole, range) ?? null
  // The doubles at both ends stand for integers beyond them too.
  const big = BigInt(whole)
  return big <= range.min || big >= range.max ? null : intOf(big, range)
}

const DECIMAL = /^[+-]?[0-9]{1,20}$/

/** An integer in decimal digits; null when it is none or beyond the range. */
export const parseInt64 = (text: string, range: IntRange): Int | null => {
  if (!DECIMAL.test(text)) return null
  return intOf(BigInt(text.startsWith('+') ? text.slice(1) : text), range)
}

/** From a bigint made elsewhere, such as by an operation on bits. */
export const intFromBig = intOf
