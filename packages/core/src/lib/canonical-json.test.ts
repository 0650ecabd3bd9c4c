import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { CodedError } from './coded-error.ts'

const codeOf = (value: unknown): string => {
  try {
    return `text ${canonicalJson(value)}`
  } catch (error) {
    return error instanceof CodedError ? error.code : 'not coded'
  }
}

test.each([
  { note: 'null', value: null, text: 'null' },
  { note: 'booleans', value: [true, false], text: '[true,false]' },
  { note: 'nothing inside', value: [{}, []], text: '[{},[]]' },
  { note: 'keys sorted', value: { b: 1, a: 2, A: 3 }, text: '{"A":3,"a":2,"b":1}' },
  { note: 'keys sorted at depth', value: { x: [{ d: 1, c: 2 }] }, text: '{"x":[{"c":2,"d":1}]}' },
  { note: 'numeric keys sorted as text', value: { 10: 1, 9: 2, 1: 3 }, text: '{"1":3,"10":1,"9":2}' },
  { note: 'no prototype', value: Object.assign(Object.create(null), { a: 1 }), text: '{"a":1}' },
  { note: '__proto__ as a key', value: JSON.parse('{"__proto__":1}'), text: '{"__proto__":1}' },
  { note: 'minus zero', value: -0, text: '0' },
  { note: 'a value met twice is no cycle', value: [['a']].flatMap((shared) => [shared, shared]), text: '[["a"],["a"]]' },
  {
    note: 'RFC 8785 section 3.2.2',
    value: {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27],
      string: '€$\u000F\nA\'B"\\\\"/',
      literals: [null, true, false],
    },
    text: '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  },
  {
    note: 'RFC 8785 section 3.2.3: UTF-16 code units, not code points',
    value: { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
    text: '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  },
])('$note', ({ value, text }) => expect(canonicalJson(value)).toBe(text))

// RFC 8785 appendix B, by the bits of the double.
test.each([
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555554', '333333333.33333325'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
])('the double %s is %s', (bits, text) => {
  expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
})

const cyclic: { self?: unknown } = {}
cyclic.self = [cyclic]
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

test.each([
  { note: 'undefined', value: undefined, code: 'canonical.type' },
  { note: 'undefined in an object', value: { a: undefined }, code: 'canonical.type' },
  { note: 'a hole', value: Array.from({ length: 2 }), code: 'canonical.type' },
  { note: 'a function', value: { a: () => 1 }, code: 'canonical.type' },
  { note: 'a symbol', value: Symbol('a'), code: 'canonical.type' },
  { note: 'a symbol as key', value: { [Symbol('a')]: 1 }, code: 'canonical.type' },
  { note: 'a bigint', value: 1n, code: 'canonical.type' },
  { note: 'a Map', value: new Map([['a', 1]]), code: 'canonical.type' },
  { note: 'a Set', value: new Set(), code: 'canonical.type' },
  { note: 'a Date', value: new Date(0), code: 'canonical.type' },
  { note: 'bytes', value: new Uint8Array(1), code: 'canonical.type' },
  { note: 'an instance', value: new (class A {})(), code: 'canonical.type' },
  { note: 'a boxed string', value: Object('a'), code: 'canonical.type' },
  { note: 'NaN', value: Number.NaN, code: 'canonical.number' },
  { note: 'infinity', value: [Number.NEGATIVE_INFINITY], code: 'canonical.number' },
  { note: 'a lone surrogate', value: 'a\ud800', code: 'canonical.surrogate' },
  { note: 'a lone surrogate in a key', value: { '\udc00': 1 }, code: 'canonical.surrogate' },
  { note: 'a cycle', value: cyclic, code: 'canonical.cycle' },
  { note: 'too deep', value: nested(257), code: 'canonical.depth' },
])('refuses $note', ({ value, code }) => expect(codeOf(value)).toBe(code))

test('does not call toJSON', () => {
  expect(codeOf({ toJSON: () => 1 })).toBe('canonical.type')
  expect(codeOf(nested(256))).toMatch(/^text/)
})

const wellFormed = fc.string({ unit: 'binary', maxLength: 6 })
const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 })

test('property: reads back as the same value, and once more gives the same text', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

test('property: the order of keys does not matter', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))
    }),
  )
})

test('property: injective: equal texts come from equal values alone', () => {
  const small = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(null, true, 0, 1, '', '0', '1', 'null', '[]', 'a"', '","', '{}'),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'a"', '":', ''), tie('value'), { maxKeys: 2, noNullPrototype: true }),
    ),
  })).value
  fc.assert(
    fc.property(small, small, (a, b) => {
      let equal = true
      try {
        expect(a).toStrictEqual(b)
      } catch {
        equal = false
      }
      expect(canonicalJson(a) === canonicalJson(b)).toBe(equal)
    }),
    { numRuns: 2_000 },
  )
})

test('property: anything at all gives a text or a coded error', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
  })
  fc.assert(
    fc.property(fc.oneof(anything, wellFormed), (value) => {
      expect(codeOf(value)).not.toBe('not coded')
    }),
    { numRuns: 1_000 },
  )
})
