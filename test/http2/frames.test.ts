import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openPolicy } from '../streams/serving.ts'
import { connectFrames, FLAG, FRAME, frame, type FrameClient, headerBlock, request, word32 } from '../support/frames.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type Http2Target, makeTls } from '../support/http2.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const HOST = 'app.example.com'
const tls = makeTls([HOST])
const target = (path: string): string[] => [':method', 'GET', ':scheme', 'https', ':authority', HOST, ':path', path]
const post = (path: string): string[] => [':method', 'POST', ':scheme', 'https', ':authority', HOST, ':path', path]

let upstream: Upstream
let gateway: TestGateway
let client: FrameClient

let clients = 0

/** Each from an address of its own: one that was closed for what it did is held against its address. */
const begin = async (from = `127.0.2.${++clients}`): Promise<FrameClient> => {
  client = await connectFrames({ port: gateway.port, host: HOST, ca: tls.ca, from })
  return client
}

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({ policy: openPolicy(upstream.origin), ...tls, config: 'limits: { stream-resets: 100 }' })
})
afterEach(() => client.socket.destroy())
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const served = (path: string): number => upstream.served.filter((one) => one.target === path).length

/** Whether a good request is answered on the connection after a bad one. */
const goesOn = async (stream: number): Promise<void> => {
  client.write(request(stream, target('/good')))
  await expect.poll(() => client.statusOf(stream)).toBe(200)
}

/** What no proper client sends. Whoever refuses it first, it is refused alone and reaches nobody. */
const odd: readonly (readonly [string, readonly string[]])[] = [
  ['no method', target('/odd').slice(2)],
  ['no path', target('/odd').slice(0, 6)],
  ['no authority', [':method', 'GET', ':scheme', 'https', ':path', '/odd']],
  ['no authority, but Host', [':method', 'GET', ':scheme', 'https', ':path', '/odd', 'host', HOST]],
  ['two paths', [...target('/odd'), ':path', '/odd']],
  ['two authorities', [':authority', HOST, ...target('/odd')]],
  ['a pseudo-header field behind a field', [...target('/odd').slice(0, 6), 'x', '1', ':path', '/odd']],
  ['a pseudo-header field nobody knows', [':door', 'open', ...target('/odd')]],
  ['a status', [':status', '200', ...target('/odd')]],
  ['Host that differs', [...target('/odd'), 'host', 'other.example.com']],
  ['two Hosts', [...target('/odd'), 'host', HOST, 'host', HOST]],
  ['another scheme', [':method', 'GET', ':scheme', 'http', ':authority', HOST, ':path', '/odd']],
  ['an absolute path', target(`https://${HOST}/odd`)],
  ['an asterisk', [':method', 'OPTIONS', ':scheme', 'https', ':authority', HOST, ':path', '*']],
  ['CONNECT', [':method', 'CONNECT', ':authority', `${HOST}:443`]],
  ['extended CONNECT', [':method', 'CONNECT', ':protocol', 'websocket', ...target('/odd').slice(2)]],
  ['Connection', [...target('/odd'), 'connection', 'close']],
  ['Keep-Alive', [...target('/odd'), 'keep-alive', 'timeout=5']],
  ['Proxy-Connection', [...target('/odd'), 'proxy-connection', 'close']],
  ['Transfer-Encoding', [...target('/odd'), 'transfer-encoding', 'chunked']],
  ['Upgrade', [...target('/odd'), 'upgrade', 'websocket']],
  ['TE for gzip', [...target('/odd'), 'te', 'gzip']],
  ['a name in upper case', [...target('/odd'), 'X-One', '1']],
  ['a line end in the path', target('/odd\r\nx: 1')],
  ['a length without a body', [...target('/odd'), 'content-length', '5']],
  ['too large a header', [...target('/odd'), ...['a', 'b', 'c', 'd', 'e'].flatMap((name) => [name, 'y'.repeat(8_000)])]],
  ['too many fields', [...target('/odd'), ...Array.from({ length: 120 }, (_, n) => [`x-${n}`, '1']).flat()]],
]

test.each(odd)('a request with %s is refused alone', async (_note, list) => {
  await begin()
  client.write(request(1, list))
  await expect.poll(() => client.resetOf(1) ?? client.statusOf(1)).not.toBe(null)
  expect([client.statusOf(1), served('/odd')]).not.toContain(200)
  expect(served('/odd')).toBe(0)
  await goesOn(3)
})

/** The parser leaves a malformed field out before anybody sees it: the request that is decided and sent on is the one without it. */
test.each([
  ['a line end in its value', 'x-one', '1\r\nx-two: 2'],
  ['a NUL in its value', 'x-one', '1\0'],
  ['a space in its name', 'x one', '1'],
  ['a line end in its name', 'x-one: 1\r\nx-two', '2'],
  ['an empty name', '', 'x-one'],
])('a field with %s reaches nobody', async (_note, name, value) => {
  await begin()
  client.write(request(1, [...target('/malformed'), name, value]))
  await expect.poll(() => client.resetOf(1) ?? client.statusOf(1)).not.toBe(null)
  await goesOn(3)
  expect(JSON.stringify(upstream.served)).not.toMatch(/x.one|x-two/)
})

describe('a body', () => {
  const length = (bytes: number) => ['content-length', String(bytes)]

  test('that is shorter than it says is never whole', async () => {
    await begin()
    client.write(
      request(1, [...post('/short'), ...length(9)], false),
      frame([FRAME.data, FLAG.endStream, 1], Buffer.from('hello')),
    )
    await expect.poll(() => client.resetOf(1)).not.toBe(null)
    await goesOn(3)
    expect(upstream.served.filter(({ target: path, body }) => path === '/short' && body !== 'aborted')).toEqual([])
  })

  test('that is longer than it says brings no second request', async () => {
    await begin()
    const more = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'
    client.write(
      request(1, [...post('/long'), ...length(5)], false),
      frame([FRAME.data, FLAG.endStream, 1], Buffer.from(`hello${more}`)),
    )
    await expect.poll(client.closed).toBe(true)
    expect(client.statusOf(1)).toBe(null)
    expect(served('/smuggled')).toBe(0)
  })

  test.each([0, 8])('that is taken back with code %i is never whole', async (code) => {
    await begin()
    const path = `/taken-back-${code}`
    client.write(request(1, post(path), false), frame([FRAME.data, FLAG.none, 1], Buffer.from('hello')))
    await goesOn(3)
    client.write(frame([FRAME.reset, FLAG.none, 1], word32(code)))
    await goesOn(5)
    expect(upstream.served.filter(({ target: one, body }) => one === path && body === 'hello')).toEqual([])
  })

  test('that nobody reads is ended behind a whole answer', async () => {
    await begin()
    const elsewhere = [...post('/unread')].map((word) => (word === HOST ? 'other.example.com' : word))
    client.write(request(1, elsewhere, false), frame([FRAME.data, FLAG.none, 1], Buffer.alloc(16_384)))
    await expect.poll(() => client.resetOf(1)).toBe(0)
    const ended = client.of(1).map(({ type, flags }) => [type, flags & FLAG.endStream])
    expect(ended).toEqual([
      [FRAME.headers, 0],
      ...ended.slice(1, -1).map(() => [FRAME.data, expect.anything()]),
      [FRAME.reset, 0],
    ])
    expect(ended.at(-2)).toEqual([FRAME.data, FLAG.endStream])
    await goesOn(3)
  })
})

describe('a flood', () => {
  const oddStreams = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => 2 * n + 1)
  const ended = () => client.closed() || client.goaway() !== null

  test('of CONTINUATION ends the connection before it holds much', async () => {
    await begin()
    client.write(frame([FRAME.headers, FLAG.endStream, 1], headerBlock(target('/flood'))))
    const block = headerBlock(Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'y'.repeat(100)]).flat())
    let sent = 0
    while (!client.closed() && sent < 20_000_000) {
      client.write(frame([FRAME.continuation, FLAG.none, 1], block))
      sent += block.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(client.closed).toBe(true)
    expect([client.statusOf(1), served('/flood')]).toEqual([null, 0])
  })

  test('of empty CONTINUATION ends the connection', async () => {
    await begin()
    client.write(frame([FRAME.headers, FLAG.endStream, 1], headerBlock(target('/flood'))))
    client.write(...Array.from({ length: 1_000 }, () => frame([FRAME.continuation, FLAG.none, 1])))
    await expect.poll(client.closed).toBe(true)
  })

  test('of requests that are taken back at once ends the connection, and hardly any is forwarded', async () => {
    await begin()
    const before = served('/rapid')
    for (const stream of oddStreams(400)) {
      client.write(request(stream, target('/rapid')), frame([FRAME.reset, FLAG.none, stream], word32(8)))
      if (stream % 50 === 1) await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(ended).toBe(true)
    expect(served('/rapid') - before).toBeLessThanOrEqual(200)
  })

  test('of requests that the client has reset for a broken rule ends the connection', async () => {
    await begin()
    for (const stream of oddStreams(400)) {
      client.write(request(stream, post('/made'), false), frame([FRAME.window, FLAG.none, stream], word32(0)))
      if (stream % 50 === 1) await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(ended).toBe(true)
  })

  test.each([
    ['PING', frame([FRAME.ping, FLAG.none, 0], Buffer.alloc(8))],
    ['SETTINGS', frame([FRAME.settings, FLAG.none, 0])],
    ['WINDOW_UPDATE', frame([FRAME.window, FLAG.none, 0], word32(1))],
    ['PRIORITY', frame([2, FLAG.none, 1], Buffer.alloc(5))],
    ['frames nobody knows', frame([0xbe, FLAG.none, 0], Buffer.alloc(8))],
    ['empty DATA', frame([FRAME.data, FLAG.none, 1])],
  ])('of %s ends the connection', async (_note, one) => {
    await begin()
    client.write(request(1, post('/kept-open'), false))
    const many = Buffer.concat(Array.from({ length: 4_000 }, () => one))
    for (let n = 0; n < 400 && !client.closed(); n++) {
      client.write(many)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await expect.poll(ended).toBe(true)
  })

  const control: readonly (readonly [string, Buffer])[] = [
    ['PING', frame([FRAME.ping, FLAG.none, 0], Buffer.alloc(8))],
    ['SETTINGS', frame([FRAME.settings, FLAG.none, 0])],
  ]
  // Some at a time, each answered: what is not taken has a limit in the parser.
  test.each(control)('of 1,200 %s, that take next to no room, ends the connection', async (_note, one) => {
    await begin()
    for (let n = 0; n < 12 && !ended(); n++) {
      client.write(...Array.from({ length: 100 }, () => one))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // Sooner than a connection without a request is over anyway.
    await expect.poll(ended, { timeout: 5_000 }).toBe(true)
  })

  test.each(control)('is not what 900 %s are', async (_note, one) => {
    await begin()
    client.write(...Array.from({ length: 900 }, () => one))
    await goesOn(1)
    expect(ended()).toBe(false)
  })

  test('is not what a client is that asks for much', async () => {
    await begin()
    for (const stream of oddStreams(90)) client.write(request(stream, target('/many')))
    for (const stream of oddStreams(90)) await expect.poll(() => client.statusOf(stream)).toBe(200)
    expect(ended()).toBe(false)
  })
})

/** Has four connections closed for what they do. */
const offend = async (at: Http2Target, proxyLine = ''): Promise<void> => {
  for (let n = 0; n < 4; n++) {
    const each = await connectFrames(at, Buffer.alloc(0), proxyLine)
    each.write(frame([FRAME.headers, FLAG.endStream, 1], headerBlock(target('/flood'))))
    each.write(...Array.from({ length: 100 }, () => frame([FRAME.continuation, FLAG.none, 1])))
    await expect.poll(each.closed).toBe(true)
  }
}

const isRefused = async (at: Http2Target, proxyLine = ''): Promise<boolean> => {
  const next = await connectFrames(at, Buffer.alloc(0), proxyLine).catch(() => null)
  if (next === null) return true
  next.write(request(1, target('/good')))
  await expect.poll(() => next.closed() || next.statusOf(1) !== null).toBe(true)
  next.socket.destroy()
  return next.statusOf(1) === null
}

describe('an address whose connections are closed again and again for what they do', () => {
  const wanton = (from = '127.0.3.1') => ({ port: gateway.port, host: HOST, ca: tls.ca, from })

  test('has to wait; what it has open goes on, and so do others', async () => {
    const earlier = await begin('127.0.3.1')
    await offend(wanton())
    expect(await isRefused(wanton())).toBe(true)
    client = earlier
    await goesOn(1)
    await begin()
    await goesOn(1)
  })

  test('gets ten handshakes a second, and its queue is short', async () => {
    const pacedFrom = wanton('127.0.3.2')
    await offend(pacedFrom)
    const from = performance.now()
    const ends = await Promise.all(
      Array.from({ length: 70 }, async () => {
        await isRefused(pacedFrom)
        return { ms: performance.now() - from }
      }),
    )
    // Fifty wait and one is under way, the others are closed at once; those that wait come one after the other, in five seconds.
    const sorted = ends.map(({ ms }) => ms).sort((one, other) => one - other)
    expect(sorted.at(-1)).toBeGreaterThan(4_000)
    expect(sorted.at(14)).toBeLessThan((sorted.at(-1) ?? 0) / 3)
    expect(sorted.at(45)).toBeGreaterThan((sorted.at(-1) ?? 0) / 4)
  })

  test('is that of the client where a PROXY header names it, and not that of the proxy', async () => {
    const listeners = tls.listeners.replace('tls:', 'proxy-protocol: { from: [127.0.0.0/8] }, tls:')
    const proxied = await startGateway({ policy: openPolicy(upstream.origin), ...tls, listeners })
    const behind = { port: proxied.port, host: HOST, ca: tls.ca }
    const lineOf = (client: string) => `PROXY TCP4 ${client} 127.0.0.1 4000 443\r\n`
    try {
      await offend(behind, lineOf('192.0.2.7'))
      expect(await isRefused(behind, lineOf('192.0.2.7'))).toBe(true)
      expect(await isRefused(behind, lineOf('192.0.2.8'))).toBe(false)
    } finally {
      await proxied.close()
    }
  })
})

test('beyond so many requests at once the next are refused to be sent again', async () => {
  await begin()
  for (let n = 0; n < 101; n++) client.write(request(2 * n + 1, post('/open'), false))
  await expect.poll(() => client.resetOf(201)).toBe(7)
  expect(client.resetOf(199)).toBe(null)
})
