import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleImage, EXAMPLE_NOW } from '../testing/example-facts.ts'
import { DAYS, DAY_RANGE, HOUR_RANGE, hoursOf, isWithin, nextTurn, windowsOf, ZONE_NAME } from './week.ts'

const zones = Object.values(exampleImage.zones)
const MINUTE = 60_000

describe('what a policy writes of the week', () => {
  it.each([
    [DAY_RANGE, ['mon', 'mon-fri', 'sat-mon', 'sun-sun'], ['', 'Mon', 'monday', 'mon-', 'mon-fri-sun', 'mon fri']],
    [
      HOUR_RANGE,
      ['00:00-24:00', '22:00-06:00', '08:15-08:16'],
      ['8:00-9:00', '24:00-06:00', '08:00', '08:00-24:01', '08:60-09:00'],
    ],
    [
      ZONE_NAME,
      ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'],
      ['', '+01:00', 'a/b/c/d', 'Europe/', '../x'],
    ],
  ])('%s', (pattern, good, bad) => {
    expect(good.filter((text) => !pattern.test(text))).toEqual([])
    expect(bad.filter((text) => pattern.test(text))).toEqual([])
  })

  it.each([
    ['mon', 0b000_0001],
    ['mon-fri', 0b001_1111],
    ['sat-mon', 0b110_0001],
    ['sun-sat', 0b111_1111],
    ['wed-wed', 0b000_0100],
  ])('%s is the days %i', (range, days) => {
    expect(windowsOf([range], [])).toEqual([{ days, from: 0, to: 1_440 }])
  })

  it('has a window for each range of hours, on all the days', () => {
    expect(windowsOf(['mon', 'sun'], ['08:00-09:30', '22:00-06:00'])).toEqual([
      { days: 0b100_0001, from: 480, to: 570 },
      { days: 0b100_0001, from: 1_320, to: 360 },
    ])
    expect(windowsOf([], ['00:00-24:00'])).toEqual([{ days: 0b111_1111, ...hoursOf('00:00-24:00') }])
  })
})

const clock = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 15, 30))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`)
const hours = fc
  .tuple(clock, clock)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => `${from}-${to}`)
const days = fc.tuple(fc.constantFrom(...DAYS), fc.constantFrom(...DAYS)).map(([first, last]) => `${first}-${last}`)
/** Within the months on both sides of the example, so that clocks change in them. */
const instant = fc.integer({ min: -9 * 30 * 1_440, max: 9 * 30 * 1_440 }).map((minutes) => EXAMPLE_NOW + minutes * MINUTE)

describe('the next turn', () => {
  it('comes after now, and nothing turns before it', () => {
    const windowed = fc.tuple(fc.array(days, { maxLength: 2 }), fc.array(hours, { maxLength: 3 }))
    const property = fc.property(windowed, fc.constantFrom(...zones), instant, ([onDays, atHours], zone, now) => {
      const windows = windowsOf(onDays, atHours)
      const turn = nextTurn(windows, zone, now)
      const within = isWithin(windows, zone, now)
      expect(turn).toBeGreaterThan(now)
      const last = Math.min(turn, now + 8 * 1_440 * MINUTE)
      for (let at = now; at < last; at += 15 * MINUTE) expect(isWithin(windows, zone, at)).toBe(within)
      if (!within && turn < Number.POSITIVE_INFINITY) expect(isWithin(windows, zone, turn)).toBe(true)
    })
    fc.assert(property, { numRuns: 200 })
  })
})
