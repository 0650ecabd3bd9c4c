import { afterEach, expect, test } from 'vitest'
import { startPaced } from '../streams/paced-upstream.ts'
import { openPolicy } from '../streams/serving.ts'
import { connectFrames, FLAG, FRAME, frame, type FrameClient, request, word32 } from '../support/frames.ts'
import { startGateway } from '../support/gateway.ts'
import { makeTls } from '../support/http2.ts'

const HOST = 'app.example.com'
const tls = makeTls([HOST])
const ask = (method: string, path: string): string[] => [':method', method, ':scheme', 'https', ':authority', HOST, ':path', path]

const open: { close: () => unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close()
})

const begin = async (limits: string, settings?: Uint8Array): Promise<FrameClient> => {
  const upstream = await startPaced()
  open.push(upstream)
  const gateway = await startGateway({ policy: openPolicy(upstream.origin), config: `limits: { ${limits} }`, ...tls })
  open.push(gateway)
  const client = await connectFrames({ port: gateway.port, host: HOST, ca: tls.ca }, settings)
  open.push({ close: () => client.socket.destroy() })
  return client
}

const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), word32(value)])
const INITIAL_WINDOW = 4

const goesOn = async (client: FrameClient, stream: number): Promise<void> => {
  client.write(request(stream, ask('HEAD', '/good')))
  await expect.poll(() => client.statusOf(stream)).toBe(200)
}

test('a body that comes too slowly is reset alone', async () => {
  const client = await begin('body-idle: 300, body-rate: 1000')
  client.write(request(1, ask('POST', '/slow'), false), frame([FRAME.data, FLAG.none, 1], Buffer.from('a')))
  await expect.poll(() => client.resetOf(1)).not.toBe(null)
  await goesOn(client, 3)
})

test('an answer that its client asks for and does not take is reset alone', async () => {
  const client = await begin('body-idle: 300', setting(INITIAL_WINDOW, 0))
  client.write(request(1, ask('GET', '/untaken')))
  await expect.poll(() => client.resetOf(1)).not.toBe(null)
  expect(client.statusOf(1)).toBe(200)
  await goesOn(client, 3)
})

test('an answer that is taken slowly, a few bytes at a time, is reset as well', async () => {
  const client = await begin('body-idle: 300', setting(INITIAL_WINDOW, 0))
  client.write(request(1, ask('GET', '/held/1')))
  const timer = setInterval(() => client.write(frame([FRAME.window, FLAG.none, 1], word32(1))), 20)
  await expect.poll(() => client.resetOf(1)).not.toBe(null)
  clearInterval(timer)
  await goesOn(client, 3)
})

test('an event stream that has nothing to say stays', async () => {
  const client = await begin('body-idle: 200')
  client.write(request(1, ask('GET', '/events/1')))
  await expect.poll(() => client.statusOf(1)).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect([client.resetOf(1), client.closed()]).toEqual([null, false])
})

test('a connection that never asks is closed within header-deadline', async () => {
  const client = await begin('header-deadline: 300')
  await expect.poll(client.closed).toBe(true)
  expect(client.goaway()).toBe(0)
})

test('a connection that sends half of a header is closed within header-deadline', async () => {
  const client = await begin('header-deadline: 300')
  client.write(frame([FRAME.headers, FLAG.endStream, 1], Buffer.from([0x82])))
  await expect.poll(client.closed).toBe(true)
  expect(client.statusOf(1)).toBe(null)
})

test('an idle connection is closed after keep-alive', async () => {
  const client = await begin('keep-alive: 300')
  await goesOn(client, 1)
  await expect.poll(client.closed).toBe(true)
  expect(client.goaway()).toBe(0)
})

test('a connection carries no more than requests-per-connection, all of them whole', async () => {
  const client = await begin('requests-per-connection: 3')
  for (const stream of [1, 3, 5]) client.write(request(stream, ask('GET', '/one')))
  await expect.poll(client.closed).toBe(true)
  expect([client.goaway(), ...[1, 3, 5].map(client.statusOf)]).toEqual([0, 200, 200, 200])
})

test('a client that takes none of its answers leaves connections to the upstream for others', async () => {
  const client = await begin('upstream-connections: 8', setting(INITIAL_WINDOW, 0))
  for (let n = 0; n < 40; n++) client.write(request(2 * n + 1, ask('GET', `/held/${n}`)))
  await expect.poll(() => client.statusOf(1)).toBe(200)
  const target = { port: client.socket.remotePort ?? 0, host: HOST, ca: tls.ca, from: '127.0.0.2' }
  const other = await connectFrames(target)
  open.push({ close: () => other.socket.destroy() })
  await goesOn(other, 1)
  const begun = Array.from({ length: 40 }, (_, n) => client.statusOf(2 * n + 1)).filter((status) => status !== null)
  expect(begun.length).toBe(4)
})

test('connections of one address are bounded', async () => {
  const client = await begin('connections-per-address: 1')
  await goesOn(client, 1)
  const target = { port: client.socket.remotePort ?? 0, host: HOST, ca: tls.ca }
  await expect(connectFrames(target)).rejects.toThrow()
})
