import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { foldName, isFieldValue, isToken, parseList, parseMediaType } from './http-token.ts'

test('a token is one or more tchar: every ASCII character', () => {
  const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
  for (let c = 0; c < 256; c++)
    expect({ c, token: isToken(String.fromCharCode(c)) }).toEqual({ c, token: tchar.includes(String.fromCharCode(c)) })
})

test.each([
  { text: 'X-Request-Id', token: true },
  { text: 'GET', token: true },
  { text: '', token: false },
  { text: 'a b', token: false },
  { text: 'a:', token: false },
  { text: 'a\n', token: false },
  { text: '\u212aey', token: false },
])('token $text: $token', ({ text, token }) => expect(isToken(text)).toBe(token))

test.each([
  { note: 'plain', text: 'Bearer abc', value: true },
  { note: 'empty', text: '', value: true },
  { note: 'a tab within', text: 'a\tb', value: true },
  { note: 'Latin-1', text: 'caf\u00e9', value: true },
  { note: 'a space before', text: ' a', value: false },
  { note: 'a tab after', text: 'a\t', value: false },
  { note: 'CR LF', text: 'a\r\nX-User: root', value: false },
  { note: 'LF at the end', text: 'a\n', value: false },
  { note: 'NUL', text: 'a\0', value: false },
  { note: 'DEL', text: 'a\u007f', value: false },
  { note: 'escape', text: '\u001b[2J', value: false },
  { note: 'beyond Latin-1', text: '\u0100', value: false },
])('field value, $note: $value', ({ text, value }) => expect(isFieldValue(text)).toBe(value))

test.each([
  { name: 'X-Auth-User', folded: 'x_auth_user' },
  { name: 'x_auth_user', folded: 'x_auth_user' },
  { name: 'X.Auth~User', folded: 'x_auth_user' },
  { name: 'X\u212a', folded: 'xk' },
  { name: '', folded: '' },
])('$name folds to $folded', ({ name, folded }) => expect(foldName(name)).toBe(folded))

test.each([
  { note: 'nothing', text: '', items: [] },
  { note: 'one', text: 'a', items: ['a'] },
  { note: 'spaces', text: ' a ,\tb', items: ['a', 'b'] },
  { note: 'empty elements', text: ',a,,b, ,', items: ['a', 'b'] },
  { note: 'a comma in quotes', text: 'a="b,c", d', items: ['a="b,c"', 'd'] },
  { note: 'an escaped quote', text: '"a\\",b",c', items: ['"a\\",b"', 'c'] },
  { note: 'an open quoted string', text: 'a,"b', items: null },
  { note: 'an escape at the end', text: '"a\\', items: null },
  { note: 'a line break', text: 'a\n,b', items: null },
  { note: 'a no-break space is not trimmed', text: '\u00a0a', items: ['\u00a0a'] },
  { note: '256 elements', text: 'a,'.repeat(256), items: Array.from({ length: 256 }, () => 'a') },
  { note: '257 elements', text: 'a,'.repeat(257), items: null },
])('a list: $note', ({ text, items }) => expect(parseList(text)).toEqual(items))

const media = (type: string, subtype: string, parameters: Record<string, string> = {}) => ({ type, subtype, parameters })
test.each([
  { text: 'application/json', read: media('application', 'json') },
  { text: 'Application/JSON;Charset=UTF-8', read: media('application', 'json', { charset: 'UTF-8' }) },
  { text: 'application/jwk-set+json ; a=b;\tc="d;e"', read: media('application', 'jwk-set+json', { a: 'b', c: 'd;e' }) },
  { text: 'text/plain; a="\\"\\x"', read: media('text', 'plain', { a: '"x' }) },
  { text: 'text/plain; a=""', read: media('text', 'plain', { a: '' }) },
  { text: 'text/plain; __proto__=x', read: media('text', 'plain', JSON.parse('{"__proto__":"x"}') as Record<string, string>) },
])('media type $text', ({ text, read }) => {
  const parsed = parseMediaType(text)
  expect(JSON.stringify(parsed)).toBe(JSON.stringify(read))
  expect(Object.getPrototypeOf(parsed?.parameters)).toBeNull()
})

test.each(
  [
    '',
    'application',
    'application/',
    '/json',
    'application/json/x',
    'application /json',
    'application/ json',
    'application/json, text/html',
    'application/json;',
    'application/json;;a=b',
    'application/json;a',
    'application/json;a=',
    'application/json;=b',
    'application/json;a =b',
    'application/json;a= b',
    'application/json;a=b c',
    'application/json;a="b',
    'application/json;a="b"c',
    'application/json;a=b;A=c',
    'application/json\n',
    ' application/json',
    'application/json;a="\u0100"',
    `application/${'j'.repeat(256)}`,
  ].map((text) => ({ text })),
)('no media type: $text', ({ text }) => expect(parseMediaType(text)).toBeNull())

const soup = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab/;,="\\ \t\n\u00e9'.split('')), maxLength: 40 }),
  fc.string({ unit: 'binary' }),
)

test('property: total; the elements of a list make the same list', () => {
  fc.assert(
    fc.property(soup, (text) => {
      const items = parseList(text)
      if (items !== null) expect(parseList(items.join(', '))).toEqual(items)
      expect(isFieldValue(text) && /[\r\n\0]/.test(text)).toBe(false)
      parseMediaType(text)
    }),
    { numRuns: 2_000 },
  )
})

test('property: a media type written with quoted strings reads back', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,12}$/)
  const value = fc.stringMatching(/^[\t -~]{0,20}$/)
  fc.assert(
    fc.property(token, token, fc.dictionary(token, value, { maxKeys: 3 }), (type, subtype, parameters) => {
      const tail = Object.entries(parameters).map(([name, text]) => `; ${name}="${text.replace(/["\\]/g, '\\$&')}"`)
      const parsed = parseMediaType(`${type}/${subtype}${tail.join('')}`)
      expect(JSON.stringify(parsed)).toBe(JSON.stringify({ type, subtype, parameters }))
    }),
  )
})

test('property: names that differ in case or separators alone fold alike, and a folded name folds to itself', () => {
  const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/)
  fc.assert(
    fc.property(name, fc.constantFrom('.', '-', '~', '_'), (some, separator) => {
      const folded = foldName(some)
      expect(foldName(some.toUpperCase().replace(/[^A-Z0-9]/g, separator))).toBe(folded)
      expect(foldName(folded)).toBe(folded)
      expect(folded).toHaveLength(some.length)
    }),
  )
})

describeCorpus('bypass', (path) => {
  const { alias_transforms: aliases } = JSON.parse(readFileSync(join(path, 'header-ip-vectors.json'), 'utf8')) as {
    alias_transforms: string[]
  }
  const names = aliases.map((alias) => alias.replace(/ \(.*$/, '')).map((name) => ({ name }))
  test.each(names)('$name folds like X-Auth-User', ({ name }) => {
    expect(isToken(name)).toBe(true)
    expect(foldName(name)).toBe(foldName('X-Auth-User'))
  })
})
