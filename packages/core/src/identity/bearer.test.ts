import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findKey, findToken } from './bearer.ts'

const request = (lines: readonly string[] | null, query: string | null = null) => ({
  fields: new Map(lines === null ? [] : [['authorization', lines]]),
  query,
})
const MALFORMED = { malformed: 'credential.malformed' }
const SEVERAL = { malformed: 'credential.several' }

describe('must pass', () => {
  const cases = [
    { note: 'as RFC 6750 prints it', line: 'Bearer mF_9.B5f-4.1JqM', value: 'mF_9.B5f-4.1JqM' },
    { note: 'HONO-scheme: bEaReR', line: 'bEaReR a.b.c', value: 'a.b.c' },
    { note: 'all of b64token', line: 'BEARER AZaz09-._~+/==', value: 'AZaz09-._~+/==' },
    { note: 'one character', line: 'Bearer x', value: 'x' },
  ]
  test.each(cases)('$note', ({ line, value }) => {
    expect(findToken(request([line]))).toEqual({ value })
  })

  test('a query that does not ask by access_token changes nothing', () => {
    for (const query of ['', 'a=1&b=2', 'xaccess_token=1', 'access_tokens=1', 'q=access_token', 'a=%25&b=%zz']) {
      expect(findToken(request(['Bearer x'], query)), query).toEqual({ value: 'x' })
    }
  })
})

test('no field: no credential, even with a token in the query', () => {
  expect(findToken(request(null))).toBeNull()
  expect(findToken(request(null, 'access_token=x'))).toBeNull()
})

describe('HONO-scheme and its like are malformed', () => {
  const lines = [
    '',
    'Bearer',
    'Bearer ',
    ' Bearer x',
    'Bearer x ',
    'Basic YTpi',
    'Basic a.b.c',
    'Token a.b.c',
    'a.b.c',
    'Bearer  a.b.c',
    'Bearer,a.b.c',
    'Bearer\ta.b.c',
    'Bearer a.b.c d.e.f',
    'Bearer a.b.c,Bearer d.e.f',
    'Bearer a.b.c, d',
    'Bearer =',
    'Bearer a=b',
    'Bearer "a.b.c"',
    'Bearer a.b.c\n',
    'Bearer ä',
    'XBearer a',
    'Bearerx a',
    'DPoP a.b.c',
  ]
  test.each(lines)('%j', (line) => {
    expect(findToken(request([line]))).toEqual(MALFORMED)
  })
})

describe('two credentials', () => {
  test.each(['access_token=x', 'a=1&access_token=', 'access_token', 'access%5Ftoken=x', '%61ccess_token=x', 'a&access%5ftoken'])(
    'a field and the query %s',
    (query) => {
      expect(findToken(request(['Bearer x'], query))).toEqual(SEVERAL)
    },
  )

  test('two fields, or none of a present name', () => {
    expect(findToken(request(['Bearer x', 'Bearer x']))).toEqual(SEVERAL)
    expect(findToken(request([]))).toEqual(SEVERAL)
  })
})

describe('an API key and a token are told apart by how they begin', () => {
  test.each([
    { note: 'a key', line: 'Bearer balk_abc', isKey: true },
    { note: 'a key, whatever the case of the scheme', line: 'bEARER balk_abc', isKey: true },
    { note: 'nothing but the beginning of one', line: 'Bearer balk_', isKey: true },
    { note: 'a token', line: 'Bearer a.b.c', isKey: false },
    { note: 'the beginning of one in other letters', line: 'Bearer BALK_abc', isKey: false },
    { note: 'the beginning of one further on', line: 'Bearer xbalk_abc', isKey: false },
    { note: 'less than the beginning of one', line: 'Bearer balk', isKey: false },
  ])('$note', ({ line, isKey }) => {
    const presented = { value: line.slice('Bearer '.length) }
    expect(findKey(request([line]))).toEqual(isKey ? presented : null)
    expect(findToken(request([line]))).toEqual(isKey ? null : presented)
  })

  test.each([
    { note: 'what is malformed', lines: ['Bearer balk_a b'], gives: MALFORMED },
    { note: 'two of them', lines: ['Bearer balk_a', 'Bearer balk_a'], gives: SEVERAL },
  ])('$note is refused as a token, and is no key', ({ lines, gives }) => {
    expect(findToken(request(lines))).toEqual(gives)
    expect(findKey(request(lines))).toBeNull()
  })

  test('without a field there is neither', () => {
    expect(findKey(request(null))).toBeNull()
  })
})

test('total: any text gives a token of b64token characters or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `Bearer ${text}`),
      ),
      fc.option(fc.string()),
      (line, query) => {
        const found = findToken(request([line], query))
        if (found !== null && 'value' in found) expect(found.value).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/)
        else expect(found).not.toBeNull()
      },
    ),
  )
})
