import { describe, expect, test } from 'vitest'
import { fromDescription, type RequestDescription } from './from-description.ts'

const accepted: readonly (readonly [note: string, description: RequestDescription, expected: object])[] = [
  [
    'method and URI',
    { request: 'POST https://console.example.com/users', at: 5 },
    {
      at: 5,
      method: 'POST',
      host: 'console.example.com',
      port: null,
      target: '/users',
      upgrade: null,
      headers: [['Host', 'console.example.com']],
      transport: { scheme: 'https', peer: { text: '192.0.2.1' }, client: { text: '192.0.2.1' }, httpVersion: '1.1' },
    },
  ],
  [
    'http, port, query',
    { request: 'GET http://a.test:8080/?q=a', at: 0 },
    { port: 8080, query: 'q=a', transport: { scheme: 'http' } },
  ],
  [
    'client',
    { request: 'GET https://a.test/', from: '2001:DB8::1', at: 0 },
    { transport: { peer: { text: '2001:db8::1' }, client: { text: '2001:db8::1' } } },
  ],
  [
    'header fields',
    { request: 'GET https://a.test/', headers: { Accept: '*/*', 'X-Tag': ['a', 'b'] }, at: 0 },
    {
      headers: [
        ['Host', 'a.test'],
        ['Accept', '*/*'],
        ['X-Tag', 'a'],
        ['X-Tag', 'b'],
      ],
    },
  ],
  ['WebSocket', { request: 'GET https://a.test/live', upgrade: 'websocket', at: 0 }, { upgrade: 'websocket' }],
  ['a tolerance', { request: 'GET https://a.test/a%2Fb', at: 0 }, { needs: ['encoded-slash'] }],
  [
    'X-Forwarded-For is a field like others',
    { request: 'GET https://a.test/', headers: { 'X-Forwarded-For': '198.51.100.1' }, at: 0 },
    { transport: { client: { text: '192.0.2.1' } } },
  ],
]

const refused: readonly (readonly [note: string, description: RequestDescription, code: string])[] = [
  ['no method', { request: 'https://a.test/', at: 0 }, 'request.target_form'],
  ['two spaces', { request: 'GET  https://a.test/', at: 0 }, 'request.target_form'],
  ['no host', { request: 'GET /users', at: 0 }, 'request.target_form'],
  ['no path', { request: 'GET https://a.test', at: 0 }, 'request.target_form'],
  ['another scheme', { request: 'GET ftp://a.test/', at: 0 }, 'request.target_form'],
  ['something before', { request: ' GET https://a.test/', at: 0 }, 'request.target_form'],
  ['unknown method', { request: 'TRACE https://a.test/', at: 0 }, 'request.method'],
  ['dots', { request: 'GET https://a.test/a/../b', at: 0 }, 'request.dot_segment'],
  ['a line end in the path', { request: 'GET https://a.test/a\n', at: 0 }, 'request.path_characters'],
  ['more than ASCII', { request: 'GET https://a.test/caf\u00e9', at: 0 }, 'request.path_characters'],
  ['a space', { request: 'GET https://a.test/a HTTP/1.1', at: 0 }, 'request.path_characters'],
  ['an empty host', { request: 'GET https:///a', at: 0 }, 'request.host'],
  ['a second Host', { request: 'GET https://a.test/', headers: { host: 'b.test' }, at: 0 }, 'request.host'],
  ['no address', { request: 'GET https://a.test/', from: 'office', at: 0 }, 'request.client_address'],
  ['WebSocket by POST', { request: 'POST https://a.test/', upgrade: 'websocket', at: 0 }, 'request.upgrade'],
]

describe('fromDescription', () => {
  test.each(accepted)('accepts %s', (_note, description, expected) => {
    const result = fromDescription(description)
    expect(result.ok && result.request).toMatchObject(expected)
  })

  test.each(refused)('refuses %s', (_note, description, code) => {
    expect(fromDescription(description)).toMatchObject({ ok: false, code })
  })
})
