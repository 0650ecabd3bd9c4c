import { describe, expect, test } from 'vitest'
import { createDecisionIds } from './decision-id.ts'

const FORM = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const timeOf = (id: string): number => {
  const [, high = '', low = ''] = FORM.exec(id) ?? []
  return Number.parseInt(high + low, 16)
}

describe('decision ids (RFC 9562 section 5.7)', () => {
  test.each([
    { note: 'the time in ms', now: 1_795_514_400_123, time: 1_795_514_400_123 },
    { note: 'fractions are left out', now: 5.9, time: 5 },
    { note: 'a clock before 1970', now: -1, time: 0 },
  ])('$note', ({ now, time }) => {
    const id = createDecisionIds()(now)
    expect(id).toMatch(FORM)
    expect(timeOf(id)).toBe(time)
  })

  test('sort by time', () => {
    const next = createDecisionIds()
    const ids = [1, 2, 16, 256, 70_000, 1_795_514_400_000].map(next)
    expect(ids.toSorted()).toEqual(ids)
  })

  test('are of their form and unlike each other, however many are made', () => {
    const next = createDecisionIds()
    const ids = Array.from({ length: 2_000 }, () => next(7))
    expect(ids.filter((id) => !FORM.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(ids.map((id) => id.slice(14, 23))).size).toBeGreaterThan(1_900)
  })

  test('every digit after the time is random', () => {
    const next = createDecisionIds()
    const ids = Array.from({ length: 500 }, () => next(7))
    const places = Array.from({ length: 36 }, (_none, place) => new Set(ids.map((id) => id[place])).size)
    expect(places.slice(0, 15).every((count) => count === 1)).toBe(true)
    expect(places[19]).toBe(4)
    for (const place of [15, 16, 17, 20, 21, 22, ...Array.from({ length: 12 }, (_none, i) => 24 + i)])
      expect(places[place]).toBe(16)
  })
})
