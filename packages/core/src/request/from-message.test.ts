import { describe, expect, test } from 'vitest'
import { parseAddress } from '../lib/address.ts'
import { NO_PROXIES } from './client-address.ts'
import { fromMessage, fromStreamMessage, type HttpMessage, malformedMessage } from './from-message.ts'

const message = (over: object = {}): HttpMessage => ({
  method: 'GET',
  url: '/a?b=c',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'app.test', 'X-Kept', '1'],
  headers: { host: 'app.test' },
  socket: { remoteAddress: '192.0.2.1' },
  ...over,
})
const arrival = { at: 7, scheme: 'http', proxied: null } as const
const overTls = { ...arrival, scheme: 'https' } as const
const pseudo = [':method', 'GET', ':scheme', 'https', ':authority', 'app.test', ':path', '/a?b=c']
const tls = (servername?: unknown) => ({ socket: { remoteAddress: '192.0.2.1', servername } })

describe('a message of HTTP/1.1', () => {
  test('must pass: method, target, lines and peer are those that were read', () => {
    const got = fromMessage(message(), arrival, NO_PROXIES)
    if (!got.ok) throw new Error(got.code)
    const { method, path, host, at, fields, transport } = got.request
    expect({ method, path: path.segments, host, at, kept: fields.get('x-kept') }).toEqual({
      method: 'GET',
      path: ['a'],
      host: 'app.test',
      at: 7,
      kept: ['1'],
    })
    expect([transport.client.text, transport.httpVersion]).toEqual(['192.0.2.1', '1.1'])
  })

  test('must pass: a PROXY header says where the client is', () => {
    const proxied = parseAddress('198.51.100.7')
    const got = fromMessage(message(), { ...arrival, proxied }, NO_PROXIES)
    expect(got.ok && got.request.transport.client.text).toBe('198.51.100.7')
  })

  test.each([
    { note: 'method', over: { method: undefined }, code: 'request.method' },
    { note: 'target', over: { url: undefined }, code: 'request.target_form' },
    { note: 'peer: its socket is closed', over: { socket: {} }, code: 'request.client_address' },
  ])('without $note is refused', ({ over, code }) => {
    expect(fromMessage(message(over), arrival, NO_PROXIES)).toMatchObject({ ok: false, code })
  })

  test.each([
    { note: 'the same name', servername: 'app.test', ok: true },
    { note: 'another name', servername: 'other.test', ok: false },
    { note: 'no name, as node:tls says it', servername: false, ok: true },
    { note: 'no name', servername: undefined, ok: true },
    { note: 'an empty name', servername: '', ok: true },
  ])('over TLS, $note in the handshake', ({ servername, ok }) => {
    expect(fromMessage(message(tls(servername)), overTls, NO_PROXIES)).toMatchObject(
      ok ? { ok } : { ok, code: 'request.misdirected', status: 421 },
    )
  })
})

describe('a message of HTTP/2', () => {
  const stream = (over: object = {}) => message({ method: undefined, url: undefined, rawHeaders: pseudo, headers: {}, ...over })

  test('must pass: all of it stands in the raw headers', () => {
    const got = fromStreamMessage(stream(tls('app.test')), overTls, NO_PROXIES)
    expect(got.ok && [got.request.method, got.request.host, got.request.transport.httpVersion]).toEqual([
      'GET',
      'app.test',
      '2.0',
    ])
  })

  test('for another name than that of the handshake is refused', () => {
    expect(fromStreamMessage(stream(tls('other.test')), overTls, NO_PROXIES)).toMatchObject({ ok: false, status: 421 })
  })

  test('of a connection that is closed is refused', () => {
    expect(fromStreamMessage(stream({ socket: {} }), overTls, NO_PROXIES)).toMatchObject({
      ok: false,
      code: 'request.client_address',
    })
  })
})

describe('what the log keeps of a message that is no request', () => {
  test('is what there is', () => {
    expect(malformedMessage(message({ method: 'BREW' }), 5, 'request.method')).toEqual({
      at: 5,
      method: 'BREW',
      host: 'app.test',
      peer: '192.0.2.1',
      code: 'request.method',
    })
  })

  test('and nothing of what there is not', () => {
    const nothing = message({ method: undefined, headers: {}, socket: {} })
    expect(malformedMessage(nothing, 5, 'x')).toEqual({ at: 5, method: '', host: '', peer: '', code: 'x' })
  })
})
