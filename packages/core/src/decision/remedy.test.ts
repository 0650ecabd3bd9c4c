import { describe, expect, test } from 'vitest'
import type { Remedy } from '../model/remedy.ts'
import { compareBurden, isWithin, joinAcr, joinRemedies, NO_REMEDY } from './remedy.ts'

const login = (maxAge: number | null): Remedy => ({ login: { maxAge } })
const stepUp = (level: 'any' | 'phishing-resistant' | 'hardware', maxAge: number | null = null): Remedy => ({
  stepUp: { level, maxAge },
})

interface Join {
  readonly note: string
  readonly a: Remedy
  readonly b: Remedy
  readonly joined: Remedy | null
}

const JOINS: readonly Join[] = [
  { note: 'nothing and nothing', a: NO_REMEDY, b: NO_REMEDY, joined: {} },
  { note: 'an empty one that is not the constant', a: {}, b: login(5), joined: login(5) },
  { note: 'logins: the shorter age', a: login(5), b: login(9), joined: login(5) },
  { note: 'logins: an age before none', a: login(5), b: login(null), joined: login(5) },
  { note: 'logins: none twice', a: login(null), b: login(null), joined: login(null) },
  {
    note: 'levels: the higher with the shorter age',
    a: stepUp('any', 5),
    b: stepUp('hardware', 9),
    joined: stepUp('hardware', 5),
  },
  {
    note: 'levels: the higher keeps its shorter age',
    a: stepUp('phishing-resistant', 9),
    b: stepUp('hardware', 5),
    joined: stepUp('hardware', 5),
  },
  { note: 'equal levels', a: stepUp('any', null), b: stepUp('any', 7), joined: stepUp('any', 7) },
  { note: 'different things side by side', a: login(5), b: stepUp('any'), joined: { ...login(5), ...stepUp('any') } },
  {
    note: 'scopes: the union, sorted',
    a: { scopes: ['c', 'a'] },
    b: { scopes: ['b', 'a'] },
    joined: { scopes: ['a', 'b', 'c'] },
  },
  { note: 'scopes beside a login', a: { scopes: ['a'] }, b: login(null), joined: { ...login(null), scopes: ['a'] } },
  { note: 'classes: those that serve both', a: { acr: ['x', 'y'] }, b: { acr: ['z', 'y'] }, joined: { acr: ['y'] } },
  { note: 'classes that no login serves both of', a: { acr: ['x'] }, b: { acr: ['y'] }, joined: null },
  { note: 'classes of one alone', a: { acr: ['y', 'x'] }, b: login(3), joined: { ...login(3), acr: ['y', 'x'] } },
]

describe('joining', () => {
  test.each(JOINS)('$note', ({ a, b, joined }) => {
    expect(joinRemedies(a, b)).toStrictEqual(joined)
    expect(joinRemedies(b, a)).toStrictEqual(joined)
  })

  test('what asks nothing leaves the other as it is, one object', () => {
    const other: Remedy = { scopes: ['b', 'a'] }
    expect(joinRemedies(NO_REMEDY, other)).toBe(other)
    expect(joinRemedies(other, NO_REMEDY)).toBe(other)
  })

  test.each([
    { note: 'one list keeps its order of preference', a: ['y', 'x'], b: undefined, joined: ['y', 'x'] },
    { note: 'the other list too', a: undefined, b: ['y', 'x'], joined: ['y', 'x'] },
    { note: 'no list', a: undefined, b: undefined, joined: undefined },
    { note: 'equal lists keep their order', a: ['y', 'x'], b: ['y', 'x'], joined: ['y', 'x'] },
    { note: 'different orders: by name', a: ['y', 'x'], b: ['x', 'y'], joined: ['x', 'y'] },
    { note: 'a longer list that begins alike: by name', a: ['y', 'x'], b: ['y', 'x', 'z'], joined: ['x', 'y'] },
    { note: 'a shorter list that begins alike: by name', a: ['y', 'x', 'z'], b: ['y', 'x'], joined: ['x', 'y'] },
    { note: 'a class named twice counts once', a: ['y', 'y', 'x'], b: ['x', 'y'], joined: ['x', 'y'] },
    { note: 'nothing in common', a: ['x'], b: ['y'], joined: [] },
  ])('classes: $note', ({ a, b, joined }) => expect(joinAcr(a, b)).toStrictEqual(joined))
})

describe('asking for no more', () => {
  test.each([
    { note: 'nothing is within nothing', a: {}, b: {}, within: true },
    {
      note: 'nothing is within anything',
      a: {},
      b: { ...login(1), ...stepUp('any', 1), acr: ['x'], scopes: ['a'] },
      within: true,
    },
    { note: 'a login is not within nothing', a: login(null), b: {}, within: false },
    { note: 'any login is within a fresh one', a: login(null), b: login(5), within: true },
    { note: 'a fresh login is not within any', a: login(5), b: login(null), within: false },
    { note: 'an older login is within a fresher', a: login(9), b: login(5), within: true },
    { note: 'a fresher login is not within an older', a: login(5), b: login(9), within: false },
    { note: 'equal logins', a: login(5), b: login(5), within: true },
    { note: 'a step-up is not within nothing', a: stepUp('any'), b: {}, within: false },
    { note: 'a step-up is not within a login', a: stepUp('any'), b: login(null), within: false },
    { note: 'a lower level is within a higher', a: stepUp('any'), b: stepUp('hardware'), within: true },
    { note: 'a higher level is not within a lower', a: stepUp('hardware'), b: stepUp('any'), within: false },
    { note: 'equal levels', a: stepUp('any', 5), b: stepUp('any', 5), within: true },
    { note: 'a lower level that is fresher is not', a: stepUp('any', 5), b: stepUp('hardware', 9), within: false },
    { note: 'a lower level of the same age is', a: stepUp('any', 9), b: stepUp('hardware', 9), within: true },
    { note: 'classes are not within nothing', a: { acr: ['x'] }, b: {}, within: false },
    { note: 'a choice of classes is within one of them', a: { acr: ['x', 'y'] }, b: { acr: ['y'] }, within: true },
    { note: 'one class is not within a choice', a: { acr: ['y'] }, b: { acr: ['x', 'y'] }, within: false },
    { note: 'scopes are not within nothing', a: { scopes: ['a'] }, b: {}, within: false },
    { note: 'some scopes are within more', a: { scopes: ['a'] }, b: { scopes: ['a', 'b'] }, within: true },
    { note: 'more scopes are not within some', a: { scopes: ['a', 'b'] }, b: { scopes: ['a'] }, within: false },
    { note: 'all parts count: the login', a: { ...login(1), scopes: ['a'] }, b: { scopes: ['a'] }, within: false },
    { note: 'all parts count: the level', a: { ...login(1), ...stepUp('any') }, b: login(1), within: false },
    { note: 'all parts count: the classes', a: { ...login(1), acr: ['x'] }, b: login(1), within: false },
    { note: 'all parts count: the scopes', a: { ...login(1), scopes: ['a'] }, b: login(1), within: false },
  ] satisfies readonly { note: string; a: Remedy; b: Remedy; within: boolean }[])('$note', ({ a, b, within }) =>
    expect(isWithin(a, b)).toBe(within),
  )
})

describe('burden', () => {
  /** Every one is less of a burden than all after it. */
  const GROWING: readonly (readonly [note: string, remedy: Remedy])[] = [
    ['nothing', {}],
    ['any login', login(null)],
    ['a login of an hour', login(3600)],
    ['a login of a minute', login(60)],
    ['any factor', stepUp('any')],
    ['a factor of an hour', stepUp('any', 3600)],
    ['any factor and any login', { ...stepUp('any'), ...login(null) }],
    ['a factor of an hour and any login', { ...stepUp('any', 3600), ...login(null) }],
    ['any factor and a login of an hour', { ...stepUp('any'), ...login(3600) }],
    ['a factor of two hours and a login of an hour', { ...stepUp('any', 7200), ...login(3600) }],
    ['a factor and a login of an hour', { ...stepUp('any', 3600), ...login(3600) }],
    ['a factor and a login of half an hour', { ...stepUp('any', 1800), ...login(1800) }],
    ['a factor of two hours and a login of a minute', { ...stepUp('any', 7200), ...login(60) }],
    ['a factor of an hour and a login of a minute', { ...stepUp('any', 3600), ...login(60) }],
    ['a phishing-resistant factor', stepUp('phishing-resistant')],
    ['a hardware key', stepUp('hardware')],
    ['a hardware key of a minute', stepUp('hardware', 60)],
    ['one of three classes', { acr: ['x', 'y', 'z'] }],
    ['one class', { acr: ['x'] }],
    ['one of two classes and a login', { acr: ['x', 'y'], ...login(null) }],
    ['a class, a login and a factor', { acr: ['x'], ...login(null), ...stepUp('any') }],
    ['a scope', { scopes: ['a'] }],
    ['two scopes', { scopes: ['a', 'b'] }],
    ['two scopes and a login', { scopes: ['a', 'b'], ...login(null) }],
  ]

  test.each(GROWING.map(([note], i) => ({ note, i })))('$note comes before all after it', ({ i }) => {
    const remedy = GROWING[i]?.[1] as Remedy
    expect(compareBurden(remedy, remedy)).toBe(0)
    for (const [, heavier] of GROWING.slice(i + 1)) {
      expect(compareBurden(remedy, heavier)).toBeLessThan(0)
      expect(compareBurden(heavier, remedy)).toBeGreaterThan(0)
    }
  })

  test.each([
    { note: 'which scope it is does not matter', a: { scopes: ['a'] }, b: { scopes: ['b'] } },
    { note: 'another scope weighs as any login does', a: { scopes: ['a', 'b'] }, b: { scopes: ['a'], ...login(null) } },
    { note: 'which class it is does not matter', a: { acr: ['x'] }, b: { acr: ['y'] } },
  ] satisfies readonly { note: string; a: Remedy; b: Remedy }[])('$note', ({ a, b }) => expect(compareBurden(a, b)).toBe(0))
})
