import { describe, expect, test } from 'vitest'
import { exampleFacts } from '../testing/example-facts.ts'
import { type Atom, atomsOf, createGroup, joinLapses, type Lapses, negateTest, type Node, type Tri } from './node.ts'

const atom = (id: number, tri: Tri, lapses: Lapses = []): Atom => ({
  type: 'atom',
  id,
  tri: () => tri,
  test: () => ({ tri, code: 'x', condition: 'who.x' }),
  condition: 'who.x',
  negated: false,
  reads: [],
  ofCaller: false,
  ofAcr: false,
  lapses,
})

const triOf = (type: 'all' | 'any', values: readonly Tri[]): Tri =>
  createGroup(
    type,
    99,
    values.map((value, id) => atom(id, value)),
  ).tri(exampleFacts)

const TRIS: readonly Tri[] = [1, 0, -1]

const listsOf = (length: number): readonly (readonly Tri[])[] =>
  length === 0 ? [[]] : listsOf(length - 1).flatMap((list) => TRIS.map((tri) => [...list, tri]))

/** Kleene: unmet below unknown below met. */
const rank = (tri: Tri): number => [0, -1, 1].indexOf(tri)
const least = (values: readonly Tri[]): Tri => values.reduce((a, b) => (rank(a) <= rank(b) ? a : b), 1)
const most = (values: readonly Tri[]): Tri => values.reduce((a, b) => (rank(a) >= rank(b) ? a : b), 0)

describe('values of groups are those of Kleene, for any number of parts', () => {
  test.each([0, 1, 2, 3, 4].map((count) => ({ count })))('$count', ({ count }) => {
    for (const values of listsOf(count)) {
      expect([values, triOf('all', values)]).toEqual([values, least(values)])
      expect([values, triOf('any', values)]).toEqual([values, most(values)])
    }
  })

  test.each([
    { note: 'all of two', type: 'all', first: 0 },
    { note: 'all of three', type: 'all', first: 0 },
    { note: 'any', type: 'any', first: 1 },
  ] as const)('what decides is not asked further: $note', ({ note, type, first }) => {
    const untouched: Atom = { ...atom(2, 1), tri: () => expect.fail('asked') }
    const parts = [atom(1, first), untouched, ...(note === 'all of three' ? [untouched] : [])]
    expect(createGroup(type, 9, parts).tri(exampleFacts)).toBe(first)
  })

  test('a group is what it was made of', () => {
    const parts = [atom(1, 1), atom(2, 0)]
    expect(createGroup('any', 7, parts)).toMatchObject({ type: 'any', id: 7, parts, lapses: [] })
  })
})

describe('lapses', () => {
  const [a, b, c] = [() => 1, () => 2, () => 3]
  test.each([
    { note: 'of nothing', lists: [], joined: [] },
    { note: 'of what never lapses', lists: [[], []], joined: [] },
    { note: 'of one', lists: [[], [a, b], []], joined: [a, b] },
    { note: 'of several, each once', lists: [[a, b], [], [b, c], [a]], joined: [a, b, c] },
  ])('$note', ({ lists, joined }) => {
    const nodes = lists.map((lapses, id) => atom(id, 1, lapses))
    expect(joinLapses(nodes)).toEqual(joined)
    expect(createGroup('all', 9, nodes).lapses).toEqual(joined)
  })
})

describe('not', () => {
  const negated = (tri: Tri) => negateTest(atom(1, tri).test, 'who.x')(exampleFacts)

  test('met becomes unmet for a reason of its own, unmet becomes met', () => {
    expect(negated(1)).toStrictEqual({ tri: 0, code: 'condition.excluded', condition: 'who.x', by: undefined, remedy: undefined })
    expect(negated(0)).toStrictEqual({ tri: 1, code: 'met', condition: 'who.x', by: undefined, remedy: undefined })
  })

  test('unknown stays as it is', () => {
    const verdict = { tri: -1, code: 'x.unknown', condition: 'who.x', by: 'caller' } as const
    expect(negateTest(() => verdict, 'who.x')(exampleFacts)).toBe(verdict)
  })
})

describe('leaves', () => {
  const [a, b, c] = [atom(1, 1), atom(2, 1), atom(3, 1)]
  const inner: Node = createGroup('any', 8, [b, c])
  test.each([
    { note: 'of nothing', nodes: [], leaves: [] },
    { note: 'of a leaf', nodes: [a], leaves: [a] },
    { note: 'of groups, in order', nodes: [createGroup('all', 9, [a, inner])], leaves: [a, b, c] },
    { note: 'each once', nodes: [inner, b, createGroup('all', 9, [c, a, inner])], leaves: [b, c, a] },
  ])('$note', ({ nodes, leaves }) => expect(atomsOf(...nodes)).toEqual(leaves))
})
