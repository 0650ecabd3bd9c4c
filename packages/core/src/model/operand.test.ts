import { describe, expect, it } from 'vitest'
import { exampleFacts, exampleScope } from '../testing/example-facts.ts'
import { among, comparedNames, equalsOne, operandsOf } from './operand.ts'

const unbound = { ...exampleScope, capture: () => () => undefined }

describe('operands', () => {
  it('lists the names compared with, prefixed ones too', () => {
    expect(comparedNames(['a', '$x', 'corp/$y', 'a/b/$z', '$X', 3, true])).toEqual(['x', 'y'])
  })

  it.each([
    { note: 'a literal', values: ['a', 'b'], has: 'b', tri: 1 },
    { note: 'none', values: ['a', 'b'], has: 'c', tri: 0 },
    { note: 'what was captured', values: ['$tenant'], has: 'acme', tri: 1 },
    { note: 'what was captured, behind a prefix', values: ['corp/$tenant'], has: 'corp/acme', tri: 1 },
    { note: 'another than what was captured', values: ['$tenant'], has: 'globex', tri: 0 },
    { note: 'the written name is no literal', values: ['$tenant'], has: '$tenant', tri: 0 },
    { note: 'nothing captured', values: ['$tenant'], has: 'acme', tri: -1, scope: unbound },
    { note: 'nothing captured, behind a prefix', values: ['corp/$tenant'], has: 'corp/', tri: -1, scope: unbound },
    { note: 'nothing captured, but a literal', values: ['$tenant', 'a'], has: 'a', tri: 1, scope: unbound },
    { note: 'a name that nobody captures', values: ['$nobody'], has: 'acme', tri: -1 },
  ])('$note: $tri', ({ values, has, tri, scope = exampleScope }) => {
    const operands = operandsOf(values, scope)
    expect(equalsOne(operands, has, exampleFacts)).toBe(tri)
    expect(among(operands, (value) => value === has, exampleFacts)).toBe(tri)
  })
})
