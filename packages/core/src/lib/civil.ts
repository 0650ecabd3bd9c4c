/** A date of the proleptic Gregorian calendar; months and days count from 1. */
export interface CivilDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

const DAY_MS = 86_400_000
const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/
const INSTANT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,3}))?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$/

const DAYS_BEFORE_EPOCH = 719_468
const DAYS_IN_ERA = 146_097

/** Days since 1970-01-01. Years run from March, so that the leap day is a year's last; 400 years repeat exactly. */
export const daysFromCivil = (civil: CivilDay): number => {
  const year = civil.month <= 2 ? civil.year - 1 : civil.year
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * ((civil.month + 9) % 12) + 2) / 5) + civil.day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * DAYS_IN_ERA + dayOfEra - DAYS_BEFORE_EPOCH
}

/** The date of a number of days since 1970-01-01. */
export const civilFromDays = (days: number): CivilDay => {
  const shifted = days + DAYS_BEFORE_EPOCH
  const era = Math.floor(shifted / DAYS_IN_ERA)
  const dayOfEra = shifted - era * DAYS_IN_ERA
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = ((shiftedMonth + 2) % 12) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** Days since 1970-01-01; null when the calendar has no such day. */
export const daysOfDate = (civil: CivilDay): number | null => {
  const days = daysFromCivil(civil)
  const back = civilFromDays(days)
  return back.month === civil.month && back.day === civil.day ? days : null
}

/** Days since 1970-01-01 of `2026-12-04`, or null when it is no date from 1970 to 9999 in exactly that form. */
export const parseDay = (text: string): number | null => {
  const match = DAY.exec(text)
  if (match === null) return null
  const civil = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) }
  return civil.year < 1970 ? null : daysOfDate(civil)
}

/**
 * Milliseconds since 1970 of an RFC 3339 instant: `2026-12-04T10:00:00Z`, with up to three digits of fraction, with an
 * offset such as `+01:00` for `Z`. Null for anything else: lower case, no seconds, second 60, `24:00`, no zone, `-00:00`
 * (RFC 3339 section 4.3: offset unknown), a date before 1970 or that does not exist.
 */
export const parseInstant = (text: string): number | null => {
  const match = INSTANT.exec(text)
  const days = match === null ? null : parseDay(match[1] as string)
  if (match === null || days === null || text.endsWith('-00:00')) return null
  const clock = Number(match[2]) * 3_600_000 + Number(match[3]) * 60_000 + Number(match[4]) * 1_000
  const fraction = Number((match[5] ?? '').padEnd(3, '0'))
  const offset = (Number(match[7] ?? 0) * 60 + Number(match[8] ?? 0)) * 60_000
  const ms = days * DAY_MS + clock + fraction - (match[6] === '-' ? -offset : offset)
  return ms < 0 ? null : ms
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

/** `2026-12-04` of days since 1970-01-01, for years 0 to 9999. */
export const formatDay = (days: number): string => {
  const { year, month, day } = civilFromDays(days)
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}

/** `2026-12-04T10:00:00Z` of milliseconds since 1970, with milliseconds only where there are some. */
export const formatInstant = (ms: number): string => {
  const whole = Math.floor(ms)
  const days = Math.floor(whole / DAY_MS)
  const rest = whole - days * DAY_MS
  const part = (size: number, count: number): number => Math.floor(rest / size) % count
  const fraction = rest % 1_000 === 0 ? '' : `.${pad(rest % 1_000, 3)}`
  return `${formatDay(days)}T${pad(part(3_600_000, 24), 2)}:${pad(part(60_000, 60), 2)}:${pad(part(1_000, 60), 2)}${fraction}Z`
}
