import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { parseInstant } from '../lib/civil.ts'
import { exampleFacts, exampleImage, exampleScope } from '../testing/example-facts.ts'
import { days } from './days.ts'

// In Berlin 2026-11-24 is a Tuesday; winter time, one hour ahead of UTC.
const at = (text: string) => ({ now: parseInstant(text) ?? 0 })

describeVerdicts(days, [
  { note: 'within a range', spec: { days: 'mon-fri' }, gives: 'met' },
  { note: 'the day', spec: { days: 'tue' }, gives: 'met' },
  { note: 'one of several', spec: { days: ['mon', 'tue'] }, gives: 'met' },
  { note: 'a range round the end of the week', spec: { days: 'sat-tue' }, gives: 'met' },
  { note: 'outside of it', spec: { days: 'wed-mon' }, gives: 'outside' },
  { note: 'all week', spec: { days: 'wed-tue' }, gives: 'met' },
  { note: 'the last millisecond there', spec: { days: 'tue' }, facts: at('2026-11-24T22:59:59.999Z'), gives: 'met' },
  { note: 'the next day has begun there, not here', spec: { days: 'tue' }, facts: at('2026-11-24T23:00:00Z'), gives: 'outside' },
  {
    note: 'its own zone outweighs that of the file',
    spec: { days: 'tue', zone: 'America/New_York' },
    facts: at('2026-11-25T04:59:00Z'),
    gives: 'met',
  },
  { note: 'no zone', spec: { days: 'tue' }, scope: { zone: null }, gives: 'zone_unknown' },
  { note: 'a zone that the image does not have', spec: { days: 'tue', zone: 'Asia/Tokyo' }, gives: 'zone_unknown' },
])

describe('faults and lapses of days', () => {
  it('needs a zone', () => {
    expect(days.faults?.({ days: 'mon' }, { zone: null }).map(({ code }) => code)).toEqual(['zone.missing'])
    expect(days.faults?.({ days: 'mon', zone: 'Europe/Berlin' }, { zone: null })).toEqual([])
    expect(days.faults?.({ days: 'mon' }, { zone: 'Europe/Berlin' })).toEqual([])
  })

  it.each([
    ['mon-fri', '2026-11-27T23:00:00Z'],
    ['tue', '2026-11-24T23:00:00Z'],
    ['sat', '2026-11-27T23:00:00Z'],
  ])('turns for %s at %s', (range, turn) => {
    expect(days.lapses?.({ days: range }, exampleScope)(exampleFacts)).toBe(parseInstant(turn))
  })

  it.each([
    ['all week', { days: 'mon-sun' }, exampleScope],
    ['no zone', { days: 'mon' }, { ...exampleScope, image: { ...exampleImage, zones: {} } }],
  ])('never turns: %s', (_note, spec, scope) => {
    expect(days.lapses?.(spec, scope)(exampleFacts)).toBe(Number.POSITIVE_INFINITY)
  })
})
