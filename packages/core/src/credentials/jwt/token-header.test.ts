import type { JsonObject } from '../../lib/strict-json.ts'
import { describe, expect, test } from 'vitest'
import { readTokenHeader } from './token-header.ts'

const good = { alg: 'RS256', typ: 'at+jwt', kid: 'k1' }

describe('must pass', () => {
  const cases = [
    { note: 'as RFC 9068 prints it', profile: 'rfc9068', header: good, kid: 'k1' },
    { note: 'type as RFC 9470 prints it', profile: 'rfc9068', header: { ...good, typ: 'at+JWT' }, kid: 'k1' },
    { note: 'the whole media type', profile: 'rfc9068', header: { ...good, typ: 'Application/at+jwt' }, kid: 'k1' },
    { note: 'no kid', profile: 'rfc9068', header: { alg: 'RS256', typ: 'at+jwt' }, kid: null },
    { note: 'what nobody reads', profile: 'rfc9068', header: { ...good, x5t: 'abc', cty: 'x', 'x5t#S256': 'y' }, kid: 'k1' },
    { note: 'plain, no type', profile: 'plain', header: { alg: 'RS256', kid: 'k1' }, kid: 'k1' },
    { note: 'plain, JWT', profile: 'plain', header: { ...good, typ: 'JWT' }, kid: 'k1' },
    { note: 'plain, application/jwt', profile: 'plain', header: { ...good, typ: 'application/jwt' }, kid: 'k1' },
  ] as const
  test.each(cases)('$note', ({ profile, header, kid }) => {
    expect(readTokenHeader(header, profile)).toEqual({ alg: 'RS256', kid })
  })
})

describe('types of other uses', () => {
  const others = [
    '',
    'none',
    'logout+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'JOSE',
    'application/',
    'x/at+jwt',
    'at+jwt ',
    'application/application/jwt',
  ]
  test.each([...others, 'JWT', null, true, 0, ['at+jwt'], undefined])('rfc9068 refuses %j', (typ) => {
    const header: JsonObject = typ === undefined ? { alg: 'RS256' } : { alg: 'RS256', typ }
    expect(readTokenHeader(header, 'rfc9068')).toBeNull()
  })
  test.each([...others, 'at+jwt', 'application/at+jwt', null, true, 0, ['JWT']])('plain refuses %j', (typ) => {
    expect(readTokenHeader({ alg: 'RS256', typ }, 'plain')).toBeNull()
  })
})

describe('refused in both profiles', () => {
  const faults = [
    { crit: [] },
    { crit: ['exp'], exp: 1 },
    { crit: null },
    { b64: false },
    { b64: true },
    { jku: 'https://a.example' },
    { jwk: {} },
    { x5u: 'https://a.example' },
    { x5c: [] },
    { zip: 'DEF' },
    { enc: 'A256GCM' },
    { alg: null },
    { alg: 0 },
    { alg: ['RS256'] },
    { alg: false },
    { kid: '' },
    { kid: 0 },
    { kid: null },
    { kid: ['k1'] },
  ]
  test.each(faults)('%j', (fault) => {
    expect(readTokenHeader({ ...good, ...fault } as never, 'rfc9068')).toBeNull()
    expect(readTokenHeader({ alg: 'RS256', ...fault } as never, 'plain')).toBeNull()
  })

  test('no alg', () => {
    expect(readTokenHeader({ typ: 'at+jwt' }, 'rfc9068')).toBeNull()
  })
})
