import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonValue, parseStrictJson } from './strict-json.ts'

const LIMITS = { maxBytes: 10_000, maxDepth: 8 }
const read = (text: string): JsonValue => {
  const parsed = parseStrictJson(text, LIMITS)
  if (!parsed.ok) throw new Error(`${parsed.why} at ${parsed.offset}`)
  return parsed.value
}

test.each(
  [
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1.5e+10',
    '1E-400',
    '9007199254740993',
    '""',
    '"a\\u0041\\n\\/\\"\\\\"',
    '"\\ud83d\\ude00"',
    '"😀"',
    '"\u007f\u2028"',
    '[]',
    '[ ]',
    '{}',
    '{ }',
    ' \t\r\n[ 1 , [ 2 ] , { "a" : { } } ] \n',
    '{"a":1,"A":2,"b":{"a":3}}',
    '[[[[[[[[]]]]]]]]',
  ].map((text) => ({ text })),
)('reads $text as JSON.parse does', ({ text }) => {
  expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)))
  expect(Object.is(read(text), -0)).toBe(text === '-0')
})

test('keys of prototypes are keys like others', () => {
  const value = read('{"__proto__":{"admin":true},"constructor":1,"toString":2,"hasOwnProperty":3}') as Record<string, unknown>
  expect(Object.getPrototypeOf(value)).toBeNull()
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
  expect(value['admin']).toBeUndefined()
  expect((read('{}') as Record<string, unknown>)['constructor']).toBeUndefined()
})

test.each([
  { note: 'nothing', text: '', why: /value was expected/, offset: 0 },
  { note: 'space alone', text: ' ', why: /value was expected/, offset: 1 },
  { note: 'a byte order mark', text: '\ufeff{}', why: /value was expected/, offset: 0 },
  { note: 'text after', text: '1 2', why: /text follows/, offset: 2 },
  { note: 'NUL after', text: '{}\0', why: /text follows/, offset: 2 },
  { note: 'two documents', text: '{}{}', why: /text follows/, offset: 2 },
  { note: 'a duplicate key', text: '{"a":1,"a":1}', why: /given twice/, offset: 7 },
  { note: 'a duplicate key spelled otherwise', text: '{"a":1,"\\u0061":1}', why: /given twice/, offset: 7 },
  { note: 'a duplicate __proto__', text: '{"__proto__":1,"__proto__":1}', why: /given twice/, offset: 15 },
  { note: 'a duplicate whose first value is null', text: '{"a":null,"a":1}', why: /given twice/, offset: 10 },
  { note: 'a duplicate at depth', text: '[{"x":{"a":1,"b":2,"a":3}}]', why: /given twice/, offset: 19 },
  { note: 'overflow', text: '[1e400]', why: /too large/, offset: 1 },
  { note: 'negative overflow', text: '-1e999', why: /too large/, offset: 0 },
  { note: 'a leading zero', text: '01', why: /text follows/, offset: 1 },
  { note: 'a plus', text: '+1', why: /value was expected/, offset: 0 },
  { note: 'a dot first', text: '.1', why: /value was expected/, offset: 0 },
  { note: 'a dot last', text: '1.', why: /text follows/, offset: 1 },
  { note: 'an empty exponent', text: '1e', why: /text follows/, offset: 1 },
  { note: 'a minus alone', text: '-', why: /value was expected/, offset: 0 },
  { note: 'NaN', text: 'NaN', why: /value was expected/, offset: 0 },
  { note: 'Infinity', text: '-Infinity', why: /value was expected/, offset: 0 },
  { note: 'hex', text: '0x1', why: /text follows/, offset: 1 },
  { note: 'a word cut', text: 'tru', why: /value was expected/, offset: 0 },
  { note: 'upper case', text: 'True', why: /value was expected/, offset: 0 },
  { note: 'undefined', text: 'undefined', why: /value was expected/, offset: 0 },
  { note: 'an open string', text: '"a', why: /string/, offset: 0 },
  { note: 'an open string after an escape', text: '"a\\', why: /string/, offset: 0 },
  { note: 'a control character', text: '"a\nb"', why: /string/, offset: 0 },
  { note: 'an unknown escape', text: '"\\x41"', why: /string/, offset: 0 },
  { note: 'a short escape', text: '"\\u041"', why: /string/, offset: 0 },
  { note: 'a single quote', text: "'a'", why: /value was expected/, offset: 0 },
  { note: 'a lone surrogate', text: '"\ud800"', why: /surrogate/, offset: 0 },
  { note: 'an escaped lone surrogate', text: '"\\ud800"', why: /surrogate/, offset: 0 },
  { note: 'surrogates in the wrong order', text: '"\\ude00\\ud83d"', why: /surrogate/, offset: 0 },
  { note: 'a lone surrogate in a key', text: '{"\\udc00":1}', why: /surrogate/, offset: 1 },
  { note: 'an open list', text: '[1', why: /comma/, offset: 2 },
  { note: 'a comma at the end', text: '[1,]', why: /value was expected/, offset: 3 },
  { note: 'a comma at the start', text: '[,1]', why: /value was expected/, offset: 1 },
  { note: 'the wrong bracket', text: '[1}', why: /comma/, offset: 2 },
  { note: 'an open object', text: '{"a":1', why: /comma/, offset: 6 },
  { note: 'a comma at the end of an object', text: '{"a":1,}', why: /key was expected/, offset: 7 },
  { note: 'no colon', text: '{"a" 1}', why: /colon/, offset: 5 },
  { note: 'no value', text: '{"a":}', why: /value was expected/, offset: 5 },
  { note: 'a key without quotes', text: '{a:1}', why: /key was expected/, offset: 1 },
  { note: 'a comment', text: '[1/**/]', why: /comma/, offset: 2 },
  { note: 'a no-break space', text: '\u00a01', why: /value was expected/, offset: 0 },
  { note: 'too deep', text: '[[[[[[[[[]]]]]]]]]', why: /too deep/, offset: 8 },
  { note: 'very deep', text: '['.repeat(9_000), why: /too deep/, offset: 8 },
  { note: 'too long', text: `"${'a'.repeat(9_999)}"`, why: /too long/, offset: 0 },
  { note: 'too long in UTF-8', text: `"${'€'.repeat(3_333)}"`, why: /too long/, offset: 0 },
  { note: 'too long in pairs', text: `"${'😀'.repeat(2_500)}"`, why: /too long/, offset: 0 },
])('refuses $note', ({ text, why, offset }) => {
  expect(parseStrictJson(text, LIMITS)).toEqual({ ok: false, why: expect.stringMatching(why), offset })
})

test.each([
  { note: 'ASCII', text: `"${'a'.repeat(9_998)}"` },
  { note: 'two bytes', text: `"${'ö'.repeat(4_999)}"` },
  { note: 'three bytes', text: `"${'€'.repeat(3_332)}"` },
  { note: 'four bytes', text: `"${'😀'.repeat(2_499)}"` },
])('reads up to the limit: $note', ({ text }) => expect(read(text)).toBe(text.slice(1, -1)))

test('a depth limit above 256 is read as 256', () => {
  const text = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const limits = { maxBytes: 1e9, maxDepth: 1e9 }
  expect(parseStrictJson(text(256), limits).ok).toBe(true)
  expect(parseStrictJson(text(257), limits).ok).toBe(false)
  expect(parseStrictJson('1', { maxBytes: 1, maxDepth: 0 }).ok).toBe(true)
  expect(parseStrictJson('[]', { maxBytes: 2, maxDepth: 0 }).ok).toBe(false)
})

test('long strings neither overflow the stack nor take quadratic time', () => {
  const limits = { maxBytes: 1e9, maxDepth: 1 }
  expect(parseStrictJson(`"${'\\n'.repeat(1_000_000)}"`, limits)).toEqual({ ok: true, value: '\n'.repeat(1_000_000) })
  expect(parseStrictJson(`["${'\\n'.repeat(1_000_000)}`, limits).ok).toBe(false)
})

const LOOSE = { maxBytes: 1e6, maxDepth: 256 }

test('property: what JSON.stringify writes reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom('', ' ', '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const parsed = parseStrictJson(text, LOOSE)
      expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(JSON.parse(text)))
    }),
    { numRuns: 1_000 },
  )
})

const outcome = (read: () => unknown): string => {
  try {
    return JSON.stringify(read())
  } catch {
    return 'refused'
  }
}

test('property: on broken texts total, and never accepts what JSON.parse refuses or reads otherwise', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"b"',
    '\\',
    '\\u00',
    '\\ud800',
    '1',
    '-',
    '0',
    '.',
    'e9',
    'true',
    'null',
    ' ',
    '\n',
    '\ud800',
    '€',
  ]
  const broken = fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 30 }),
    fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...pieces)).map(([text, at, piece]) => {
      const i = at % (text.length + 1)
      return text.slice(0, i) + piece + text.slice(i + (at % 3))
    }),
  )
  fc.assert(
    fc.property(broken, (text) => {
      const parsed = parseStrictJson(text, LOOSE)
      const loose = outcome(() => JSON.parse(text) as unknown)
      if (parsed.ok) expect(JSON.stringify(parsed.value)).toBe(loose)
      else if (loose !== 'refused') expect(parsed.why).toMatch(/given twice|surrogate|too large|too deep/)
    }),
    { numRuns: 5_000 },
  )
})

test('property: a duplicate anywhere is refused', () => {
  const members = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 4 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(members, fc.nat(), fc.nat(), (keys, from, to) => {
      const doubled = keys.toSpliced(to % (keys.length + 1), 0, keys[from % keys.length] as string)
      const text = (list: readonly string[]): string => `{${list.map((key) => `${JSON.stringify(key)}:0`).join()}}`
      expect(parseStrictJson(text(keys), LOOSE).ok).toBe(true)
      expect(parseStrictJson(text(doubled), LOOSE)).toMatchObject({ ok: false, why: 'a key is given twice' })
    }),
  )
})
