import { describe, expect, test } from 'vitest'
import type { Spec } from '../model/condition.ts'
import { exampleFacts } from '../testing/example-facts.ts'
import { createInterner } from './intern.ts'
import type { Atom, Tri } from './node.ts'

const atom = (id: number, tri: Tri = 1): Atom => ({
  type: 'atom',
  id,
  tri: () => tri,
  test: () => ({ tri, code: 'x', condition: 'who.x' }),
  condition: 'who.x',
  negated: false,
  reads: [],
  ofCaller: false,
  ofAcr: false,
  lapses: [],
})

describe('numbers of specs', () => {
  /** No two of these are equal. */
  const DIFFERENT: readonly Spec[] = [
    'a',
    'b',
    '1',
    1,
    0,
    true,
    false,
    'true',
    '',
    [],
    ['a'],
    ['b'],
    ['a', 'b'],
    ['b', 'a'],
    ['a,b'],
    [['a'], 'b'],
    [['a', 'b']],
    [1],
    [true],
    {},
    { a: 'b' },
    { a: 'c' },
    { b: 'a' },
    { a: 'b', c: 'd' },
    { a: 'd', c: 'b' },
    { a: ['b'] },
    { a: { b: 'c' } },
    [{ a: 'b' }],
    [{}],
    [[]],
  ]

  test('different ones are numbered differently', () => {
    const { spec } = createInterner()
    const numbers = DIFFERENT.map(spec)
    expect(new Set(numbers).size).toBe(DIFFERENT.length)
    expect(DIFFERENT.toReversed().map(spec)).toEqual(numbers.toReversed())
  })

  test.each<{ note: string; a: Spec; b: Spec }>([
    { note: 'copies', a: { a: ['b', { c: true }] }, b: { a: ['b', { c: true }] } },
    { note: 'keys in another order', a: { a: 1, b: 2 }, b: { b: 2, a: 1 } },
    { note: 'nested keys in another order', a: [{ x: { a: 1, b: 2 } }], b: [{ x: { b: 2, a: 1 } }] },
  ])('equal ones alike: $note', ({ a, b }) => {
    const { spec } = createInterner()
    expect(spec(a)).toBe(spec(b))
  })

  test('each interner counts for itself', () => {
    createInterner().spec('other')
    const [one, two] = [createInterner(), createInterner()]
    expect(one.spec('x')).toBe(two.spec('y'))
  })
})

describe('groups', () => {
  const [a, b, c] = [atom(101), atom(102), atom(103)]

  test('equal ones are one object, whatever the order and number of their parts', () => {
    const { group } = createInterner()
    expect(group('all', [b, a, b])).toBe(group('all', [a, b]))
    expect(group('all', [a, b])).toMatchObject({ type: 'all', parts: [a, b] })
  })

  test('different ones are not', () => {
    const { group } = createInterner()
    const made = [
      group('all', [a, b]),
      group('any', [a, b]),
      group('all', [a, c]),
      group('all', [a, b, c]),
      group('all', []),
      group('any', []),
    ]
    expect(new Set(made).size).toBe(made.length)
    expect(new Set(made.map(({ id }) => id)).size).toBe(made.length)
  })

  test('ids are not run together', () => {
    const { group } = createInterner()
    expect(group('all', [atom(1), atom(23)])).not.toBe(group('all', [atom(12), atom(3)]))
    expect(group('all', [atom(1), atom(12)])).not.toBe(group('all', [atom(11), atom(2)]))
  })

  test('one part stands for itself', () => {
    const { group } = createInterner()
    expect(group('all', [a])).toBe(a)
    expect(group('any', [a, a])).toBe(a)
    const nested = group('any', [a, b])
    expect(group('all', [nested])).toBe(nested)
  })

  test('groups of one type are taken apart, of the other type kept', () => {
    const { group } = createInterner()
    const inner = group('all', [b, c])
    expect(group('all', [a, inner])).toBe(group('all', [a, b, c]))
    expect(group('all', [inner, b])).toBe(inner)
    expect(group('any', [a, inner])).toMatchObject({ type: 'any', parts: [inner, a] })
    expect(group('all', [group('all', []), a])).toBe(a)
  })

  test('parts are in the order of their ids', () => {
    const { group } = createInterner()
    expect(group('any', [c, a, b])).toMatchObject({ parts: [a, b, c] })
  })

  test('all of nothing is met, any of nothing is not', () => {
    const { group } = createInterner()
    expect([group('all', []).tri(exampleFacts), group('any', []).tri(exampleFacts)]).toEqual([1, 0])
  })

  test('ids go up', () => {
    const { nextId } = createInterner()
    expect([nextId(), nextId(), nextId()]).toEqual([0, 1, 2])
  })
})
