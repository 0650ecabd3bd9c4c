import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestHead, upgradeHead } from './request-head.ts'

const NO_BODY = null as unknown as IncomingMessage
const make = (method: string, headers: readonly string[], { framing = 0 as number | 'chunked', target = '/a' } = {}) =>
  requestHead({ method, target, headers, framing, body: NO_BODY })

describe('the head of a request', () => {
  test.each([
    ['GET', 0, ''],
    ['DELETE', 0, ''],
    ['POST', 0, 'content-length: 0\r\n'],
    ['PUT', 7, 'content-length: 7\r\n'],
    ['GET', 7, 'content-length: 7\r\n'],
    ['PATCH', 'chunked', 'transfer-encoding: chunked\r\n'],
  ] as const)('frames %s with %s', (method, framing, line) => {
    expect(make(method, ['host', 'a.test'], { framing })).toBe(
      `${method} /a HTTP/1.1\r\nhost: a.test\r\nconnection: keep-alive\r\n${line}\r\n`,
    )
  })

  test('keeps what is latin-1', () => {
    expect(make('GET', ['X-A', 'caf\u00e9\t1'])).toContain('X-A: caf\u00e9\t1\r\n')
  })

  test('property: nothing in a name, value or target makes a line of its own', () => {
    const breaking = fc.constantFrom('\r', '\n', '\r\n', '\u010a', '\u010d', '\0', '\u{1f600}')
    const text = fc.tuple(fc.string(), breaking, fc.string()).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.constantFrom('name', 'value', 'target'), (bad, where) => {
        const headers = ['host', 'a.test', where === 'name' ? bad : 'x-a', where === 'value' ? bad : '1']
        expect(make('GET', headers, { target: where === 'target' ? bad : '/' })).toBeNull()
        expect(upgradeHead(where === 'target' ? bad : '/', headers)).toBeNull()
      }),
    )
  })
})

test('a handshake asks for a WebSocket', () => {
  expect(upgradeHead('/s', ['host', 'a.test'])).toBe(
    'GET /s HTTP/1.1\r\nhost: a.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  )
})
