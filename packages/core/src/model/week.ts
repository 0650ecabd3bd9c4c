import { type Window, type ZoneTable, clockFace, inWindow, windowEnd } from '../lib/clock-face.ts'

/** Days and hours as a policy writes them. The first letters of the English names, Monday first. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const DAY = DAYS.join('|')
/** `mon`, or `mon-fri`; `sat-mon` goes round the end of the week. */
export const DAY_RANGE = new RegExp(`^(?:${DAY})(?:-(?:${DAY}))?$`)
/** `08:00-18:00`; `24:00` only as an end. */
export const HOUR_RANGE = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/
/** An IANA name; whether the zone exists, whoever makes its table finds out. */
export const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/

const WHOLE_DAY = { from: 0, to: 1_440 }
const EVERY_DAY = 0b111_1111

const daysOf = (range: string): number => {
  const [first, last = first] = range.split('-').map((day) => DAYS.indexOf(day as (typeof DAYS)[number])) as [number, number?]
  let days = 0
  for (let day = first; ; day = (day + 1) % 7) {
    days |= 1 << day
    if (day === last) return days
  }
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** `from` and `to` in minutes of a range of hours. */
export const hoursOf = (range: string): Pick<Window, 'from' | 'to'> => {
  const [from = '', to = ''] = range.split('-')
  return { from: minutesOf(from), to: minutesOf(to) }
}

/** One window for each range of hours; no ranges of days: every day, no ranges of hours: the whole day. */
export const windowsOf = (days: readonly string[], hours: readonly string[]): readonly Window[] => {
  const mask = days.length === 0 ? EVERY_DAY : days.reduce((sum, range) => sum | daysOf(range), 0)
  const spans = hours.length === 0 ? [WHOLE_DAY] : hours.map(hoursOf)
  return spans.map((span) => ({ days: mask, ...span }))
}

/** True when the zone's clock shows a time in one of the windows. */
export const isWithin = (windows: readonly Window[], zone: ZoneTable, now: number): boolean => {
  const face = clockFace(zone, now)
  return windows.some((window) => inWindow(window, face))
}

/** The first instant after now at which being within may turn; Infinity when it never does. */
export const nextTurn = (windows: readonly Window[], zone: ZoneTable, now: number): number => {
  const face = clockFace(zone, now)
  const open = windows.filter((window) => inWindow(window, face))
  if (open.length > 0) return Math.max(...open.map((window) => windowEnd(zone, window, now)))
  return Math.min(...windows.map((window) => windowEnd(zone, window, now)))
}
