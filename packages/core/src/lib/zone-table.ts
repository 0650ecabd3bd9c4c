import { attempt } from './attempt.ts'
import type { ZoneTable } from './clock-face.ts'

export type { ZoneTable } from './clock-face.ts'

export type BuiltZoneTable = { readonly ok: true; readonly table: ZoneTable } | { readonly ok: false; readonly why: string }

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Shorter than any zone stays on one offset (Egypt and Morocco turned their clocks back for a month of Ramadan). */
const STRIDE_MS = 14 * DAY_MS
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/

type OffsetAt = (ms: number) => number

/** Reads a zone's offset in minutes from the clock that Intl shows. */
const readClock = (format: Intl.DateTimeFormat): OffsetAt => {
  const digits = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/
  return (ms) => {
    const match = digits.exec(format.format(ms))
    if (match === null) return Number.NaN
    const [, month, day, year, hour, minute, second] = match.map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    return (Date.UTC(year, month - 1, day, hour, minute, second) - ms) / MINUTE_MS
  }
}

/** The first whole minute in (from, to] at which the offset is no longer that of `from`. */
const findTransition = (offsetAt: OffsetAt, from: number, to: number): number => {
  const before = offsetAt(from)
  let low = from / MINUTE_MS
  let high = to / MINUTE_MS
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle * MINUTE_MS) === before) low = middle
    else high = middle
  }
  return high * MINUTE_MS
}

const listTransitions = (offsetAt: OffsetAt, from: number, to: number): ZoneTable['transitions'] => {
  const transitions: (readonly [number, number])[] = [[from, offsetAt(from)]]
  for (let at = from; at < to; at += STRIDE_MS) {
    const end = Math.min(at + STRIDE_MS, to)
    if (offsetAt(end) === transitions.at(-1)?.[1]) continue
    const turned = findTransition(offsetAt, at, end)
    transitions.push([turned, offsetAt(turned)])
  }
  return transitions
}

/**
 * The clock of an IANA zone from the start of `fromYear` to the end of `toYear`, as the platform's time zone data has it.
 * Refused with the reason: a name the platform does not know, an offset such as `+01:00`, years outside 1980–2200.
 * Costs some milliseconds of Intl; for the building of plans, never for a request. Does not follow later changes of the data.
 */
export const buildZoneTable = (zone: string, fromYear: number, toYear: number): BuiltZoneTable => {
  const inRange = Number.isInteger(fromYear) && Number.isInteger(toYear) && fromYear >= 1980 && toYear <= 2200
  if (!inRange || fromYear > toYear) return { ok: false, why: 'the years are not a range within 1980 to 2200' }
  if (!NAME.test(zone) || zone.length > 64) return { ok: false, why: 'a zone is an IANA name such as Europe/Berlin' }
  const format = attempt(
    () =>
      new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      }),
  )
  if (!format.ok) return { ok: false, why: 'no zone of this name is known' }
  const transitions = listTransitions(readClock(format.value), Date.UTC(fromYear, 0, 1), Date.UTC(toYear + 1, 0, 1))
  if (!transitions.every(([, offset]) => Number.isInteger(offset)))
    return { ok: false, why: 'the clock of the zone was not understood' }
  return { ok: true, table: { zone, transitions } }
}
