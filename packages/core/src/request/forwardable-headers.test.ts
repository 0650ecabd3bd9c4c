import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { foldName } from '../lib/http-token.ts'
import type { HeaderLine } from '../model/access-request.ts'
import { forwardableHeaders } from './forwardable-headers.ts'
import { fromDescription } from './from-description.ts'
import { managedNames, STRIPPED_FIELDS, STRIPPED_PREFIXES } from './managed-fields.ts'

/** As a service might name its identity headers; none of them is in the table. */
const MANAGED = ['X-Team-Caller', 'Caller.Groups', 'x_caller_kind']
const TCHARS = "!#$%&'*+-.^_`|~"

/** What passes of these fields; null when the request is refused. */
const passed = (headers: Readonly<Record<string, string | readonly string[]>>): readonly HeaderLine[] | null => {
  const result = fromDescription({ request: 'POST https://app.test/', headers, at: 0 })
  return result.ok ? forwardableHeaders(result.request, managedNames(MANAGED)) : null
}

const kept: readonly (readonly [note: string, headers: Readonly<Record<string, string | readonly string[]>>])[] = [
  [
    'what browsers send',
    {
      Accept: '*/*',
      'Accept-Language': 'de',
      'User-Agent': 'x',
      Cookie: 'a=1; b=2',
      Origin: 'https://app.test',
      'Sec-Fetch-Site': 'same-origin',
    },
  ],
  ['credentials', { Authorization: 'Bearer a', DPoP: 'x.y.z' }],
  ['what describes the body', { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }],
  ['conditions', { 'If-Match': '"a"', Range: 'bytes=0-1' }],
  ['tracing', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b', 'X-Request-Id': '1' }],
  [
    'own fields',
    {
      'X-Tenant': 'a',
      'X-Custom_Name': '1',
      'My.Field': '2',
      'X-Forward': '1',
      'X-Auth-Username': 'a',
      Proxied: '1',
      Balustrade: '1',
    },
  ],
  ['several lines, spelled as they came', { 'x-TAG': ['b', 'a', 'b'], ACCEPT: ['a/b', 'c/d'] }],
  ['empty values', { 'X-Empty': '' }],
]

const dropped: readonly (readonly [note: string, headers: Readonly<Record<string, string>>])[] = [
  [
    'hop by hop',
    {
      Connection: 'keep-alive',
      'Keep-Alive': 'timeout=5',
      TE: 'trailers',
      Trailer: 'X',
      'Proxy-Connection': 'close',
      'HTTP2-Settings': 'A',
    },
  ],
  ['the length', { 'Content-Length': '5' }],
  ['the coding', { 'Transfer-Encoding': 'chunked' }],
  ['the expectation', { Expect: '100-continue' }],
  ['what Connection names', { Connection: 'close, X-Private', 'X-Private': '1' }],
  ['what Connection names in another case', { connection: 'x-PRIVATE', 'X-Private': '1' }],
  ['another spelling of a standard name', { Content_Length: '5', 'Transfer.Encoding': 'chunked', AUTHORIZATION_: '' }],
  ['identity in every spelling', { 'X-Auth-User': 'admin', 'x-auth-groups': 'a', 'X-Auth-Decision': 'allow' }],
  ['names of the service', { 'X-TEAM-CALLER': 'admin', 'Caller-Groups': 'a', X_Caller_Kind: 'human' }],
  ['own names', { 'Balustrade-User': 'a', 'X-Balustrade-Anything': 'b', Balustrade_Id: 'c' }],
  ['the method', { 'X-HTTP-Method-Override': 'DELETE', 'X-HTTP-Method': 'DELETE', 'X-Method-Override': 'DELETE' }],
  ['what proxies say', { Forwarded: 'for=1.1.1.1', Via: '1.1 a', 'X-Forwarded-Anything': 'a', 'X-Real-IP': '1.1.1.1' }],
]

describe('forwardableHeaders', () => {
  test.each(kept)('keeps %s', (_note, headers) => {
    const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
    expect(passed(headers)).toEqual(lines)
  })

  test.each(dropped.filter(([note]) => note !== 'another spelling of a standard name'))('drops %s', (_note, headers) => {
    expect(passed({ ...headers, 'X-Kept': '1' })).toEqual([['X-Kept', '1']])
  })

  test('drops other spellings of standard names, whatever the punctuation', () => {
    for (const c of TCHARS.replace('-', '')) {
      for (const name of ['Content-Length', 'Transfer-Encoding', 'X-API-Key', 'Content-Type', 'Sec-WebSocket-Protocol']) {
        expect(passed({ [name.replaceAll('-', c)]: '1' }), name.replaceAll('-', c)).toEqual([])
      }
    }
  })

  test.each([
    { note: 'in one line', cookie: ['a=1; __Host-balustrade=s; b=2'], left: ['a=1; b=2'] },
    { note: 'among others of the same name', cookie: ['balustrade=s; a=1; balustrade=t'], left: ['a=1'] },
    { note: 'alone: no line is left', cookie: ['__Host-balustrade=s; __Host-balustrade-login=t'], left: [] },
  ])('takes the cookies of the point out of Cookie, $note', ({ cookie, left }) => {
    const lines = left.map((value) => ['cOOkie', value])
    expect(passed({ cOOkie: cookie, 'X-Kept': '1' })).toEqual([...lines, ['X-Kept', '1']])
  })

  test('a second Cookie line never comes so far', () => {
    expect(passed({ Cookie: ['a=1', 'balustrade=s'] })).toBeNull()
  })

  test('drops the rest of a handshake that the point writes itself', () => {
    const result = fromDescription({ request: 'GET https://app.test/', upgrade: 'websocket', at: 0 })
    const names = result.ok && forwardableHeaders(result.request, managedNames([])).map(([name]) => name)
    expect(names).toEqual(['Sec-WebSocket-Version', 'Sec-WebSocket-Key'])
  })

  test('no spelling of a managed name passes: punctuation, case, Connection', () => {
    const stripped = Object.values(STRIPPED_FIELDS).flat()
    const prefixed = STRIPPED_PREFIXES.map((prefix) => `${prefix}anything`)
    const names = [...MANAGED, ...stripped, ...prefixed].filter((name) => name !== 'early-data')
    const spelled = fc
      .tuple(fc.constantFrom(...names), fc.array(fc.constantFrom(...TCHARS.split('')), { minLength: 4, maxLength: 4 }), fc.nat())
      .map(([name, marks, bits]) => {
        let at = 0
        const odd = name.replace(/[-_]/g, () => marks[at++ % marks.length] as string)
        return odd
          .split('')
          .map((c, i) => ((bits >> (i % 30)) & 1 ? c.toUpperCase() : c.toLowerCase()))
          .join('')
      })
    fc.assert(
      fc.property(spelled, fc.constantFrom('close', 'X-Auth-User', 'keep-alive, x-real-ip'), (name, connection) => {
        expect(passed({ [name]: 'admin', Connection: connection })).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })
})

interface Vectors {
  readonly managed_headers_example: readonly string[]
  readonly alias_transforms: readonly string[]
  readonly strip_on_ingress: readonly string[]
  readonly connection_abuse: readonly string[]
}

describeCorpus('bypass', (path) => {
  const vectors: Vectors = JSON.parse(readFileSync(join(path, 'header-ip-vectors.json'), 'utf8'))
  const listed = vectors.strip_on_ingress.map((name) => name.replace('<product>-*', 'Balustrade-X'))

  test.each(listed)('%s never passes', (name) => {
    // Early-Data is refused before anything passes.
    expect(passed({ [name]: '1' })).toEqual(name === 'Early-Data' ? null : [])
  })

  test.each(vectors.alias_transforms)('%s never passes', (alias) => {
    const [name = ''] = alias.split(' (')
    expect(passed({ [name]: alias.endsWith('(twice)') ? ['admin', 'root'] : 'admin' })).toEqual([])
  })

  test.each(vectors.connection_abuse)('%s takes nothing away and lets nothing in', (abuse) => {
    const headers: Record<string, string[]> = {
      'X-Auth-User': ['admin'],
      'X-Forwarded-For': ['1.1.1.1'],
      'Content-Type': ['a/b'],
    }
    for (const line of abuse.replace(/ [(+].*$/, '').split('\\r\\n')) {
      const [name = '', value = ''] = line.split(': ')
      headers[name] = [...(headers[name] ?? []), value]
    }
    const lines = passed(headers)
    const left = lines?.map(([name]) => foldName(name)) ?? ['content_type']
    expect(left).toEqual(['content_type'])
  })
})
