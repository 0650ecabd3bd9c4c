import type { Socket } from 'node:net'
import { failureOf, type UpstreamFailure } from './failure-of.ts'
import { type Destination, openSocket } from './open-socket.ts'
import { upgradeHead } from './request-head.ts'
import { HEAD_END, MAX_INTERIM, readResponseHead, type ResponseHead, says, SWITCHING_PROTOCOLS } from './response-head.ts'

/** A WebSocket handshake as it goes to an upstream. */
export interface UpgradeRequest {
  readonly target: string
  /** Names and values by turns, without Connection and Upgrade. */
  readonly headers: readonly string[]
  /** ms from the request to the head of the answer. */
  readonly answerWithin: number
  readonly headBytes: number
}

/** Who is told how a handshake came out: one of the three, once. */
export interface TunnelSink {
  /** The upstream agreed; the socket carries the tunnel, what came behind the head included. */
  readonly onAgreed: (head: ResponseHead, socket: Socket) => void
  /** It answered something else. The connection is closed. */
  readonly onDeclined: (status: number) => void
  readonly onFailure: (code: UpstreamFailure) => void
}

const fieldOf = (head: ResponseHead, wanted: string): string =>
  head.lines
    .filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => value.toLowerCase())
    .join(',')

/** RFC 6455 section 4.1: the answer names the protocol, or it is no agreement. */
const agrees = (head: ResponseHead): boolean =>
  head.status === SWITCHING_PROTOCOLS && fieldOf(head, 'upgrade') === 'websocket' && says(fieldOf(head, 'connection'), 'upgrade')

/** The final head, and how many bytes it and what stood before it took; null while it is not whole. */
const findHead = (bytes: Buffer): { readonly head: ResponseHead; readonly size: number } | 'invalid' | null => {
  let from = 0
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const end = bytes.indexOf(HEAD_END, from, 'latin1')
    if (end < 0) return null
    const head = readResponseHead(bytes.toString('latin1', from, end), 'GET')
    if (head === null) return 'invalid'
    from = end + HEAD_END.length
    if (head.status >= 200 || head.status === SWITCHING_PROTOCOLS) return { head, size: from }
  }
  return 'invalid'
}

/** Asks an upstream for a tunnel, on a connection of its own. `abort` ends the asking without a word. */
export const openTunnel = (
  destination: Destination,
  request: UpgradeRequest,
  sink: TunnelSink,
): { readonly abort: () => void } => {
  let over = false
  let bytes: Buffer = Buffer.alloc(0)
  const settle = (tell: () => void, keep = false): void => {
    if (over) return
    over = true
    clearTimeout(deadline)
    socket.off('data', onData)
    if (!keep) socket.destroy()
    tell()
  }
  const fail = (code: UpstreamFailure) => settle(() => sink.onFailure(code))
  const onHead = ({ head, size }: { readonly head: ResponseHead; readonly size: number }): void => {
    if (!agrees(head)) {
      if (head.status === SWITCHING_PROTOCOLS) return fail('upstream.invalid')
      return settle(() => sink.onDeclined(head.status))
    }
    settle(() => {
      socket.pause()
      if (size < bytes.length) socket.unshift(bytes.subarray(size))
      sink.onAgreed(head, socket)
    }, true)
  }
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk])
    const found = findHead(bytes)
    if (found === 'invalid' || (found === null && bytes.length > request.headBytes)) fail('upstream.invalid')
    else if (found !== null) onHead(found)
  }
  const send = (): void => {
    const head = upgradeHead(request.target, request.headers)
    if (head === null) fail('upstream.invalid')
    else socket.write(head, 'latin1')
  }
  const deadline = setTimeout(() => fail('upstream.timeout'), request.answerWithin)
  const socket = openSocket(destination, { onReady: send, onLate: () => fail('upstream.timeout') })
  socket.on('data', onData)
  socket.on('error', (error) => fail(failureOf(error)))
  socket.on('close', () => fail('upstream.unreachable'))
  return { abort: () => settle(() => {}) }
}
