import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isObject } from '../../lib/strict-json.ts'
import { decodeBase64Url, LONGEST_TOKEN, parseCompactJws, readJsonObject } from './compact-jws.ts'

const part = (text: string): string => Buffer.from(text).toString('base64url')
const HEADER = part('{"alg":"RS256"}')

describe('must pass', () => {
  test('the three parts, and the bytes that are signed', () => {
    const token = `${HEADER}.${part('{"a":1}')}.${part('sig')}`
    const jws = parseCompactJws(token)
    expect(jws?.header).toEqual({ alg: 'RS256' })
    expect(jws?.payload.toString()).toBe('{"a":1}')
    expect(jws?.signed.toString()).toBe(token.slice(0, token.lastIndexOf('.')))
    expect(jws?.signature.toString()).toBe('sig')
  })

  test('an empty payload is well formed', () => {
    expect(parseCompactJws(`${HEADER}..${part('sig')}`)?.payload.length).toBe(0)
  })

  test('a token of just the greatest length', () => {
    const rest = LONGEST_TOKEN - HEADER.length - 2 - 4
    const token = `${HEADER}.${'A'.repeat(rest)}.AAAA`
    expect(token.length).toBe(LONGEST_TOKEN)
    expect(parseCompactJws(token)?.payload.length).toBe(Math.floor((rest * 3) / 4))
  })
})

describe('refused', () => {
  const cases: readonly { note: string; token: string }[] = [
    { note: 'nothing', token: '' },
    { note: 'one part', token: HEADER },
    { note: 'two parts', token: `${HEADER}.e30` },
    { note: 'no signature', token: `${HEADER}.e30.` },
    { note: 'no header', token: '.e30.AAAA' },
    { note: 'four parts', token: `${HEADER}.e30.AAAA.AAAA` },
    { note: 'JWE-bomb: five parts', token: `${HEADER}.AAAA.AAAA.AAAA.AAAA` },
    { note: 'a dot before', token: `.${HEADER}.e30.AAAA` },
    { note: 'padding', token: `${HEADER}.e30=.AAAA` },
    { note: 'the other base64', token: `${HEADER}.e3+0.AAAA` },
    { note: 'a space within', token: `${HEADER}.e3 0.AAAA` },
    { note: 'a line break at the end', token: `${HEADER}.e30.AAAA\n` },
    { note: 'another script', token: `${HEADER}.e30.ÄAAA` },
    { note: 'JSON serialisation', token: '{"payload":"e30","signatures":[]}' },
    { note: 'a part of a length base64 never has', token: `${HEADER}.e30.A` },
    { note: 'unused bits set in the header', token: `${part('{}').slice(0, 2)}1.e30.AAAA` },
    { note: 'unused bits set in the payload', token: `${HEADER}.e31.AAAA` },
    { note: 'unused bits set in the signature', token: `${HEADER}.e30.AB` },
    { note: 'a header that is no JSON', token: `${part('alg')}.e30.AAAA` },
    { note: 'a header that is a list', token: `${part('[]')}.e30.AAAA` },
    { note: 'a header that is null', token: `${part('null')}.e30.AAAA` },
    { note: 'a name twice in the header', token: `${part('{"alg":"RS256","alg":"none"}')}.e30.AAAA` },
    { note: 'a name twice, spelt with an escape', token: `${part('{"alg":"RS256","\\u0061lg":"none"}')}.e30.AAAA` },
    { note: 'a byte order mark', token: `${part('\ufeff{"alg":"RS256"}')}.e30.AAAA` },
    { note: 'a header deeper than sixteen', token: `${part(`{"a":${'['.repeat(16)}${']'.repeat(16)}}`)}.e30.AAAA` },
    {
      note: 'a header that is not UTF-8',
      token: `${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.e30.AAAA`,
    },
    { note: 'one character too long', token: `${HEADER}.${'A'.repeat(LONGEST_TOKEN - HEADER.length - 6 + 1)}.AAAA` },
  ]
  test.each(cases)('$note', ({ token }) => {
    expect(parseCompactJws(token)).toBeNull()
  })
})

test('objects only', () => {
  expect(isObject({})).toBe(true)
  for (const value of [null, undefined, [], 'a', 1, true]) expect(isObject(value)).toBe(false)
  expect(readJsonObject(Buffer.from('{"a":[1]}'))).toEqual({ a: [1] })
  expect(readJsonObject(Buffer.from('[1]'))).toBeNull()
  expect(readJsonObject(Buffer.from('{'))).toBeNull()
  expect(readJsonObject(Buffer.from([0xc3, 0x28]))).toBeNull()
})

test('base64url has one spelling', () => {
  expect(decodeBase64Url('')).toEqual(Buffer.alloc(0))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64url')
      expect(decodeBase64Url(text)).toEqual(Buffer.from(bytes))
      expect(decodeBase64Url(`${text}=`)).toBeNull()
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = decodeBase64Url(text)
      if (bytes !== null) expect(bytes.toString('base64url')).toBe(text)
    }),
  )
})

test('total', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.json().map(part),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const jws = parseCompactJws(pieces.join('.'))
      if (jws !== null) expect(isObject(jws.header)).toBe(true)
    }),
  )
})
