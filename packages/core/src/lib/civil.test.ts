import fc from 'fast-check'
import { expect, test } from 'vitest'
import { civilFromDays, daysFromCivil, formatDay, formatInstant, parseDay, parseInstant } from './civil.ts'

test.each([
  { text: '1970-01-01', days: 0 },
  { text: '1970-01-02', days: 1 },
  { text: '2000-02-29', days: 11_016 },
  { text: '2024-02-29', days: 19_782 },
  { text: '2026-12-04', days: 20_791 },
  { text: '9999-12-31', days: 2_932_896 },
])('$text is day $days', ({ text, days }) => {
  expect(parseDay(text)).toBe(days)
  expect(formatDay(days)).toBe(text)
})

test.each(
  [
    '',
    '2026-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-01-32',
    '1969-12-31',
    '0000-01-01',
    '2026-1-01',
    '2026-01-1',
    '20260101',
    '2026/01/01',
    '02026-01-01',
    '+2026-01-01',
    ' 2026-01-01',
    '2026-01-01 ',
    '2026-01-01\n',
    '２026-01-01',
    '2026-01-01T00:00:00Z',
  ].map((text) => ({ text })),
)('no day: $text', ({ text }) => expect(parseDay(text)).toBeNull())

test.each([
  { text: '1970-01-01T00:00:00Z', ms: 0 },
  { text: '2026-12-04T10:00:00Z', ms: Date.UTC(2026, 11, 4, 10) },
  { text: '2026-12-04T10:00:00+01:00', ms: Date.UTC(2026, 11, 4, 9) },
  { text: '2026-12-04T00:30:00-09:30', ms: Date.UTC(2026, 11, 4, 10) },
  { text: '2026-12-04T10:00:00+00:00', ms: Date.UTC(2026, 11, 4, 10) },
  { text: '2026-12-04T10:00:00.5Z', ms: Date.UTC(2026, 11, 4, 10, 0, 0, 500) },
  { text: '2026-12-04T10:00:00.05Z', ms: Date.UTC(2026, 11, 4, 10, 0, 0, 50) },
  { text: '2026-12-04T23:59:59.999Z', ms: Date.UTC(2026, 11, 4, 23, 59, 59, 999) },
  { text: '2026-12-31T23:59:59-23:59', ms: Date.UTC(2027, 0, 1, 23, 58, 59) },
])('$text', ({ text, ms }) => expect(parseInstant(text)).toBe(ms))

test.each(
  [
    '',
    '2026-12-04',
    '2026-12-04T10:00Z',
    '2026-12-04T10:00:00',
    '2026-12-04t10:00:00Z',
    '2026-12-04T10:00:00z',
    '2026-12-04 10:00:00Z',
    '2026-12-04T24:00:00Z',
    '2026-12-04T10:60:00Z',
    '2026-12-04T23:59:60Z',
    '2026-12-04T10:00:00.Z',
    '2026-12-04T10:00:00.1234Z',
    '2026-12-04T10:00:00,5Z',
    '2026-12-04T10:00:00-00:00',
    '2026-12-04T10:00:00+24:00',
    '2026-12-04T10:00:00+01:60',
    '2026-12-04T10:00:00+0100',
    '2026-12-04T10:00:00+01',
    '2026-12-04T10:00:00 Z',
    '2026-12-04T10:00:00Z\n',
    '2026-02-30T10:00:00Z',
    '1970-01-01T00:00:00+00:01',
    '1969-12-31T23:59:59-01:00',
  ].map((text) => ({ text })),
)('no instant: $text', ({ text }) => expect(parseInstant(text)).toBeNull())

test.each([
  { ms: 0, text: '1970-01-01T00:00:00Z' },
  { ms: 1, text: '1970-01-01T00:00:00.001Z' },
  { ms: 1.9, text: '1970-01-01T00:00:00.001Z' },
  { ms: -1, text: '1969-12-31T23:59:59.999Z' },
])('$ms is written $text', ({ ms, text }) => expect(formatInstant(ms)).toBe(text))

test('property: days and dates agree with Date.UTC, both ways, before 1970 too', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 2_932_896 }), (days) => {
      const date = new Date(days * 86_400_000)
      const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
      expect(civilFromDays(days)).toEqual(civil)
      expect(daysFromCivil(civil)).toBe(days)
    }),
    { numRuns: 2_000 },
  )
})

const instant = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) })

test('property: what is written reads back, and is what toISOString writes', () => {
  fc.assert(
    fc.property(instant, fc.boolean(), (ms, whole) => {
      const at = whole ? Math.floor(ms / 1_000) * 1_000 : ms
      expect(parseInstant(formatInstant(at))).toBe(at)
      expect(formatInstant(at)).toBe(new Date(at).toISOString().replace('.000Z', 'Z'))
    }),
  )
})

test('property: whatever is read, Date.parse reads likewise; any text gets an answer', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789-:TZ.+'.split('')), maxLength: 30 })
  const nearly = fc
    .tuple(instant, fc.nat({ max: 24 }), fc.constantFrom(...'0123456789-:TZ+'.split('')))
    .map(([ms, at, c]) => new Date(ms).toISOString().split('').toSpliced(at, 1, c).join(''))
  fc.assert(
    fc.property(fc.oneof(nearly, digits, fc.string()), (text) => {
      const ms = parseInstant(text)
      if (ms !== null) expect(ms).toBe(Date.parse(text))
    }),
    { numRuns: 2_000 },
  )
})
