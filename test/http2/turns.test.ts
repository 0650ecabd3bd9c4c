import { afterEach, expect, test } from 'vitest'
import { openPolicy } from '../streams/serving.ts'
import { connectFrames, type FrameClient, request } from '../support/frames.ts'
import { startGateway } from '../support/gateway.ts'
import { makeTls } from '../support/http2.ts'
import { startUpstream } from '../support/upstream.ts'

const HOST = 'app.example.com'
const tls = makeTls([HOST])
const ask = (path: string): string[] => [':method', 'GET', ':scheme', 'https', ':authority', HOST, ':path', path]

const open: { close: () => unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close()
})

/** Requests of the busy client, all at once, as many on each connection as may be under way there. */
const [CONNECTIONS, STREAMS] = [10, 100]

/** How many of them were decided before the one of somebody else, which came when the first of them was answered. */
const decidedBefore = async (config?: string): Promise<number> => {
  const upstream = await startUpstream()
  open.push(upstream)
  const gateway = await startGateway({ policy: openPolicy(upstream.origin), ...(config === undefined ? {} : { config }), ...tls })
  open.push(gateway)
  const target = { port: gateway.port, host: HOST, ca: tls.ca }
  const connect = async (from: string): Promise<FrameClient> => {
    const client = await connectFrames({ ...target, from })
    open.push({ close: () => client.socket.destroy() })
    return client
  }
  const busy = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect('127.0.0.1')))
  const other = await connect('127.0.0.2')
  const streams = Array.from({ length: STREAMS }, (_none, n) => 2 * n + 1)
  for (const client of busy) client.write(...streams.map((stream) => request(stream, ask('/busy'))))
  await expect
    .poll(() => busy.some((client) => streams.some((stream) => client.statusOf(stream) === 200)), { interval: 1 })
    .toBe(true)
  other.write(request(1, ask('/other')))
  await expect.poll(() => other.statusOf(1)).toBe(200)
  await expect
    .poll(() => busy.every((client) => streams.every((stream) => client.statusOf(stream) === 200)), { timeout: 10_000 })
    .toBe(true)
  await gateway.running.close()
  return (await gateway.decisions()).findIndex(({ path }) => path === '/other')
}

test('a client that asks for a thousand things at once takes turns with the next one', async () => {
  expect(await decidedBefore()).toBeLessThan(700)
})

test('a trusted proxy, which carries many clients, takes no turns', async () => {
  const all = CONNECTIONS * STREAMS
  expect(await decidedBefore('trusted-proxies: { networks: [127.0.0.1/32], field: x-forwarded-for }')).toBeGreaterThan(0.9 * all)
})
