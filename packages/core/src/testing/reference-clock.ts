import { exampleImage } from './example-facts.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

interface Opening {
  readonly days?: string | readonly string[]
  readonly hours?: string | readonly string[]
}

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

const daysOf = (range: string): readonly string[] => {
  const [first = '', last = first] = range.split('-')
  const week = [...DAYS, ...DAYS]
  const from = week.indexOf(first)
  return week.slice(from, week.indexOf(last, from) + 1)
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

const clockOf = (zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** Made once, since making one takes longer than everything else that the reference does for a request. */
const CLOCKS = new Map(Object.keys(exampleImage.zones).map((zone) => [zone, clockOf(zone)]))

/** Day and minute that the wall clock of a zone shows, as the platform's own calendar has it. */
const wallClock = (zone: string, now: number) => {
  const format = CLOCKS.get(zone) ?? clockOf(zone)
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]))
  return { day: (parts['weekday'] as string).toLowerCase(), minute: Number(parts['hour']) * 60 + Number(parts['minute']) }
}

/** `days` and `hours` as written: a window past midnight belongs to the day on which it began. */
export const isOpen = ({ days, hours }: Opening, zone: string, now: number): boolean => {
  const { day, minute } = wallClock(zone, now)
  const open = days === undefined ? DAYS : listOf(days).flatMap(daysOf)
  const yesterday = DAYS[(DAYS.indexOf(day) + 6) % 7] as string
  return listOf(hours ?? '00:00-24:00').some((range) => {
    const [from = 0, to = 0] = range.split('-').map(minutesOf)
    if (from < to) return open.includes(day) && minute >= from && minute < to
    return (open.includes(day) && minute >= from) || (open.includes(yesterday) && minute < to)
  })
}
