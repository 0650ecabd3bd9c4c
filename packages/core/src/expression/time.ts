import { daysOfDate, formatDay } from '../lib/civil.ts'
import { FAULT, type Fault } from './fault.ts'
import { addInt, INT64, type Int, multiplyInt, subtractInt } from './integer.ts'
import type { Duration, Timestamp } from './value.ts'

const BILLION = 1_000_000_000
const DAY = 86_400
/** 0001-01-01 and the end of 9999, in seconds since 1970. */
const FIRST_SECOND = -62_135_596_800
const LAST_SECOND = 253_402_300_799

const durationOf = (nanos: Int | null): Duration | Fault => (nanos === null ? FAULT.range : { kind: 'duration', nanos })

/** An instant of these whole seconds since 1970, and the nanoseconds after them; out of range beyond the years 1 to 9999. */
export const timestampOf = (seconds: Int, nanos: number): Timestamp | Fault =>
  seconds < FIRST_SECOND || seconds > LAST_SECOND ? FAULT.range : { kind: 'timestamp', seconds: Number(seconds), nanos }

/** Division that rounds down, for nanoseconds that may be more than a safe number. */
const splitNanos = (nanos: Int): { readonly seconds: number; readonly rest: number } => {
  const rest = Number(((BigInt(nanos) % BigInt(BILLION)) + BigInt(BILLION)) % BigInt(BILLION))
  return { seconds: Number((BigInt(nanos) - BigInt(rest)) / BigInt(BILLION)), rest }
}

const moved = ({ seconds, nanos }: Timestamp, by: Int): Timestamp | Fault => {
  const { seconds: whole, rest } = splitNanos(by)
  const carried = nanos + rest
  return timestampOf(seconds + whole + (carried >= BILLION ? 1 : 0), carried % BILLION)
}

export const later = (at: Timestamp, { nanos }: Duration): Timestamp | Fault => moved(at, nanos)

export const earlier = (at: Timestamp, { nanos }: Duration): Timestamp | Fault => moved(at, -BigInt(nanos))

export const between = (a: Timestamp, b: Timestamp): Duration | Fault => {
  const whole = multiplyInt(a.seconds - b.seconds, BILLION, INT64)
  return durationOf(whole === null ? null : addInt(whole, a.nanos - b.nanos, INT64))
}

export const longer = (a: Duration, b: Duration): Duration | Fault => durationOf(addInt(a.nanos, b.nanos, INT64))
export const shorter = (a: Duration, b: Duration): Duration | Fault => durationOf(subtractInt(a.nanos, b.nanos, INT64))

const INSTANT =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$/

/** An instant by RFC 3339, with up to nine digits of fraction. */
export const parseTimestamp = (text: string): Timestamp | Fault => {
  const match = INSTANT.exec(text)
  if (match === null) return FAULT.conversion
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const days = daysOfDate({ year, month, day })
  if (days === null) return FAULT.conversion
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * (match[8] === '-' ? -60 : 60)
  return timestampOf(days * DAY + hour * 3_600 + minute * 60 + second - offset, Number((match[7] ?? '').padEnd(9, '0')))
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

const fraction = (nanos: number): string => (nanos === 0 ? '' : `.${pad(nanos, 9).replace(/0+$/, '')}`)

export const formatTimestamp = ({ seconds, nanos }: Timestamp): string => {
  const days = Math.floor(seconds / DAY)
  const rest = seconds - days * DAY
  const clock = [Math.floor(rest / 3_600), Math.floor(rest / 60) % 60, rest % 60].map((part) => pad(part)).join(':')
  return `${formatDay(days)}T${clock}${fraction(nanos)}Z`
}

export const formatDuration = ({ nanos }: Duration): string => {
  const size = nanos < 0 ? -BigInt(nanos) : BigInt(nanos)
  const rest = Number(size % BigInt(BILLION))
  return `${nanos < 0 ? '-' : ''}${size / BigInt(BILLION)}${fraction(rest)}s`
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const PART = /([0-9]{1,19})?(?:\.([0-9]{0,18}))?(ns|us|µs|μs|ms|s|m|h)/y

/** Nanoseconds of one number with its unit; null when there are no digits. */
const nanosOf = ([, whole, rest = '', unit]: RegExpExecArray): bigint | null => {
  const size = UNITS[unit as string] as bigint
  if (rest === '') return whole === undefined ? null : BigInt(whole) * size
  return BigInt(whole ?? '0') * size + (BigInt(rest) * size) / 10n ** BigInt(rest.length)
}

/** A sequence of numbers with units, such as `1h30m` or `-1.5s`; `0` alone needs none. */
export const parseDuration = (text: string): Duration | Fault => {
  const negative = text.startsWith('-')
  const body = /^[+-]/.test(text) ? text.slice(1) : text
  if (body === '0') return { kind: 'duration', nanos: 0 }
  if (body === '' || body.length > 128) return FAULT.conversion
  let total = 0n
  PART.lastIndex = 0
  while (PART.lastIndex < body.length) {
    const match = PART.exec(body)
    const nanos = match === null ? null : nanosOf(match)
    if (nanos === null) return FAULT.conversion
    total += nanos
  }
  return durationOf(addInt(0, negative ? -total : total, INT64))
}
