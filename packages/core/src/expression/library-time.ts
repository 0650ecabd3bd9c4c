import { civilFromDays, daysFromCivil } from '../lib/civil.ts'
import { FAULT } from './fault.ts'
import type { Int } from './integer.ts'
import { type Library, type Overload, overload } from './signature.ts'
import { between, earlier, later, longer, shorter } from './time.ts'
import type { Duration, Timestamp, Value } from './value.ts'

/** Minutes by which the clock of a named zone is ahead of UTC at an instant; null for a zone that is not known. */
export type ZoneOffset = (zone: string, seconds: number) => number | null

const OFFSET = /^([+-]?)([01]?[0-9]|2[0-3]):([0-5][0-9])$/

const DAY = 86_400

/** Seconds to add to UTC for `+02:00` or a named zone; null when there is no such zone. */
const offsetOf = (zone: string, seconds: number, named: ZoneOffset): number | null => {
  const match = OFFSET.exec(zone)
  if (match === null) {
    const minutes = zone === 'UTC' ? 0 : named(zone, seconds)
    return minutes === null ? null : minutes * 60
  }
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return (match[1] === '-' ? -minutes : minutes) * 60
}

/** What a clock and a calendar show. */
interface Shown {
  readonly days: number
  readonly second: number
  readonly nanos: number
}

const READINGS: Readonly<Record<string, (shown: Shown) => number>> = {
  getFullYear: ({ days }) => civilFromDays(days).year,
  getMonth: ({ days }) => civilFromDays(days).month - 1,
  getDate: ({ days }) => civilFromDays(days).day,
  getDayOfMonth: ({ days }) => civilFromDays(days).day - 1,
  getDayOfWeek: ({ days }) => (((days + 4) % 7) + 7) % 7,
  getDayOfYear: ({ days }) => days - daysFromCivil({ year: civilFromDays(days).year, month: 1, day: 1 }),
  getHours: ({ second }) => Math.floor(second / 3_600),
  getMinutes: ({ second }) => Math.floor(second / 60) % 60,
  getSeconds: ({ second }) => second % 60,
  getMilliseconds: ({ nanos }) => Math.floor(nanos / 1_000_000),
}

const read = (reading: (shown: Shown) => number, { seconds, nanos }: Timestamp, offset: number): Value => {
  const local = seconds + offset
  const days = Math.floor(local / DAY)
  return reading({ days, second: local - days * DAY, nanos })
}

const instants = (reading: (shown: Shown) => number, named: ZoneOffset): readonly Overload[] => [
  overload('timestamp.() -> int', (at: Timestamp) => read(reading, at, 0)),
  overload('timestamp.(string) -> int', (at: Timestamp, zone: string) => {
    const offset = offsetOf(zone, at.seconds, named)
    return offset === null ? FAULT.argument : read(reading, at, offset)
  }),
]

/** Whole units of a duration, towards zero. */
const units = (nanos: Int, size: bigint, wrap: bigint | null = null): number => {
  const whole = BigInt(nanos) / size
  return Number(wrap === null ? whole : whole % wrap)
}

const ofDuration = (size: bigint, wrap: bigint | null = null): readonly Overload[] => [
  overload('duration.() -> int', ({ nanos }: Duration) => units(nanos, size, wrap)),
]

const SECOND = 1_000_000_000n

/** Arithmetic and readings of instants and durations. Zones by name come from whoever has their clocks. */
export const timeLibrary = (named: ZoneOffset): Library => {
  const readings = Object.entries(READINGS).map(([name, reading]) => [name, instants(reading, named)] as const)
  const byName = Object.fromEntries(readings)
  return {
    ...byName,
    getHours: [...(byName['getHours'] ?? []), ...ofDuration(3_600n * SECOND)],
    getMinutes: [...(byName['getMinutes'] ?? []), ...ofDuration(60n * SECOND)],
    getSeconds: [...(byName['getSeconds'] ?? []), ...ofDuration(SECOND)],
    // The milliseconds that follow the last whole second.
    getMilliseconds: [...(byName['getMilliseconds'] ?? []), ...ofDuration(1_000_000n, 1_000n)],
    '_+_': [
      overload('(timestamp, duration) -> timestamp', later),
      overload('(duration, timestamp) -> timestamp', (by: Duration, at: Timestamp) => later(at, by)),
      overload('(duration, duration) -> duration', longer),
    ],
    '_-_': [
      overload('(timestamp, timestamp) -> duration', between),
      overload('(timestamp, duration) -> timestamp', earlier),
      overload('(duration, duration) -> duration', shorter),
    ],
  }
}
