// A client of HTTP/2 that writes frames as it likes, also those no proper client writes, and tells what came back (RFC 9113).
import { connect as connectNet } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { Http2Target } from './http2.ts'

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, window: 8, continuation: 9 } as const
export const FLAG = { none: 0, endStream: 1, ack: 1, endHeaders: 4 } as const

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const HEAD = 9

/** Type, flags, stream. */
export type FrameHead = readonly [type: number, flags: number, stream: number]

export const frame = ([type, flags, stream]: FrameHead, payload: Uint8Array = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(HEAD)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const word32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** RFC 7541 section 5.1, of a prefix of seven bits. */
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const size = [127]
  let left = bytes.length - 127
  for (; left >= 128; left >>= 7) size.push((left & 127) | 128)
  return Buffer.concat([Buffer.from([...size, left]), bytes])
}

/** A header block of literals without indexing (RFC 7541 section 6.2.2), names and values by turns, as they stand. */
export const headerBlock = (list: readonly string[]): Buffer => {
  const parts: Buffer[] = []
  for (let at = 0; at + 1 < list.length; at += 2)
    parts.push(Buffer.from([0]), text(list[at] as string), text(list[at + 1] as string))
  return Buffer.concat(parts)
}

/** Largest payload that every receiver takes (RFC 9113 section 4.2). */
const LARGEST = 16_384

/** HEADERS of a whole list, with CONTINUATION where it does not fit. `end`: it is the whole request. */
export const request = (stream: number, list: readonly string[], end = true): Buffer => {
  const block = headerBlock(list)
  const pieces: Buffer[] = []
  for (let at = 0; at < block.length; at += LARGEST) {
    const type = at === 0 ? FRAME.headers : FRAME.continuation
    const last = at + LARGEST >= block.length ? FLAG.endHeaders : FLAG.none
    pieces.push(frame([type, last | (at === 0 && end ? FLAG.endStream : FLAG.none), stream], block.subarray(at, at + LARGEST)))
  }
  return Buffer.concat(pieces)
}

export interface FrameClient {
  readonly socket: TLSSocket
  readonly frames: readonly Frame[]
  readonly write: (...frames: readonly Uint8Array[]) => void
  /** Frames of a stream so far. */
  readonly of: (stream: number) => readonly Frame[]
  /** Status of a stream's answer, as far as it is in the first byte of its header block (RFC 7541 appendix A); null: none came. */
  readonly statusOf: (stream: number) => number | 'other' | null
  /** Code of the RST_STREAM of a stream; null: none came. */
  readonly resetOf: (stream: number) => number | null
  /** Code of the last GOAWAY; null: none came. */
  readonly goaway: () => number | null
  readonly closed: () => boolean
}

/** Static table: the statuses with an index of their own. */
const STATUSES: Readonly<Record<number, number>> = { 8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500 }

const statusIn = ({ payload }: Frame): number | 'other' => {
  const first = payload[0] ?? 0
  return first & 0x80 ? (STATUSES[first & 0x7f] ?? 'other') : 'other'
}

const createReader = (frames: Frame[]) => {
  let pending: Buffer = Buffer.alloc(0)
  return (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= HEAD && pending.length >= HEAD + pending.readUIntBE(0, 3)) {
      const end = HEAD + pending.readUIntBE(0, 3)
      const [type, flags, stream] = [pending.readUInt8(3), pending.readUInt8(4), pending.readUInt32BE(5)]
      frames.push({ type, flags, stream, payload: Buffer.from(pending.subarray(HEAD, end)) })
      pending = pending.subarray(end)
    }
  }
}

/** Connects to 127.0.0.1, sends the preface and these settings, acknowledges nothing by itself. */
export const connectFrames = (
  { port, host, ca, from = '127.0.0.1' }: Http2Target,
  settings: Uint8Array = Buffer.alloc(0),
  /** Sent before TLS. */
  proxyLine = '',
): Promise<FrameClient> =>
  new Promise((resolve, reject) => {
    const frames: Frame[] = []
    let closed = false
    const below = connectNet({ port, host: '127.0.0.1', localAddress: from })
    below.once('error', reject)
    if (proxyLine !== '') below.write(proxyLine)
    const socket = connect({ socket: below, servername: host, ca, ALPNProtocols: ['h2'] })
    socket.once('error', reject)
    socket.on('data', createReader(frames))
    socket.on('close', () => {
      closed = true
    })
    const last = (type: number, stream?: number) =>
      frames.findLast((each) => each.type === type && (stream === undefined || each.stream === stream))
    socket.once('secureConnect', () => {
      socket.on('error', () => socket.destroy())
      socket.write(Buffer.concat([Buffer.from(PREFACE), frame([FRAME.settings, FLAG.none, 0], settings)]))
      resolve({
        socket,
        frames,
        write: (...some) => void (socket.writable && socket.write(Buffer.concat(some))),
        of: (stream) => frames.filter((each) => each.stream === stream),
        statusOf: (stream) => {
          const head = frames.find((each) => each.type === FRAME.headers && each.stream === stream)
          return head === undefined ? null : statusIn(head)
        },
        resetOf: (stream) => last(FRAME.reset, stream)?.payload.readUInt32BE(0) ?? null,
        goaway: () => last(FRAME.goaway)?.payload.readUInt32BE(4) ?? null,
        closed: () => closed,
      })
    })
  })
