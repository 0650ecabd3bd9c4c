import { describe, expect, test } from 'vitest'
import type { Remedy } from '../model/remedy.ts'
import { NO_REMEDY } from './remedy.ts'
import { both, byGrant, byKeeping, byRemedy, compareWays, either, OPEN, SHUT, UNSURE, type Way, type Ways } from './ways.ts'

const scoped = (...scopes: readonly string[]): Remedy => ({ scopes })
const acr = (...classes: readonly string[]): Remedy => ({ acr: classes })
const way = (differing: Partial<Way> = {}): Way => ({
  remedy: NO_REMEDY,
  unknown: false,
  keep: null,
  grant: Number.POSITIVE_INFINITY,
  ...differing,
})
const unsure = (remedy: Remedy): Ways => [way({ remedy, unknown: true })]

test('the ways there are', () => {
  expect([OPEN, UNSURE, SHUT]).toStrictEqual([[way()], [way({ unknown: true })], []])
  expect(byRemedy(scoped('a'))).toStrictEqual([way({ remedy: scoped('a') })])
  expect(byKeeping(['x'])).toStrictEqual([way({ keep: ['x'] })])
  expect(byGrant([way(), way({ unknown: true })], 7)).toStrictEqual([way({ grant: 7 }), way({ unknown: true, grant: 7 })])
})

interface Row {
  readonly note: string
  readonly a: Ways
  readonly b: Ways
  readonly gives: Ways
}

const A = byRemedy(scoped('a'))
const B = byRemedy(scoped('b'))
const AB = byRemedy(scoped('a', 'b'))

describe('either', () => {
  test.each<Row>([
    { note: 'no way and a way', a: SHUT, b: A, gives: A },
    { note: 'no way at all', a: SHUT, b: SHUT, gives: SHUT },
    { note: 'an open way makes every other needless', a: OPEN, b: A, gives: OPEN },
    { note: 'alternatives', a: A, b: B, gives: [...A, ...B] },
    { note: 'what asks for all of another and more is left out', a: AB, b: A, gives: A },
    { note: 'equal ways are one', a: A, b: byRemedy(scoped('a')), gives: A },
    { note: 'a way that is known makes an unsure one of the same needless', a: unsure(scoped('a')), b: A, gives: A },
    { note: 'an unsure way that asks for less stays', a: UNSURE, b: A, gives: [...A, ...UNSURE] },
    { note: 'an unsure way that asks for more does not', a: unsure(scoped('a', 'b')), b: UNSURE, gives: UNSURE },
    {
      note: 'keeping few classes is more than keeping many',
      a: byKeeping(['x']),
      b: byKeeping(['y', 'x']),
      gives: byKeeping(['y', 'x']),
    },
    {
      note: 'keeping other classes is another way',
      a: byKeeping(['x', 'y']),
      b: byKeeping(['x', 'z']),
      gives: [...byKeeping(['x', 'y']), ...byKeeping(['x', 'z'])],
    },
    { note: 'keeping a class is more than keeping none', a: byKeeping(['x']), b: [way()], gives: [way()] },
    {
      note: 'asking for nothing and keeping a class is not less than asking for something and keeping none',
      a: byKeeping(['x']),
      b: A,
      gives: [...byKeeping(['x']), ...A],
    },
    {
      note: 'a way that must keep nothing is no more',
      a: [way({ keep: ['x'] })],
      b: [way({ keep: ['x'] })],
      gives: byKeeping(['x']),
    },
  ])('$note', ({ a, b, gives }) => {
    expect(either(a, b)).toStrictEqual(gives)
    expect(either(b, a)).toStrictEqual(gives)
  })

  test('one object where nothing is added', () => {
    expect([either(SHUT, A), either(A, SHUT), either(A, OPEN), either(OPEN, A)]).toEqual([A, A, OPEN, OPEN])
    expect(either(SHUT, A)).toBe(A)
    expect(either(A, SHUT)).toBe(A)
    expect(either(A, OPEN)).toBe(OPEN)
    expect(either(OPEN, A)).toBe(OPEN)
  })

  test('of a crowd of alternatives the sixteen least burdens are kept', () => {
    const crowd = Array.from({ length: 40 }, (_, i) => byRemedy(scoped(`s${String(i).padStart(2, '0')}`)))
    const kept = crowd.reduceRight((ways, each) => either(ways, each), SHUT)
    expect(kept.map(({ remedy }) => remedy.scopes?.[0])).toEqual(
      Array.from({ length: 16 }, (_, i) => `s${String(i).padStart(2, '0')}`),
    )
  })
})

describe('both', () => {
  test.each<Row>([
    { note: 'an open way adds nothing', a: OPEN, b: A, gives: A },
    { note: 'no way stays none', a: SHUT, b: A, gives: SHUT },
    { note: 'no way stays none, beside an open one', a: SHUT, b: OPEN, gives: SHUT },
    { note: 'what performs both', a: A, b: B, gives: AB },
    { note: 'unsure stays unsure', a: UNSURE, b: A, gives: unsure(scoped('a')) },
    {
      note: 'each with each',
      a: [...A, ...B],
      b: byRemedy(scoped('c')),
      gives: [way({ remedy: scoped('a', 'c') }), way({ remedy: scoped('b', 'c') })],
    },
    { note: 'pairs that ask for more than another are left out', a: [...A, ...B], b: [...A, ...B], gives: [...A, ...B] },
    { note: 'classes that no login serves both of', a: byRemedy(acr('x')), b: byRemedy(acr('y')), gives: SHUT },
    { note: 'classes: those that serve both', a: byRemedy(acr('x', 'y')), b: byRemedy(acr('y', 'z')), gives: byRemedy(acr('y')) },
    { note: 'the first grant by name', a: byGrant(A, 4), b: byGrant(B, 2), gives: byGrant(AB, 2) },
    { note: 'kept classes: those that both keep', a: byKeeping(['x', 'y']), b: byKeeping(['z', 'y']), gives: byKeeping(['y']) },
    {
      note: 'a new class must be one that is kept',
      a: byRemedy(acr('x', 'y')),
      b: byKeeping(['y']),
      gives: [way({ remedy: acr('y'), keep: ['y'] })],
    },
    { note: 'a new class where another is needed', a: byRemedy(acr('x')), b: byKeeping(['y']), gives: SHUT },
    {
      note: 'a login of the present class where it is needed',
      a: byRemedy({ login: { maxAge: 5 } }),
      b: byKeeping(['y']),
      gives: [way({ remedy: { login: { maxAge: 5 } }, keep: ['y'] })],
    },
  ])('$note', ({ a, b, gives }) => {
    expect(both(a, b)).toStrictEqual(gives)
    expect(both(b, a)).toStrictEqual(gives)
  })

  test('one object where nothing is added', () => {
    expect(both(OPEN, A)).toBe(A)
    expect(both(A, OPEN)).toBe(A)
    expect(both(A, SHUT)).toBe(SHUT)
    expect(both(SHUT, A)).toBe(SHUT)
  })
})

describe('order', () => {
  /** Every way comes before all after it. */
  const GROWING: readonly (readonly [note: string, way: Way])[] = [
    ['nothing', way({ grant: 3 })],
    ['nothing, by a later grant', way({ grant: 4 })],
    ['nothing, by no grant', way()],
    ['two classes kept', way({ keep: ['x', 'y'], grant: 1 })],
    ['two other classes kept, by a later grant', way({ keep: ['a', 'b'], grant: 2 })],
    ['one class kept', way({ keep: ['x'] })],
    ['a login', way({ remedy: { login: { maxAge: null } } })],
    ['a factor', way({ remedy: { stepUp: { level: 'any', maxAge: null } } })],
    ['a class', way({ remedy: acr('x') })],
    ['a class of another name', way({ remedy: acr('y') })],
    ['a scope', way({ remedy: scoped('a') })],
    ['a scope of another name', way({ remedy: scoped('b') })],
    ['nothing, resting on what is unknown', way({ unknown: true })],
    ['a scope, resting on what is unknown', way({ remedy: scoped('a'), unknown: true })],
  ]

  test.each(GROWING.map(([note], i) => ({ note, i })))('$note comes before all after it', ({ i }) => {
    const first = GROWING[i]?.[1] as Way
    expect(compareWays(first, { ...first })).toBe(0)
    for (const [, later] of GROWING.slice(i + 1)) {
      expect(compareWays(first, later)).toBeLessThan(0)
      expect(compareWays(later, first)).toBeGreaterThan(0)
    }
  })

  test.each([
    { note: 'by what is kept', a: way({ keep: ['a'] }), b: way({ keep: ['b'] }) },
    { note: 'by scopes', a: way({ remedy: scoped('a') }), b: way({ remedy: scoped('b') }) },
  ])('what weighs the same is told apart by its text: $note', ({ a, b }) => {
    expect([compareWays(a, b), compareWays(b, a)]).toEqual([-1, 1])
  })
})
