import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { parseInstant } from '../lib/civil.ts'
import type { Spec } from '../model/condition.ts'
import { exampleFacts, exampleImage, exampleScope } from '../testing/example-facts.ts'
import { hours } from './hours.ts'

// In Berlin 2026-11-24 is a Tuesday; winter time, one hour ahead of UTC.
const at = (text: string) => ({ now: parseInstant(text) ?? 0 })
const work = { hours: '08:00-18:00', days: 'mon-fri' }
const night = { hours: '22:00-06:00', days: 'fri' }

describeVerdicts(hours, [
  { note: 'within', spec: work, gives: 'met' },
  { note: 'the first minute', spec: work, facts: at('2026-11-24T07:00:00Z'), gives: 'met' },
  { note: 'just before it', spec: work, facts: at('2026-11-24T06:59:59.999Z'), gives: 'outside' },
  { note: 'the last millisecond', spec: work, facts: at('2026-11-24T16:59:59.999Z'), gives: 'met' },
  { note: 'the end is excluded', spec: work, facts: at('2026-11-24T17:00:00Z'), gives: 'outside' },
  { note: 'another day', spec: work, facts: at('2026-11-28T10:00:00Z'), gives: 'outside' },
  { note: 'every day', spec: { hours: '08:00-18:00' }, facts: at('2026-11-28T10:00:00Z'), gives: 'met' },
  { note: 'between two windows', spec: { hours: ['08:00-11:00', '12:00-18:00'] }, gives: 'outside' },
  { note: 'in the second of two', spec: { hours: ['08:00-11:00', '11:00-18:00'] }, gives: 'met' },
  { note: 'until midnight', spec: { hours: '22:00-24:00' }, facts: at('2026-11-24T22:59:00Z'), gives: 'met' },
  { note: 'midnight is over', spec: { hours: '22:00-24:00' }, facts: at('2026-11-24T23:00:00Z'), gives: 'outside' },
  { note: 'until midnight, written as 00:00', spec: { hours: '22:00-00:00' }, facts: at('2026-11-24T22:59:00Z'), gives: 'met' },
  { note: 'a night that began on Friday, on Friday', spec: night, facts: at('2026-11-27T21:30:00Z'), gives: 'met' },
  { note: 'a night that began on Friday, on Saturday', spec: night, facts: at('2026-11-28T04:30:00Z'), gives: 'met' },
  { note: 'it ends on Saturday', spec: night, facts: at('2026-11-28T05:00:00Z'), gives: 'outside' },
  { note: 'the night that began on Saturday', spec: night, facts: at('2026-11-28T21:30:00Z'), gives: 'outside' },
  { note: 'the small hours of Friday began on Thursday', spec: night, facts: at('2026-11-27T04:30:00Z'), gives: 'outside' },
  { note: 'Sunday night reaches into Monday', spec: { ...night, days: 'sun' }, facts: at('2026-11-30T04:30:00Z'), gives: 'met' },
  { note: 'summer time is two hours ahead', spec: work, facts: at('2026-07-07T06:00:00Z'), gives: 'met' },
  { note: 'its own zone', spec: { hours: '05:00-06:00', zone: 'America/New_York' }, gives: 'met' },
  { note: 'no zone', spec: work, scope: { zone: null }, gives: 'zone_unknown' },
  { note: 'a zone that the image does not have', spec: { ...work, zone: 'Asia/Tokyo' }, gives: 'zone_unknown' },
])

describe('faults and lapses of hours', () => {
  it('needs a zone, and windows that are some time', () => {
    const codes = (spec: Spec, zone: string | null) => hours.faults?.(spec, { zone }).map(({ code }) => code)
    expect(codes({ hours: ['08:00-08:00', '09:00-10:00'] }, null)).toEqual(['zone.missing', 'hours.empty'])
    expect(codes({ hours: '08:00-18:00', zone: 'Europe/Berlin' }, null)).toEqual([])
    expect(codes(work, 'Europe/Berlin')).toEqual([])
  })

  it.each([
    ['inside, its end', work, '2026-11-24T17:00:00Z'],
    ['outside, its begin', { hours: '22:00-06:00' }, '2026-11-24T21:00:00Z'],
    ['outside of several, the first begin', { hours: ['20:00-21:00', '14:00-15:00'] }, '2026-11-24T13:00:00Z'],
    ['inside several, the last end', { hours: ['08:00-12:00', '10:00-14:00'] }, '2026-11-24T13:00:00Z'],
    ['over the weekend', { hours: '08:00-10:00', days: 'mon' }, '2026-11-30T07:00:00Z'],
  ])('turns when %s', (_note, spec, turn) => {
    expect(hours.lapses?.(spec, exampleScope)(exampleFacts)).toBe(parseInstant(turn))
  })

  it('never turns where it is always so, or not known', () => {
    const always = hours.lapses?.({ hours: '00:00-24:00' }, exampleScope)
    const nowhere = hours.lapses?.(work, { ...exampleScope, image: { ...exampleImage, zones: {} } })
    expect([always?.(exampleFacts), nowhere?.(exampleFacts)]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
})
