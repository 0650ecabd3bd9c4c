import { expect, test } from 'vitest'
import { createTrust } from './trust.ts'

const at = (now: number, lastLook: number) => createTrust({ monotonic: () => now }, () => lastLook)
const seen = (isFresh: boolean, confirmedAt = 0) => ({ version: 1, isFresh, confirmedAt })

test('what was read under the watch counts for a second after its last look', () => {
  expect([5_000, 6_000, 6_001].map((now) => at(now, 5_000).isCurrent(seen(true)))).toEqual([true, true, false])
  expect(at(5_000, 5_000).isCurrent(seen(false))).toBe(false)
  expect(at(5_000, -Infinity).isCurrent(seen(true))).toBe(false)
})

test('what the store said counts for a minute, from the last look where nothing was told of it since', () => {
  expect([60_999, 61_000].map((now) => at(now, 500).wasConfirmedLately(seen(false, 1_000)))).toEqual([true, false])
  expect([64_999, 65_000].map((now) => at(now, 5_000).wasConfirmedLately(seen(true, 1_000)))).toEqual([true, false])
  expect(at(64_999, 5_000).wasConfirmedLately(seen(false, 1_000))).toBe(false)
})

test('a reading before the first look was not watched', () => {
  expect([at(7, -Infinity).reading(), at(7, 3).reading()]).toEqual([
    { at: 7, isWatched: false },
    { at: 7, isWatched: true },
  ])
})
