/**
 * The clock of a zone as data: from each instant on (milliseconds since 1970, ascending) local time is UTC plus that many
 * minutes. The first entry holds for all time before, the last for all time after. Never empty.
 */
export interface ZoneTable {
  readonly zone: string
  readonly transitions: readonly (readonly [atMs: number, offsetMinutes: number])[]
}

/** What a clock on the wall shows: the day of the week (0 = Monday) and the minute of the day (0–1439). */
export interface ClockFace {
  readonly day: number
  readonly minute: number
}

/**
 * A weekly window on the clock of a zone. `days` has bit 0 for Monday to bit 6 for Sunday; `from` (0–1439) is the first
 * minute inside and `to` (1–1440) the first outside. When `to` is not after `from` the window goes past midnight and
 * belongs to the day on which it began.
 */
export interface Window {
  readonly days: number
  readonly from: number
  readonly to: number
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
/** A window that has not turned after this many local boundaries (two weeks and a clock change) never does. */
const MAX_STEPS = 64

/** The index of the entry in force at an instant. */
const entryAt = (table: ZoneTable, ms: number): number => {
  let low = 0
  let high = table.transitions.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((table.transitions[middle]?.[0] as number) <= ms) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

const offsetMs = (table: ZoneTable, entry: number): number => (table.transitions[entry]?.[1] as number) * MINUTE_MS

const endOfEntry = (table: ZoneTable, entry: number): number => table.transitions[entry + 1]?.[0] ?? Number.POSITIVE_INFINITY

/** 1970-01-01 was a Thursday, day 3. */
const weekday = (days: number): number => (((days + 3) % 7) + 7) % 7

const faceOfLocal = (localMs: number): ClockFace => {
  const days = Math.floor(localMs / DAY_MS)
  return { day: weekday(days), minute: Math.floor((localMs - days * DAY_MS) / MINUTE_MS) }
}

/** What the clock of the zone shows at an instant. */
export const clockFace = (table: ZoneTable, nowMs: number): ClockFace =>
  faceOfLocal(nowMs + offsetMs(table, entryAt(table, nowMs)))

/** The first instant at which the clock of the zone shows `localMs` or later: where a clock skips, the instant of the skip. */
const firstAt = (table: ZoneTable, localMs: number): number => {
  // No zone is a whole day from UTC, so the entry in force two days before cannot show it yet.
  for (let entry = entryAt(table, localMs - 2 * DAY_MS); ; entry++) {
    const begins = entry === 0 ? Number.NEGATIVE_INFINITY : (table.transitions[entry]?.[0] as number)
    const at = Math.max(begins, localMs - offsetMs(table, entry))
    if (at < endOfEntry(table, entry)) return at
  }
}

/**
 * The instant at which a local day begins, given as days since 1970-01-01 (see civil): the first at which the zone shows
 * that date. Where a clock change skips midnight that is the moment of the change; where it repeats it, the first time.
 */
export const localMidnight = (table: ZoneTable, days: number): number => firstAt(table, days * DAY_MS)

/** The local date at an instant, as days since 1970-01-01. */
export const localDay = (table: ZoneTable, nowMs: number): number =>
  Math.floor((nowMs + offsetMs(table, entryAt(table, nowMs))) / DAY_MS)

const hasDay = (window: Window, day: number): boolean => ((window.days >>> day) & 1) === 1

/** True when the clock shows a time inside the window. */
export const inWindow = (window: Window, face: ClockFace): boolean => {
  if (window.from < window.to) return face.minute >= window.from && face.minute < window.to && hasDay(window, face.day)
  if (face.minute >= window.from && hasDay(window, face.day)) return true
  return face.minute < window.to && hasDay(window, (face.day + 6) % 7)
}

/** The local instant, after `localMs`, of the next minute at which a window can turn: from, to or midnight. */
const nextBoundary = (window: Window, localMs: number): number => {
  const midnight = Math.floor(localMs / DAY_MS) * DAY_MS
  const minute = (localMs - midnight) / MINUTE_MS
  const later = [window.from, window.to, DAY_MINUTES].filter((candidate) => candidate > minute)
  return midnight + Math.min(...later) * MINUTE_MS
}

/**
 * The first instant after now at which being in the window turns: its end when now is inside, its begin when outside.
 * Infinity when it never turns (all week, or no day). Clock changes are seen: a window is what the wall clock shows.
 */
export const windowEnd = (table: ZoneTable, window: Window, nowMs: number): number => {
  const inside = inWindow(window, clockFace(table, nowMs))
  let at = nowMs
  for (let step = 0; step < MAX_STEPS; step++) {
    const entry = entryAt(table, at)
    const offset = offsetMs(table, entry)
    at = Math.min(nextBoundary(window, at + offset) - offset, endOfEntry(table, entry))
    if (inWindow(window, clockFace(table, at)) !== inside) return at
  }
  return Number.POSITIVE_INFINITY
}
