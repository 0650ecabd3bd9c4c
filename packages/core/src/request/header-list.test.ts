import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_PROXIES } from './client-address.ts'
import { fromHttp, fromStream, type RawStreamRequest } from './from-http.ts'
import { REQUEST_REASONS, type RequestReasonCode } from './reasons.ts'

const arrival = { peer: '192.0.2.1', scheme: 'https', at: 1_000, servername: 'app.test', proxied: null } as const
const pseudo = (change: Readonly<Record<string, string | undefined>> = {}): string[] =>
  Object.entries({ ':method': 'GET', ':scheme': 'https', ':authority': 'app.test', ':path': '/a', ...change }).flatMap(
    ([name, value]) => (value === undefined ? [] : [name, value]),
  )
const read = (rawHeaders: readonly string[], change: Partial<RawStreamRequest> = {}) =>
  fromStream({ ...arrival, ...change, rawHeaders }, NO_PROXIES)
const and = (...fields: string[]): string[] => [...pseudo(), ...fields]

const refused: readonly (readonly [RequestReasonCode, string, readonly string[]])[] = [
  ['request.pseudo_field', 'no method', pseudo({ ':method': undefined })],
  ['request.pseudo_field', 'no scheme', pseudo({ ':scheme': undefined })],
  ['request.pseudo_field', 'no authority', pseudo({ ':authority': undefined })],
  ['request.pseudo_field', 'no authority, but Host', [...pseudo({ ':authority': undefined }), 'host', 'app.test']],
  ['request.pseudo_field', 'no path', pseudo({ ':path': undefined })],
  ['request.pseudo_field', 'nothing', []],
  ['request.pseudo_field', 'two methods', [':method', 'GET', ...pseudo()]],
  ['request.pseudo_field', 'two equal paths', [...pseudo(), ':path', '/a']],
  ['request.pseudo_field', 'two authorities', [':authority', 'other.test', ...pseudo()]],
  ['request.pseudo_field', 'extended CONNECT (RFC 8441)', [':protocol', 'websocket', ...pseudo()]],
  ['request.pseudo_field', 'a status', [':status', '200', ...pseudo()]],
  ['request.pseudo_field', 'one without name', [':', 'x', ...pseudo()]],
  ['request.pseudo_field', 'a name in upper case', [':Method', 'GET', ...pseudo({ ':method': undefined })]],
  [
    'request.pseudo_field',
    'behind a field',
    [':method', 'GET', 'x', '1', ':scheme', 'https', ':authority', 'app.test', ':path', '/'],
  ],
  ['request.pseudo_field', 'behind Host', [':method', 'GET', 'host', 'app.test', ...pseudo({ ':method': undefined })]],
  ['request.pseudo_field', 'behind a cookie', ['cookie', 'a=1', ...pseudo()]],
  ['request.method', 'CONNECT', [':method', 'CONNECT', ':authority', 'app.test:443']],
  ['request.method', 'TRACE', pseudo({ ':method': 'TRACE' })],
  ['request.method', 'a method in lower case', pseudo({ ':method': 'get' })],
  ['request.method', 'an empty method', pseudo({ ':method': '' })],
  ['request.target_authority', 'the scheme of another transport', pseudo({ ':scheme': 'http' })],
  ['request.target_authority', 'a scheme in upper case', pseudo({ ':scheme': 'HTTPS' })],
  ['request.target_authority', 'another Host', and('host', 'other.test')],
  ['request.target_authority', 'another port in Host', and('host', 'app.test:8443')],
  ['request.target_authority', 'an empty Host', and('host', '')],
  ['request.host', 'two equal Hosts', and('host', 'app.test', 'host', 'app.test')],
  ['request.host', 'an empty authority', pseudo({ ':authority': '' })],
  ['request.host', 'user information', pseudo({ ':authority': 'user@app.test' })],
  ['request.misdirected', 'another host than the handshake', pseudo({ ':authority': 'other.test' })],
  ['request.target_form', 'an absolute path', pseudo({ ':path': 'https://app.test/a' })],
  ['request.target_form', 'an asterisk', pseudo({ ':method': 'OPTIONS', ':path': '*' })],
  ['request.target_form', 'an empty path', pseudo({ ':path': '' })],
  ['request.connection_field', 'Connection', and('connection', 'close')],
  ['request.connection_field', 'Keep-Alive', and('keep-alive', 'timeout=5')],
  ['request.connection_field', 'Proxy-Connection', and('proxy-connection', 'keep-alive')],
  ['request.connection_field', 'Transfer-Encoding', and('transfer-encoding', 'chunked')],
  ['request.connection_field', 'Upgrade', and('upgrade', 'websocket')],
  ['request.connection_field', 'TE for gzip', and('te', 'gzip')],
  ['request.connection_field', 'TE for trailers and more', and('te', 'trailers, gzip')],
  ['request.field', 'a name in upper case', and('X-One', '1')],
  ['request.field', 'a line end in a value', and('x-one', '1\r\nx-two: 2')],
  ['request.field', 'a NUL in a value', and('x-one', '1\0')],
  ['request.field', 'a line end in a name', and('x\r\ny', '1')],
  ['request.field', 'a space at the edge of a value', and('x-one', ' 1')],
  ['request.field', 'a line end in a crumb', and('cookie', 'a=1', 'cookie', 'b=2\nx')],
  ['request.field', 'a name without value', [...pseudo(), 'x']],
  ['request.duplicate_field', 'two credentials', and('authorization', 'Bearer a', 'authorization', 'Bearer b')],
  ['request.framing', 'a length that is none', and('content-length', '1, 1')],
  ['request.early_data', 'early data', and('early-data', '1')],
  ['request.expect', 'an expectation nobody meets', and('expect', '200-ok')],
  ['request.headers_too_large', 'too many fields', and(...Array.from({ length: 100 }, (_, i) => [`x-${i}`, '1']).flat())],
  ['request.path_characters', 'a line end in the path', pseudo({ ':path': '/a\r\nx' })],
]

const accepted: readonly (readonly [string, readonly string[], object])[] = [
  ['a request', pseudo(), { method: 'GET', host: 'app.test', port: null, target: '/a', transport: { httpVersion: '2.0' } }],
  [
    'pseudo-header fields in another order',
    [':path', '/a', ':authority', 'app.test', ':method', 'GET', ':scheme', 'https'],
    { target: '/a' },
  ],
  ['Host that repeats the authority', and('host', 'app.test'), { host: 'app.test' }],
  ['Host with the port of the scheme', and('host', 'APP.test:443'), { host: 'app.test', port: null }],
  ['te: trailers', and('te', 'trailers'), { method: 'GET' }],
  ['a query', pseudo({ ':path': '/a?b=:c' }), { query: 'b=:c' }],
  ['Expect: 100-continue', and('expect', '100-continue'), { method: 'GET' }],
]

describe('fromStream', () => {
  test.each(refused)('refuses with %s: %s', (code, _note, rawHeaders) => {
    expect(read(rawHeaders)).toEqual({ ok: false, code, status: REQUEST_REASONS[code].status })
  })

  test.each(accepted)('accepts %s', (_note, rawHeaders, expected) => {
    expect(read(rawHeaders)).toMatchObject({ ok: true, request: expected })
  })

  test('joins crumbs into the one cookie they are, so that a second session secret is seen', () => {
    const result = read(and('cookie', 'a=1', 'x-tag', '1', 'cookie', 'b=2', 'cookie', 'a=3'))
    expect(result.ok && [...result.request.fields]).toEqual([
      ['host', ['app.test']],
      ['cookie', ['a=1; b=2; a=3']],
      ['x-tag', ['1']],
    ])
  })

  test('is the same request as over HTTP/1.1', () => {
    const name = fc.stringMatching(/^x-[a-z]{1,8}$/)
    const value = fc.stringMatching(/^[!-~]([ -~]{0,8}[!-~])?$/)
    const fields = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 })
    const target = fc.oneof(fc.stringMatching(/^\/[!-~]{0,12}$/), fc.constantFrom('/a/../b', '/a//b', '/%2e', '/a?x=1', '*'))
    const authority = fc.constantFrom('app.test', 'APP.test', 'app.test:443', 'app.test:8443', 'other.test', 'a@b', '')
    const method = fc.constantFrom('GET', 'POST', 'DELETE', 'get', 'TRACE', 'OPTIONS')
    fc.assert(
      fc.property(fc.record({ method, authority, target, fields }), ({ method, authority, target, fields }) => {
        const lines = fields.flat()
        const old = fromHttp(
          { ...arrival, method, target, httpVersion: '1.1', rawHeaders: ['host', authority, ...lines] },
          NO_PROXIES,
        )
        const list = [':method', method, ':scheme', 'https', ':authority', authority, ':path', target, ...lines]
        const young = read(list)
        expect(young.ok).toBe(old.ok)
        if (old.ok && young.ok)
          expect(young.request).toEqual({ ...old.request, transport: { ...old.request.transport, httpVersion: '2.0' } })
      }),
    )
  })

  test('is refused with any field of a good list doubled, if it stands for what is decided', () => {
    const list = and('host', 'app.test', 'authorization', 'Bearer a', 'content-length', '0')
    fc.assert(
      fc.property(fc.nat(list.length / 2 - 1), fc.nat(list.length / 2), (from, to) => {
        const doubled = [...list.slice(0, 2 * to), ...list.slice(2 * from, 2 * from + 2), ...list.slice(2 * to)]
        expect(read(doubled).ok).toBe(false)
      }),
    )
  })

  test('never throws', () => {
    const word = fc.oneof(fc.constantFrom(...pseudo(), 'host', 'cookie', 'te'), fc.string())
    fc.assert(fc.property(fc.array(word, { maxLength: 16 }), (list) => void read(list)))
  })
})
