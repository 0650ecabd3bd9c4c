import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatInstant } from './civil.ts'
import { clockFace, type ZoneTable } from './clock-face.ts'
import { buildZoneTable } from './zone-table.ts'

const build = (zone: string, from = 2020, to = 2060): ZoneTable => {
  const built = buildZoneTable(zone, from, to)
  if (!built.ok) throw new Error(`${zone}: ${built.why}`)
  return built.table
}
const lines = (table: ZoneTable): string[] => table.transitions.map(([ms, offset]) => `${formatInstant(ms)} ${offset}`)

test.each([
  { zone: 'UTC', entries: ['2026-01-01T00:00:00Z 0'] },
  { zone: 'Asia/Kolkata', entries: ['2026-01-01T00:00:00Z 330'] },
  { zone: 'Etc/GMT+5', entries: ['2026-01-01T00:00:00Z -300'] },
  { zone: 'Europe/Berlin', entries: ['2026-01-01T00:00:00Z 60', '2026-03-29T01:00:00Z 120', '2026-10-25T01:00:00Z 60'] },
  { zone: 'America/New_York', entries: ['2026-01-01T00:00:00Z -300', '2026-03-08T07:00:00Z -240', '2026-11-01T06:00:00Z -300'] },
  { zone: 'Australia/Lord_Howe', entries: ['2026-01-01T00:00:00Z 660', '2026-04-04T15:00:00Z 630', '2026-10-03T15:30:00Z 660'] },
])('the clock of $zone in 2026', ({ zone, entries }) => expect(lines(build(zone, 2026, 2026))).toEqual(entries))

test('history: a day left out, a month of Ramadan', () => {
  expect(lines(build('Pacific/Apia', 2011, 2011)).at(-1)).toBe('2011-12-30T10:00:00Z 840')
  expect(lines(build('Africa/Cairo', 2010, 2010))).toHaveLength(5)
  expect(lines(build('Africa/Casablanca', 2012, 2012))).toHaveLength(5)
})

test.each([
  { note: 'an unknown zone', zone: 'Europe/Nowhere', from: 2020, to: 2030, why: /known/ },
  { note: 'nothing', zone: '', from: 2020, to: 2030, why: /IANA/ },
  { note: 'an offset', zone: '+01:00', from: 2020, to: 2030, why: /IANA/ },
  { note: 'a space', zone: 'Europe/Berlin ', from: 2020, to: 2030, why: /IANA/ },
  { note: 'a path', zone: '../../etc/passwd', from: 2020, to: 2030, why: /IANA/ },
  { note: 'a long name', zone: 'A'.repeat(65), from: 2020, to: 2030, why: /IANA/ },
  { note: 'years backwards', zone: 'UTC', from: 2030, to: 2020, why: /years/ },
  { note: 'too early', zone: 'UTC', from: 1900, to: 2020, why: /years/ },
  { note: 'too late', zone: 'UTC', from: 2020, to: 9999, why: /years/ },
  { note: 'a fraction', zone: 'UTC', from: 2020.5, to: 2021, why: /years/ },
])('refuses $note', ({ zone, from, to, why }) => {
  expect(buildZoneTable(zone, from, to)).toEqual({ ok: false, why: expect.stringMatching(why) })
})

test('property: the face is the one that Intl shows, in any zone at any time', () => {
  const tables = new Map<string, { table: ZoneTable; format: Intl.DateTimeFormat }>()
  const known = (zone: string) => {
    const found = tables.get(zone) ?? {
      table: build(zone, 2024, 2034),
      format: new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      }),
    }
    tables.set(zone, found)
    return found
  }
  const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  const zones = fc.constantFrom(
    ...Intl.supportedValuesOf('timeZone').filter((_, i) => i % 12 === 0),
    'Africa/Casablanca',
    'America/St_Johns',
    'Asia/Gaza',
  )
  fc.assert(
    fc.property(zones, fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2034, 11, 31) }), fc.nat(), (zone, ms, pick) => {
      const { table, format } = known(zone)
      const [edge] = table.transitions[pick % table.transitions.length] as readonly [number, number]
      for (const now of [ms, edge, edge + 59_999, Math.max(edge - 1, Date.UTC(2024, 0, 1))]) {
        const { day, minute } = clockFace(table, now)
        const shown = `${DAYS[day]} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
        expect(format.format(now).replace(',', '')).toBe(shown)
      }
    }),
    { numRuns: 500 },
  )
})

test('a table is plain data', () => {
  const table = build('Europe/Berlin', 2026, 2027)
  expect(JSON.parse(JSON.stringify(table))).toEqual(table)
})
