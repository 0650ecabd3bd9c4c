// What the listener does when a part behind it fails in a way its contract rules out.
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Endpoint, type EndpointRequest, NO_PROXIES } from '@balustrade/core/kit'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createEndpoints } from './endpoints.ts'
import { type GatewayParts, handleRequest } from './gateway.ts'

const FINE = { status: 200, headers: [['content-length', '4']], body: 'fine' } as const

const endpointAt = (name: string, serve: Endpoint['serve']): Endpoint => ({ method: 'GET', segments: [name], serve })

const endpoints = createEndpoints([
  endpointAt('fine', () => Promise.resolve(FINE)),
  endpointAt('rejects', () => Promise.reject(new Error('a fault'))),
  endpointAt('throws', () => {
    throw new Error('a fault')
  }),
  endpointAt('asks', (asked: EndpointRequest) => asked.body(4).then(() => Promise.reject(new Error('a fault')))),
])

const parts = {
  engine: { evaluate: () => Promise.reject(new Error('a fault')), serviceAt: () => null },
  signer: { keySet: null },
  trust: () => NO_PROXIES,
  around: { login: null },
  endpoints,
  watch: { decided: () => undefined, answered: () => undefined },
  clock: { now: Date.now, monotonic: () => performance.now() },
  draining: () => false,
} as unknown as GatewayParts

const server = createServer((message, response) =>
  handleRequest(parts, { scheme: 'http', proxied: null, protocol: 'http/1.1' }, { message, response }),
)
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))

/** Status of the answer, or how the connection ended without one. */
const ask = (path: string): Promise<number | string> =>
  new Promise((resolve) => {
    const { port } = server.address() as AddressInfo
    const asked = httpRequest({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    asked.setTimeout(10_000, () => void asked.destroy(Object.assign(new Error('no end'), { code: 'silence' })))
    asked.end()
  })

/** Rejections nobody handled: each would have ended the process. */
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
process.on('unhandledRejection', note)
afterAll(() => {
  process.off('unhandledRejection', note)
  server.close()
})

afterEach(async () => {
  await new Promise((resolve) => void setImmediate(resolve))
  expect(unhandled.splice(0)).toEqual([])
})

describe('a part that fails', () => {
  test.each(['/.balustrade/rejects', '/.balustrade/throws', '/.balustrade/asks', '/decided'])(
    'ends the exchange of %s without an answer, and no other',
    async (path) => {
      expect(await ask(path)).toBe('ECONNRESET')
      expect(await ask('/.balustrade/fine')).toBe(200)
    },
  )
})
