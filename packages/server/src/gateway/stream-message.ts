import type { ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ClientMessage } from './exchange.ts'

/** What the two directions of one stream have carried, and the connection below it. */
export interface StreamTraffic {
  /** Of the connection; a stream has neither. */
  readonly remoteAddress: string | undefined
  readonly servername: TLSSocket['servername']
  /** Bytes of header lists, before compression, and of bodies. */
  bytesRead: number
  bytesWritten: number
  /** We broke the answer off. */
  cut: boolean
}

/** Weight of names and values by turns. */
export const weighLines = (lines: readonly string[]): number => {
  let bytes = 0
  for (const part of lines) bytes += part.length
  return bytes
}

/** Counts what arrives, read or not: a listener for data would have it flow. */
export const countArrivals = (stream: ServerHttp2Stream, traffic: StreamTraffic): void => {
  if (stream.endAfterHeaders) return
  const push = stream.push.bind(stream)
  stream.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk !== null) traffic.bytesRead += chunk.length
    return push(chunk, encoding)
  }
}

/** What begins a stream. */
export interface StreamHead {
  readonly stream: ServerHttp2Stream
  /** The whole header list, names and values by turns. */
  readonly rawHeaders: readonly string[]
}

const fieldsOf = (rawHeaders: readonly string[]): ReadonlyMap<string, string> => {
  const first = new Map<string, string>()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (!first.has(name)) first.set(name, rawHeaders[at + 1] as string)
  }
  return first
}

/** Reads a stream as a message of node:http is read. What it says of method and host is for the log of refusals alone. */
export const createStreamMessage = ({ stream, rawHeaders }: StreamHead, traffic: StreamTraffic): ClientMessage => {
  const fields = fieldsOf(rawHeaders)
  let complete = stream.endAfterHeaders
  if (!complete)
    stream.once('end', () => {
      complete = !stream.aborted
    })
  const listenOnce = (event: 'end' | 'close', act: () => void) => {
    // A reset ends the reading side too, with NO_ERROR in no other way than END_STREAM: what was cut must not pass for whole.
    stream.once(event, event === 'close' ? act : () => void (stream.aborted || act()))
  }
  return {
    method: fields.get(':method'),
    url: fields.get(':path'),
    httpVersion: '2.0',
    rawHeaders,
    headers: { host: fields.get(':authority') ?? fields.get('host'), 'content-length': fields.get('content-length') },
    socket: traffic,
    unstated: stream.endAfterHeaders ? 0 : 'chunked',
    get complete() {
      return complete
    },
    get destroyed() {
      return stream.destroyed
    },
    on: (event, act) => stream.on(event, act),
    once: listenOnce,
    off: (event, act) => stream.off(event, act as () => void),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
  }
}
