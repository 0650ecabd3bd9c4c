import { expect, test } from 'vitest'
import { readNumericDate } from './numeric-date.ts'

test.each([
  [0, 0],
  [1_795_000_000, 1_795_000_000_000],
  [1.0019, 1_001],
  [-1, -1_000],
  [8.64e12, 8.64e15],
  [-8.64e12, -8.64e15],
])('%d', (value, ms) => {
  expect(readNumericDate(value)).toBe(ms)
})

test.each([undefined, null, '1', true, [1], {}, 8.64e12 + 1, -8.64e12 - 1, 1e308])('%j is no date', (value) => {
  expect(readNumericDate(value)).toBeNull()
})
