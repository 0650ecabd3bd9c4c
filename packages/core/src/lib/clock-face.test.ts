import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { daysFromCivil, formatInstant, parseDay, parseInstant } from './civil.ts'
import { clockFace, inWindow, localDay, localMidnight, type Window, windowEnd, type ZoneTable } from './clock-face.ts'

const at = (text: string): number => parseInstant(text) as number
const day = (text: string): number => parseDay(text) as number

const UTC: ZoneTable = { zone: 'UTC', transitions: [[0, 0]] }
const BERLIN: ZoneTable = {
  zone: 'Europe/Berlin',
  transitions: [
    [at('2026-01-01T00:00:00Z'), 60],
    [at('2026-03-29T01:00:00Z'), 120],
    [at('2026-10-25T01:00:00Z'), 60],
    [at('2027-03-28T01:00:00Z'), 120],
  ],
}
/** Clocks go from 24:00 to 01:00 in spring and from 24:00 back to 23:00 in autumn, as in Beirut. */
const BEIRUT: ZoneTable = {
  zone: 'Asia/Beirut',
  transitions: [
    [at('2026-01-01T00:00:00Z'), 120],
    [at('2026-03-28T22:00:00Z'), 180],
    [at('2026-10-24T21:00:00Z'), 120],
  ],
}
/** 30 December 2011 was left out. */
const APIA: ZoneTable = {
  zone: 'Pacific/Apia',
  transitions: [
    [at('2011-01-01T00:00:00Z'), -600],
    [at('2011-12-30T10:00:00Z'), 840],
  ],
}

test.each([
  { note: 'a Thursday', table: UTC, now: '1970-01-01T00:00:00Z', face: { day: 3, minute: 0 } },
  { note: 'a Monday', table: UTC, now: '2026-11-23T00:00:59Z', face: { day: 0, minute: 0 } },
  { note: 'a Sunday', table: UTC, now: '2026-11-29T23:59:59Z', face: { day: 6, minute: 1439 } },
  { note: 'winter', table: BERLIN, now: '2026-01-15T23:30:00Z', face: { day: 4, minute: 30 } },
  { note: 'before the first entry', table: BERLIN, now: '2020-07-01T00:00:00Z', face: { day: 2, minute: 60 } },
  { note: 'after the last entry', table: BERLIN, now: '2040-01-02T00:00:00Z', face: { day: 0, minute: 120 } },
  { note: 'before the clock skips', table: BERLIN, now: '2026-03-29T00:59:59Z', face: { day: 6, minute: 119 } },
  { note: 'after the clock skips', table: BERLIN, now: '2026-03-29T01:00:00Z', face: { day: 6, minute: 180 } },
  { note: 'before the clock goes back', table: BERLIN, now: '2026-10-25T00:59:59Z', face: { day: 6, minute: 179 } },
  { note: 'after the clock goes back', table: BERLIN, now: '2026-10-25T01:00:00Z', face: { day: 6, minute: 120 } },
])('the clock shows $note', ({ table, now, face }) => expect(clockFace(table, at(now))).toEqual(face))

test.each([
  { note: 'UTC', table: UTC, date: '2026-12-04', begins: '2026-12-04T00:00:00Z' },
  { note: 'winter', table: BERLIN, date: '2026-12-04', begins: '2026-12-03T23:00:00Z' },
  { note: 'summer', table: BERLIN, date: '2026-07-01', begins: '2026-06-30T22:00:00Z' },
  { note: 'the day of the change', table: BERLIN, date: '2026-03-29', begins: '2026-03-28T23:00:00Z' },
  { note: 'the day after the change', table: BERLIN, date: '2026-03-30', begins: '2026-03-29T22:00:00Z' },
  { note: 'midnight is skipped', table: BEIRUT, date: '2026-03-29', begins: '2026-03-28T22:00:00Z' },
  { note: 'the clock goes back at midnight', table: BEIRUT, date: '2026-10-25', begins: '2026-10-24T22:00:00Z' },
  {
    note: 'a date that was left out begins where the next one does',
    table: APIA,
    date: '2011-12-30',
    begins: '2011-12-30T10:00:00Z',
  },
  { note: 'the date after it', table: APIA, date: '2011-12-31', begins: '2011-12-30T10:00:00Z' },
])('a local day begins: $note', ({ table, date, begins }) => {
  expect(formatInstant(localMidnight(table, day(date)))).toBe(begins)
})

const MON_FRI = 0b0011111
const ALL = 0b1111111
const OFFICE: Window = { days: MON_FRI, from: 8 * 60, to: 18 * 60 }
const NIGHT: Window = { days: 1 << 4, from: 22 * 60, to: 6 * 60 }

test.each([
  { note: 'first minute', window: OFFICE, face: { day: 0, minute: 480 }, inside: true },
  { note: 'minute before', window: OFFICE, face: { day: 0, minute: 479 }, inside: false },
  { note: 'last minute', window: OFFICE, face: { day: 4, minute: 1079 }, inside: true },
  { note: 'half open', window: OFFICE, face: { day: 4, minute: 1080 }, inside: false },
  { note: 'another day', window: OFFICE, face: { day: 5, minute: 600 }, inside: false },
  { note: 'Friday night begins', window: NIGHT, face: { day: 4, minute: 1320 }, inside: true },
  { note: 'and goes into Saturday', window: NIGHT, face: { day: 5, minute: 300 }, inside: true },
  { note: 'until six', window: NIGHT, face: { day: 5, minute: 360 }, inside: false },
  { note: 'not Friday morning', window: NIGHT, face: { day: 4, minute: 300 }, inside: false },
  { note: 'not Saturday night', window: NIGHT, face: { day: 5, minute: 1320 }, inside: false },
  { note: 'Sunday night goes into Monday', window: { ...NIGHT, days: 1 << 6 }, face: { day: 0, minute: 0 }, inside: true },
  {
    note: 'from and to alike is a day from then on',
    window: { days: 1, from: 60, to: 60 },
    face: { day: 1, minute: 59 },
    inside: true,
  },
  { note: 'and no more', window: { days: 1, from: 60, to: 60 }, face: { day: 1, minute: 60 }, inside: false },
  { note: 'no day', window: { days: 0, from: 0, to: 1440 }, face: { day: 0, minute: 0 }, inside: false },
])('in the window: $note', ({ window, face, inside }) => expect(inWindow(window, face)).toBe(inside))

test.each([
  { note: 'the end of office hours', table: UTC, window: OFFICE, now: '2026-11-24T10:00:30Z', turns: '2026-11-24T18:00:00Z' },
  { note: 'their begin', table: UTC, window: OFFICE, now: '2026-11-24T07:59:59.999Z', turns: '2026-11-24T08:00:00Z' },
  { note: 'over the weekend', table: UTC, window: OFFICE, now: '2026-11-27T18:00:00Z', turns: '2026-11-30T08:00:00Z' },
  { note: 'past midnight', table: UTC, window: NIGHT, now: '2026-11-27T23:00:00Z', turns: '2026-11-28T06:00:00Z' },
  {
    note: 'days alone',
    table: UTC,
    window: { days: MON_FRI, from: 0, to: 1440 },
    now: '2026-11-24T10:00:00Z',
    turns: '2026-11-28T00:00:00Z',
  },
  {
    note: 'adjoining nights',
    table: UTC,
    window: { days: 3, from: 720, to: 720 },
    now: '2026-11-23T13:00:00Z',
    turns: '2026-11-25T12:00:00Z',
  },
  { note: 'local time', table: BERLIN, window: OFFICE, now: '2026-11-24T10:00:00Z', turns: '2026-11-24T17:00:00Z' },
  {
    note: 'a change within',
    table: BERLIN,
    window: { days: ALL, from: 0, to: 360 },
    now: '2026-03-29T00:00:00Z',
    turns: '2026-03-29T04:00:00Z',
  },
  {
    note: 'a change the other way',
    table: BERLIN,
    window: { days: ALL, from: 0, to: 360 },
    now: '2026-10-25T00:00:00Z',
    turns: '2026-10-25T05:00:00Z',
  },
  {
    note: 'an end that is skipped',
    table: BERLIN,
    window: { days: ALL, from: 0, to: 150 },
    now: '2026-03-29T00:00:00Z',
    turns: '2026-03-29T01:00:00Z',
  },
  {
    note: 'a window that is skipped',
    table: BERLIN,
    window: { days: ALL, from: 130, to: 150 },
    now: '2026-03-29T00:00:00Z',
    turns: '2026-03-30T00:10:00Z',
  },
  {
    note: 'an end that is shown twice: the first',
    table: BERLIN,
    window: { days: ALL, from: 0, to: 150 },
    now: '2026-10-25T00:00:00Z',
    turns: '2026-10-25T00:30:00Z',
  },
  {
    note: 'and the clock goes back into it',
    table: BERLIN,
    window: { days: ALL, from: 0, to: 150 },
    now: '2026-10-25T00:30:00Z',
    turns: '2026-10-25T01:00:00Z',
  },
])('a window turns: $note', ({ table, window, now, turns }) => {
  expect(formatInstant(windowEnd(table, window, at(now)))).toBe(turns)
})

test.each([
  { note: 'always inside', window: { days: ALL, from: 0, to: 1440 } },
  { note: 'always inside, from noon to noon', window: { days: ALL, from: 720, to: 720 } },
  { note: 'never inside', window: { days: 0, from: 480, to: 1080 } },
])('a window never turns: $note', ({ window }) => {
  expect(windowEnd(BERLIN, window, at('2026-11-24T10:00:00Z'))).toBe(Number.POSITIVE_INFINITY)
  expect(windowEnd(BERLIN, window, at('2026-10-20T10:00:00Z'))).toBe(Number.POSITIVE_INFINITY)
})

describe('properties', () => {
  const table = fc.constantFrom(UTC, BERLIN, BEIRUT, APIA)
  const minute = fc.integer({ min: at('2026-01-01T00:00:00Z') / 60_000, max: at('2027-12-31T00:00:00Z') / 60_000 })
  const instant = fc.tuple(
    fc.oneof(minute, fc.constantFrom(...BERLIN.transitions.map(([ms]) => ms / 60_000))),
    fc.integer({ min: -90, max: 90 }),
  )
  const now = instant.map(([base, shift]) => (base + shift) * 60_000)
  const edge = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 60, 120, 150, 180, 1439))
  const window = fc.record({ days: fc.integer({ min: 0, max: 127 }), from: edge, to: edge.map((m) => m + 1) })

  test('windowEnd is the first minute, found one by one, at which the window turns', () => {
    fc.assert(
      fc.property(table, now, window, (zone, start, some) => {
        const inside = inWindow(some, clockFace(zone, start))
        let slow = start
        const limit = start + 9 * 86_400_000
        while (slow <= limit && inWindow(some, clockFace(zone, slow)) === inside) slow += 60_000
        expect(windowEnd(zone, some, start)).toBe(slow > limit ? Number.POSITIVE_INFINITY : slow)
      }),
      { numRuns: 150 },
    )
  })

  test('a local day begins at the first instant that shows it', () => {
    const days = fc.integer({
      min: daysFromCivil({ year: 2026, month: 1, day: 3 }),
      max: daysFromCivil({ year: 2027, month: 12, day: 30 }),
    })
    fc.assert(
      fc.property(table, days, (zone, wanted) => {
        const begins = localMidnight(zone, wanted)
        expect(localDay(zone, begins)).toBe(wanted)
        expect(localDay(zone, begins - 1)).toBe(wanted - 1)
      }),
    )
  })
})
