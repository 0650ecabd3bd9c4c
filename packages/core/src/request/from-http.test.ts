import { describe, expect, test } from 'vitest'
import { NO_PROXIES } from './client-address.ts'
import { fromHttp, type RawRequest } from './from-http.ts'

const plain: RawRequest = {
  method: 'GET',
  target: '/admin/secret',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'app.test'],
  peer: '192.0.2.1',
  scheme: 'http',
  at: 0,
  servername: null,
  proxied: null,
}

describe('fromHttp', () => {
  test('gives one spelling of a plain request', () => {
    const result = fromHttp(plain, NO_PROXIES)
    expect(result.ok && result.request).toMatchObject({
      method: 'GET',
      host: 'app.test',
      port: null,
      target: '/admin/secret',
      query: null,
      path: { segments: ['admin', 'secret'], trailingSlash: false },
      needs: [],
      upgrade: null,
    })
  })

  test('refuses with a code and a status', () => {
    expect(fromHttp({ ...plain, method: 'TRACE' }, NO_PROXIES)).toEqual({ ok: false, code: 'request.method', status: 501 })
  })
})
