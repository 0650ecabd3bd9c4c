import { describe, expect, test } from 'vitest'
import { parseAddress, type Address } from '../lib/address.ts'
import { createNetworkSet, parseNetwork } from '../lib/network.ts'
import { NO_PROXIES } from './client-address.ts'
import { fromHttp, type RawRequest } from './from-http.ts'
import { REQUEST_LIMITS } from './limits.ts'
import { REQUEST_REASONS } from './reasons.ts'

const plain: RawRequest = {
  method: 'GET',
  target: '/admin/secret',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'app.test'],
  peer: '192.0.2.1',
  scheme: 'http',
  at: 1_000,
  servername: null,
  proxied: null,
}
const https = { scheme: 'https', servername: 'app.test' } as const
const host = ['Host', 'app.test']
const socket = [...host, 'Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Version', '13']
const handshake = [...socket, 'Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']
const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => [`X-${i}`, '1']).flat()
const with_ = (...extra: string[]): Partial<RawRequest> => ({ rawHeaders: [...host, ...extra] })
const handshakeWith = (name: string, value: string): Partial<RawRequest> => {
  const rawHeaders = [...handshake]
  rawHeaders[rawHeaders.lastIndexOf(name) + 1] = value
  return { rawHeaders }
}

const refused: readonly (readonly [code: keyof typeof REQUEST_REASONS, note: string, change: Partial<RawRequest>])[] = [
  ['request.http_version', 'HTTP/0.9', { httpVersion: '0.9' }],
  ['request.http_version', 'HTTP/2 in a version 1 parser', { httpVersion: '2.0' }],
  ['request.method', 'TRACE', { method: 'TRACE' }],
  ['request.method', 'CONNECT', { method: 'CONNECT', target: 'app.test:80' }],
  ['request.method', 'QUERY', { method: 'QUERY' }],
  ['request.method', 'lower case', { method: 'get' }],
  ['request.method', 'space', { method: 'GET ' }],
  ['request.method', 'nothing', { method: '' }],
  ['request.method', 'WebDAV', { method: 'PROPFIND' }],
  ['request.target_form', 'asterisk-form', { method: 'OPTIONS', target: '*' }],
  ['request.target_form', 'no slash', { target: 'admin/secret' }],
  ['request.target_form', 'nothing', { target: '' }],
  ['request.target_form', 'authority-form', { target: 'app.test:80' }],
  ['request.target_form', 'one slash after the scheme', { target: 'http:/admin' }],
  ['request.target_form', 'another scheme', { target: 'ftp://app.test/admin' }],
  ['request.target_form', 'something before the scheme', { target: 'xhttp://app.test/admin' }],
  ['request.target_form', 'absolute without path', { target: 'http://app.test' }],
  ['request.target_form', 'absolute with query only', { target: 'http://app.test?x' }],
  ['request.target_form', 'query only', { target: '?x' }],
  ['request.target_authority', 'another host', { target: 'http://evil.test/admin' }],
  ['request.target_authority', 'another port', { target: 'http://app.test:8080/admin' }],
  ['request.target_authority', 'another scheme than the transport', { target: 'https://app.test/admin' }],
  ['request.target_authority', 'user info', { target: 'http://app.test@evil.test/admin' }],
  ['request.target_authority', 'empty', { target: 'http:///admin' }],
  ['request.target_too_long', 'one byte more than fits', { target: `/${'a'.repeat(REQUEST_LIMITS.target)}` }],
  ['request.path_characters', 'a space', { target: '/a b' }],
  ['request.fragment', 'in the path', { target: '/a#b' }],
  ['request.fragment', 'in the query', { target: '/a?b#c' }],
  ['request.backslash', 'raw', { target: '/\\evil.test' }],
  ['request.empty_segment', 'protocol-relative', { target: '//evil.test/admin' }],
  ['request.empty_segment', 'in an absolute target', { target: 'http://app.test//admin' }],
  ['request.dot_segment', 'parent', { target: '/public/../admin' }],
  ['request.dot_segment', 'in an absolute target', { target: 'http://app.test/public/../admin' }],
  ['request.disguised_encoding', 'a letter', { target: '/%61dmin' }],
  ['request.malformed_encoding', 'cut', { target: '/a%' }],
  ['request.control_character', 'NUL', { target: '/a%00' }],
  ['request.invalid_utf8', 'overlong', { target: '/%c0%af' }],
  ['request.space_at_edge', 'last', { target: '/a%20' }],
  ['request.query_characters', 'space', { target: '/a?b c' }],
  ['request.query_characters', 'control', { target: '/a?b\r\nX: 1' }],
  ['request.query_characters', 'not ASCII', { target: '/a?b=\xc3\xa9' }],
  ['request.query_characters', 'DEL', { target: '/a?\x7f' }],
  ['request.field', 'a name without value', { rawHeaders: [...host, 'X'] }],
  ['request.field', 'an empty name', with_('', '1')],
  ['request.field', 'space after the name', with_('Content-Length ', '5')],
  ['request.field', 'space before the name', with_(' Content-Length', '5')],
  ['request.field', 'colon in the name', with_('X:Y', '5')],
  ['request.field', 'not ASCII in the name', with_('X-\xe9', '5')],
  ['request.field', 'line end in the value', with_('X', 'a\r\nY: b')],
  ['request.field', 'folded line', with_('X', 'a\r\n b')],
  ['request.field', 'NUL in the value', with_('X', 'a\0b')],
  ['request.field', 'DEL in the value', with_('X', 'a\x7f')],
  ['request.field', 'more than a byte in the value', with_('X', 'a\u2028b')],
  ['request.field_alias', 'underscore', with_('X-Role', 'user', 'X_Role', 'admin')],
  ['request.field_alias', 'dot', with_('X.Role', 'user', 'x-role', 'admin')],
  ['request.field_alias', 'two odd spellings', with_('X.Role', 'user', 'X_role', 'admin')],
  ['request.headers_too_large', 'one line more than fits', { rawHeaders: [...host, ...lines(REQUEST_LIMITS.headers)] }],
  ['request.headers_too_large', '2,500 lines', with_(...lines(2_500))],
  ['request.headers_too_large', 'one byte more than fits', with_('X', 'a'.repeat(REQUEST_LIMITS.headerBytes - 20))],
  ['request.headers_too_large', 'bytes', with_('X', 'a'.repeat(REQUEST_LIMITS.headerBytes))],
  ['request.host', 'none', { rawHeaders: [] }],
  ['request.host', 'none in HTTP/1.0', { rawHeaders: [], httpVersion: '1.0' }],
  ['request.host', 'empty', { rawHeaders: ['Host', ''] }],
  ['request.host', 'twice', with_('Host', 'evil.test')],
  ['request.host', 'twice the same', with_('host', 'app.test')],
  ['request.host', 'path', { rawHeaders: ['Host', 'app.test/admin'] }],
  ['request.host', 'user info', { rawHeaders: ['Host', 'app.test@evil.test'] }],
  ['request.host', 'list', { rawHeaders: ['Host', 'app.test,for=127.0.0.1'] }],
  ['request.misdirected', 'another name in TLS', { ...https, servername: 'other.test' }],
  ['request.misdirected', 'nonsense in TLS', { ...https, servername: '"' }],
  ['request.misdirected', 'a port in TLS', { ...https, servername: 'app.test:443' }],
  ['request.framing', 'length and chunks', with_('Content-Length', '5', 'Transfer-Encoding', 'chunked')],
  ['request.framing', 'chunks in HTTP/1.0', { ...with_('Transfer-Encoding', 'chunked'), httpVersion: '1.0' }],
  ['request.framing', 'gzip, chunked', with_('Transfer-Encoding', 'gzip, chunked')],
  ['request.framing', 'chunked twice', with_('Transfer-Encoding', 'chunked, chunked')],
  ['request.framing', 'identity', with_('Transfer-Encoding', 'identity')],
  ['request.framing', 'empty coding', with_('Transfer-Encoding', '')],
  ['request.framing', 'chunkedchunked', with_('Transfer-Encoding', 'chunkedchunked')],
  ['request.framing', 'leading zero', with_('Content-Length', '010')],
  ['request.framing', 'sign', with_('Content-Length', '+5')],
  ['request.framing', 'hexadecimal', with_('Content-Length', '0x5')],
  ['request.framing', 'list', with_('Content-Length', '5, 5')],
  ['request.framing', 'empty length', with_('Content-Length', '')],
  ['request.framing', 'no-break space', with_('Content-Length', '\xa05')],
  ['request.framing', 'more digits than are exact', with_('Content-Length', '1000000000000000')],
  ['request.duplicate_field', 'Content-Length, the same', with_('Content-Length', '5', 'Content-Length', '5')],
  ['request.duplicate_field', 'Transfer-Encoding', with_('Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked')],
  ['request.duplicate_field', 'Authorization', with_('Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b')],
  ['request.duplicate_field', 'Content-Type', with_('Content-Type', 'a/b', 'content-type', 'c/d')],
  ['request.duplicate_field', 'Cookie', with_('Cookie', 'a=1', 'Cookie', 'b=2')],
  ['request.duplicate_field', 'Origin', with_('Origin', 'https://a.test', 'Origin', 'https://b.test')],
  ['request.expect', 'anything else', with_('Expect', '200-ok')],
  ['request.expect', 'empty', with_('Expect', '')],
  ['request.early_data', 'replayable', with_('Early-Data', '1')],
  ['request.early_data', 'any value counts as 1', with_('Early-Data', '0')],
  ['request.connection', 'no token', with_('Connection', 'a b')],
  ['request.connection', 'a token and no token', with_('Connection', 'close, a b')],
  ['request.connection', 'open quote', with_('Connection', '"')],
  ['request.connection', 'Host', with_('Connection', 'close, Host')],
  ['request.connection', 'Content-Length', with_('Connection', 'Content-Length')],
  ['request.connection', 'Transfer-Encoding', with_('Connection', 'TRANSFER-ENCODING')],
  ['request.connection', 'Authorization', with_('Connection', 'Authorization')],
  ['request.connection', 'Cookie, in a second line', with_('Connection', 'keep-alive', 'Connection', 'Cookie')],
  ['request.upgrade', 'h2c', with_('Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c', 'HTTP2-Settings', 'AAMAAABk')],
  ['request.upgrade', 'another protocol', with_('Connection', 'upgrade', 'Upgrade', 'tcp')],
  ['request.upgrade', 'several protocols', handshakeWith('Upgrade', 'websocket, h2c')],
  ['request.upgrade', 'without Connection: upgrade', handshakeWith('Connection', 'keep-alive')],
  ['request.upgrade', 'another version', handshakeWith('Sec-WebSocket-Version', '8')],
  ['request.upgrade', 'no key', { rawHeaders: socket }],
  ['request.upgrade', 'short key', handshakeWith('Sec-WebSocket-Key', 'x')],
  ['request.upgrade', 'key of 17 bytes', handshakeWith('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZXg=')],
  ['request.upgrade', 'key with stray bits', handshakeWith('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZR==')],
  ['request.upgrade', 'key and more', handshakeWith('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==x')],
  ['request.upgrade', 'more and key', handshakeWith('Sec-WebSocket-Key', 'xdGhlIHNhbXBsZSBub25jZQ==')],
  ['request.upgrade', 'POST', { rawHeaders: handshake, method: 'POST' }],
  ['request.upgrade', 'HTTP/1.0', { rawHeaders: handshake, httpVersion: '1.0' }],
  ['request.upgrade', 'with a body', { rawHeaders: [...handshake, 'Content-Length', '5'] }],
  ['request.upgrade', 'with chunks', { rawHeaders: [...handshake, 'Transfer-Encoding', 'chunked'] }],
  ['request.client_address', 'a socket that is gone', { peer: '' }],
  [
    'request.client_address',
    'a socket that is gone, though a PROXY header came',
    { peer: '', proxied: parseAddress('192.0.2.1') },
  ],
  ['request.client_address', 'a peer with a zone', { peer: 'fe80::1%eth0' }],
]

const target = (text: string): Partial<RawRequest> => ({ target: text })

const accepted: readonly (readonly [note: string, change: Partial<RawRequest>, expected: object])[] = [
  [
    'nothing special',
    {},
    { method: 'GET', host: 'app.test', port: null, target: '/admin/secret', query: null, upgrade: null, at: 1_000 },
  ],
  ['HTTP/1.0', { httpVersion: '1.0' }, { transport: { httpVersion: '1.0' } }],
  ['host in another case, with a dot', { rawHeaders: ['hOsT', 'APP.Test.'] }, { host: 'app.test' }],
  ['the scheme’s own port', { rawHeaders: ['Host', 'app.test:80'] }, { port: null }],
  ['the other scheme’s port', { rawHeaders: ['Host', 'app.test:443'] }, { port: 443 }],
  ['the own port of https', { ...https, rawHeaders: ['Host', 'app.test:443'] }, { port: null, transport: { scheme: 'https' } }],
  ['port 80 of https', { ...https, rawHeaders: ['Host', 'app.test:80'] }, { port: 80 }],
  ['an address as host', { rawHeaders: ['Host', '[2001:DB8::1]:8080'] }, { host: '[2001:db8::1]', port: 8080 }],
  ['TLS without a name', { ...https, servername: null }, { host: 'app.test' }],
  ['TLS name in another case', { ...https, servername: 'APP.test' }, { host: 'app.test' }],
  ['absolute-form', target('HTTP://APP.TEST:80/admin/secret?x'), { target: '/admin/secret?x' }],
  ['absolute-form with the same port', { rawHeaders: ['Host', 'app.test:81'], target: 'http://app.test:81/' }, { target: '/' }],
  ['a target as long as fits', target(`/${'a'.repeat(REQUEST_LIMITS.target - 1)}`), { query: null }],
  ['an empty query', target('/a?'), { target: '/a?', query: '' }],
  ['a query with question marks', target('/a??b?'), { target: '/a??b?', query: '?b?', path: { segments: ['a'] } }],
  ['a query with dots, slashes, semicolons', target('/a?x=/../b;c=//d'), { query: 'x=/../b;c=//d' }],
  ['a query with a stray percent', target('/a?p=100%&q=%zz'), { query: 'p=100%&q=%zz' }],
  ['a query with lower-case escapes stays', target('/a?p=%c3%a9%00'), { target: '/a?p=%c3%a9%00' }],
  ['a query with what browsers leave', target('/a?f[]={"x":1}|\\^`~!'), { query: 'f[]={"x":1}|\\^`~!' }],
  ['a query of 2 kB', target(`/a?q=${'x'.repeat(2_048)}`), { path: { segments: ['a'] } }],
  ['as many lines as fit', { rawHeaders: [...host, ...lines(REQUEST_LIMITS.headers - 1)] }, { host: 'app.test' }],
  ['as many bytes as fit', with_('X', 'a'.repeat(REQUEST_LIMITS.headerBytes - 21)), { host: 'app.test' }],
  [
    'white space round a value',
    with_('X-A', ' \ta b\t '),
    {
      headers: [
        ['Host', 'app.test'],
        ['X-A', 'a b'],
      ],
    },
  ],
  ['a space after a value', with_('X-A', 'a '), { headers: [host, ['X-A', 'a']] }],
  ['a tab before a value', with_('X-A', '\ta'), { headers: [host, ['X-A', 'a']] }],
  [
    'white space alone',
    with_('X-A', ' \t'),
    {
      headers: [
        ['Host', 'app.test'],
        ['X-A', ''],
      ],
    },
  ],
  [
    'no-break space is content',
    with_('X-A', '\xa0a'),
    {
      headers: [
        ['Host', 'app.test'],
        ['X-A', '\xa0a'],
      ],
    },
  ],
  ['odd names that fold apart', with_('X_A', '1', 'X_B', '2'), { host: 'app.test' }],
  ['__proto__ as a name', with_('__proto__', '1'), { host: 'app.test' }],
  ['body of a length', { ...with_('Content-Length', '999999999999999'), method: 'POST' }, { method: 'POST' }],
  ['body of length 0', with_('Content-Length', '0'), {}],
  ['body in chunks', with_('Transfer-Encoding', 'Chunked'), {}],
  ['Expect: 100-continue', with_('Expect', '100-Continue'), {}],
  ['Connection: close', with_('Connection', 'Close'), {}],
  ['Connection with several options', with_('Connection', 'keep-alive, TE', 'Connection', ', X-Private'), {}],
  ['Connection: upgrade that asks for nothing', with_('Connection', 'upgrade'), { upgrade: null }],
  ['WebSocket', { rawHeaders: handshake }, { upgrade: 'websocket' }],
  ['WebSocket as Firefox asks', handshakeWith('Connection', 'keep-alive, Upgrade'), { upgrade: 'websocket' }],
  ['WebSocket in another case', handshakeWith('Upgrade', 'WebSocket'), { upgrade: 'websocket' }],
  ['WebSocket with an empty body', { rawHeaders: [...handshake, 'Content-Length', '0'] }, { upgrade: 'websocket' }],
  ['a mapped peer', { peer: '::ffff:192.0.2.9' }, { transport: { peer: { text: '192.0.2.9' }, client: { text: '192.0.2.9' } } }],
]

describe('fromHttp', () => {
  test.each(refused)('refuses with %s: %s', (code, _note, change) => {
    expect(fromHttp({ ...plain, ...change }, NO_PROXIES)).toEqual({ ok: false, code, status: REQUEST_REASONS[code].status })
  })

  test('every code is refused with somewhere above, and has a text and help', () => {
    // HTTP/2 alone has these: header-list.test.ts.
    const ofStreams = ['request.pseudo_field', 'request.connection_field']
    expect([...new Set<string>(refused.map(([code]) => code)), ...ofStreams].sort()).toEqual(Object.keys(REQUEST_REASONS).sort())
    for (const { text, help } of Object.values(REQUEST_REASONS)) expect(`${text} ${help}`).toMatch(/^[A-Z].+\. [A-Z].+\.$/)
  })

  test.each(accepted)('accepts %s', (_note, change, expected) => {
    const result = fromHttp({ ...plain, ...change }, NO_PROXIES)
    expect(result).toMatchObject({ ok: true, request: expected })
  })

  test.each(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])('accepts %s', (method) => {
    expect(fromHttp({ ...plain, method }, NO_PROXIES).ok).toBe(true)
  })

  test('keeps all values of a field by lower-case name, in order', () => {
    const result = fromHttp({ ...plain, ...with_('X-Tag', 'a', 'ACCEPT', '*/*', 'x-tag', 'b') }, NO_PROXIES)
    const expected = [
      ['host', ['app.test']],
      ['x-tag', ['a', 'b']],
      ['accept', ['*/*']],
    ]
    expect(result.ok && [...result.request.fields]).toEqual(expected)
  })

  test('walks from the source a PROXY header named', () => {
    const network = parseNetwork('10.0.0.0/8')
    const proxies = createNetworkSet(network.ok ? [network.network] : [])
    const raw = { ...plain, ...with_('X-Forwarded-For', '203.0.113.9'), peer: '192.0.2.7' }
    const clientOf = (proxied: string) => {
      const result = fromHttp({ ...raw, proxied: parseAddress(proxied) as Address }, { proxies, field: 'x-forwarded-for' })
      return result.ok && [result.request.transport.peer.text, result.request.transport.client.text]
    }
    expect(clientOf('198.51.100.4')).toEqual(['192.0.2.7', '198.51.100.4'])
    expect(clientOf('10.1.1.1')).toEqual(['192.0.2.7', '203.0.113.9'])
  })

  test('refuses a client address that cannot be told', () => {
    const network = parseNetwork('192.0.2.0/24')
    const proxies = createNetworkSet(network.ok ? [network.network] : [])
    const result = fromHttp({ ...plain, ...with_('X-Forwarded-For', 'unknown') }, { proxies, field: 'x-forwarded-for' })
    expect(result).toMatchObject({ ok: false, code: 'request.client_address' })
  })
})
