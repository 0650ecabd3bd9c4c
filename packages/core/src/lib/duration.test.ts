import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, LONGEST_DURATION, parseDuration } from './duration.ts'

test.each([
  { text: '500ms', ms: 500 },
  { text: '1ms', ms: 1 },
  { text: '60s', ms: 60_000 },
  { text: '15m', ms: 900_000 },
  { text: '8h', ms: 28_800_000 },
  { text: '90d', ms: 7_776_000_000 },
  { text: '1h30m', ms: 5_400_000 },
  { text: '1d2h3m4s5ms', ms: 93_784_005 },
  { text: '1m1ms', ms: 60_001 },
  { text: '3650d', ms: LONGEST_DURATION },
])('$text is $ms ms', ({ text, ms }) => expect(parseDuration(text)).toBe(ms))

test.each(
  [
    ['nothing', ''],
    ['no unit', '15'],
    ['no number', 'm'],
    ['zero', '0s'],
    ['zero part', '1h0m'],
    ['leading zero', '015m'],
    ['sign', '-15m'],
    ['plus', '+15m'],
    ['fraction', '1.5h'],
    ['space', '1h 30m'],
    ['space after', '15m '],
    ['newline after', '15m\n'],
    ['upper case', '15M'],
    ['ascending', '30m1h'],
    ['twice', '1h1h'],
    ['weeks', '1w'],
    ['years', '1y'],
    ['words', '15 minutes'],
    ['ISO 8601', 'PT15M'],
    ['full-width digit', '１5m'],
    ['beyond ten years', '3650d1ms'],
    ['huge', '9999999999999999d'],
    ['huge digits', `${'9'.repeat(400)}d`],
  ].map(([note, text]) => ({ note, text: text as string })),
)('refuses $note', ({ text }) => expect(parseDuration(text)).toBeNull())

test.each([
  { ms: 0, text: '0s' },
  { ms: -5, text: '0s' },
  { ms: Number.NaN, text: '0s' },
  { ms: Number.POSITIVE_INFINITY, text: '0s' },
  { ms: 999.9, text: '999ms' },
  { ms: 129_600_000, text: '1d12h' },
])('$ms ms is written $text', ({ ms, text }) => expect(formatDuration(ms)).toBe(text))

test('property: what is written reads back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LONGEST_DURATION }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms)
    }),
  )
})

test('property: total, and within the cap', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789dhms'.split('')) }))
  fc.assert(
    fc.property(text, (some) => {
      const ms = parseDuration(some)
      expect(ms === null || (Number.isSafeInteger(ms) && ms > 0 && ms <= LONGEST_DURATION)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})
