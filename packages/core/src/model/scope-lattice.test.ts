import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createScopeLattice } from './scope-lattice.ts'

const DECLARED = [
  'charges.read',
  'charges.write',
  'charges.*',
  'charges.refunds.*',
  'charges.refunds.make',
  'notes:read',
  'notes:*',
]
const lattice = createScopeLattice(DECLARED)
const withEverything = createScopeLattice([...DECLARED, '*'])

describe('what covers what', () => {
  test.each([
    { note: 'itself', a: 'charges.read', b: 'charges.read' },
    { note: 'what nobody declared covers itself', a: 'elsewhere', b: 'elsewhere' },
    { note: 'a wildcard, what begins so', a: 'charges.*', b: 'charges.read' },
    { note: 'a wildcard, what lies deeper', a: 'charges.*', b: 'charges.refunds.make' },
    { note: 'a wildcard, a narrower one', a: 'charges.*', b: 'charges.refunds.*' },
    { note: 'parts of names that are joined otherwise', a: 'notes:*', b: 'notes:read' },
    { note: 'everything', a: '*', b: 'charges.*', among: withEverything },
  ])('$note', ({ a, b, among = lattice }) => expect(among.covers(a, b)).toBe(true))

  test.each([
    { note: 'a wildcard, the name before its end', a: 'charges.*', b: 'charges' },
    { note: 'a wildcard, a longer word', a: 'charges.*', b: 'chargesback.read' },
    { note: 'a wildcard, the same in capitals', a: 'charges.*', b: 'Charges.read' },
    { note: 'a narrower one, a wider one', a: 'charges.refunds.*', b: 'charges.*' },
    { note: 'a name, a wildcard over it', a: 'charges.read', b: 'charges.*' },
    { note: 'a wildcard nobody declared', a: 'no', b: 'notes:read' },
    { note: 'everything, where nobody declared it', a: '*', b: 'charges.read' },
    { note: 'a name that only ends in a star', a: 'charges.r*', b: 'charges.read', among: createScopeLattice(['charges.r*']) },
    {
      note: 'a star in the middle',
      a: 'charges.*.make',
      b: 'charges.refunds.make',
      among: createScopeLattice(['charges.*.make']),
    },
    { note: 'two stars', a: 'charges.**', b: 'charges.read', among: createScopeLattice(['charges.**']) },
    { note: 'a star before a wildcard', a: '*.*', b: '*.read', among: createScopeLattice(['*.*']) },
  ])('not $note', ({ a, b, among = lattice }) => expect(among.covers(a, b)).toBe(false))
})

describe('what is carried', () => {
  test.each([
    { note: 'nothing', carried: [], gives: [] },
    { note: 'names', carried: ['charges.read'], gives: ['charges.read'] },
    { note: 'a name nobody declared', carried: ['openid'], gives: ['openid'] },
    { note: 'a wildcard', carried: ['notes:*'], gives: ['notes:*', 'notes:read'] },
    { note: 'a wildcard nobody declared', carried: ['*', 'write.*'], gives: ['*', 'write.*'] },
    {
      note: 'a wildcard over wildcards',
      carried: ['charges.*'],
      gives: DECLARED.filter((scope) => scope.startsWith('charges.')),
    },
    { note: 'everything that is declared', among: withEverything, carried: ['*', 'openid'], gives: [...DECLARED, '*', 'openid'] },
  ])('is expanded: $note', ({ carried, gives, among = lattice }) => expect(among.expand(carried)).toEqual(new Set(gives)))
})

const part = fc.constantFrom('a', 'b', 'ab', '*', '')
const scope = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('.', ':', '/'))
  .map(([parts, joint]) => parts.join(joint))
const scopes = fc.uniqueArray(scope, { maxLength: 8 })

describe('properties of any lattice', () => {
  test('an order: reflexive, transitive, antisymmetric', () => {
    fc.assert(
      fc.property(scopes, scope, scope, scope, (declared, ...others) => {
        const { covers } = createScopeLattice(declared)
        const all = [...declared, ...others]
        const pairs = all.flatMap((a) => all.map((b) => [a, b] as const))
        for (const a of all) expect(covers(a, a)).toBe(true)
        for (const [a, b] of pairs) if (covers(a, b) && covers(b, a)) expect(a).toBe(b)
        const covered = pairs.filter(([a, b]) => covers(a, b))
        const chains = covered.flatMap(([a, b]) => covered.flatMap(([from, c]) => (from === b ? [[a, b, c] as const] : [])))
        for (const [a, b, c] of chains) expect(covers(a, c), `${a} ${b} ${c}`).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('expanding adds exactly what is declared and covered, and adds it once and for all', () => {
    fc.assert(
      fc.property(scopes, scopes, (declared, carried) => {
        const { covers, expand } = createScopeLattice(declared)
        const expanded = expand(carried)
        const expected = declared.filter((one) => carried.some((held) => covers(held, one)))
        expect(expanded).toEqual(new Set([...carried, ...expected]))
        expect(expand(expanded)).toEqual(expanded)
      }),
      { numRuns: 2_000 },
    )
  })

  test('whoever carries less has no more, and a wildcard that is not declared gives nothing', () => {
    fc.assert(
      fc.property(scopes, scopes, scopes, (declared, some, others) => {
        const { covers, expand } = createScopeLattice(declared)
        const more = expand([...some, ...others])
        for (const held of expand(some)) expect(more.has(held)).toBe(true)
        for (const a of some) if (!declared.includes(a)) for (const b of declared) expect(covers(a, b)).toBe(a === b)
      }),
      { numRuns: 2_000 },
    )
  })
})
