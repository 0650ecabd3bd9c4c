// A PROXY header in front of TLS, in however many pieces the two come: a proxy may well send both at once.
import { connect as connectPlain } from 'node:net'
import { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { makeTls } from '../support/http2.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { HOST, openPolicy } from './serving.ts'

const PROXY_LINE = Buffer.from('PROXY TCP4 192.0.2.7 127.0.0.1 4000 443\r\n')
const tls = makeTls([HOST])

let upstream: Upstream
let gateway: TestGateway
beforeAll(async () => {
  upstream = await startUpstream()
  const listeners = tls.listeners.replace('tls:', 'proxy-protocol: { from: [127.0.0.0/8] }, tls:')
  gateway = await startGateway({ policy: openPolicy(upstream.origin), ...tls, listeners })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

/** Bytes of a client, sent on as `cut` makes them of the header and what comes first after it. */
const through = (cut: (first: Buffer) => readonly Buffer[]): Duplex => {
  const raw = connectPlain(gateway.port, '127.0.0.1')
  raw.setNoDelay(true)
  let isFirst = true
  /** A rest between two pieces, so that they are not read as one. */
  const send = ([piece, ...rest]: readonly Buffer[], done: () => void): void => {
    if (piece === undefined) return done()
    raw.write(piece)
    setTimeout(() => send(rest, done), rest.length > 0 ? 20 : 0)
  }
  const duplex = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      const pieces = isFirst ? cut(chunk) : [chunk]
      isFirst = false
      send(pieces, done)
    },
    final: (done) => void raw.end(done),
  })
  raw.on('data', (chunk) => duplex.push(chunk))
  raw.on('close', () => duplex.push(null))
  raw.on('error', (error) => duplex.destroy(error))
  return duplex
}

const ask = (cut: (first: Buffer) => readonly Buffer[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ socket: through(cut), ca: tls.ca, servername: HOST, ALPNProtocols: ['http/1.1'] })
    let text = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error(`silent after ${text}`)))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      socket.destroy()
      resolve(text)
    })
    socket.on('error', reject)
    socket.write(`GET /x HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)
  })

test.each([
  { note: 'the header, then the handshake', cut: (first: Buffer) => [PROXY_LINE, first] },
  { note: 'both at once', cut: (first: Buffer) => [Buffer.concat([PROXY_LINE, first])] },
  {
    note: 'the header with the first byte of the handshake',
    cut: (first: Buffer) => [Buffer.concat([PROXY_LINE, first.subarray(0, 1)]), first.subarray(1)],
  },
  {
    note: 'the header in two pieces, the second with the handshake',
    cut: (first: Buffer) => [PROXY_LINE.subarray(0, 9), Buffer.concat([PROXY_LINE.subarray(9), first])],
  },
])(
  '$note',
  async ({ cut }) => {
    expect(await ask(cut)).toMatch(/^HTTP\/1\.1 200 /)
    expect((await gateway.decisions()).at(-1)?.client ?? '192.0.2.7').toBe('192.0.2.7')
  },
  20_000,
)
