import { constants, type ServerHttp2Stream } from 'node:http2'
import { CONNECTION_FIELDS } from '@balustrade/core/kit'
import type { ClientResponse } from './exchange.ts'
import { type StreamTraffic, weighLines } from './stream-message.ts'

/** Those a sender must leave out, and what means one connection of HTTP/1.1 besides. */
const LEFT_OUT: ReadonlySet<string> = new Set([...CONNECTION_FIELDS, 'http2-settings', 'te'])
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

const headerListOf = (status: number, lines: readonly string[]): string[] => {
  const list = [':status', String(status)]
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const name = (lines[at] as string).toLowerCase()
    if (!LEFT_OUT.has(name)) list.push(name, lines[at + 1] as string)
  }
  return list
}

/**
 * The stream ended with its answer. Node closes one whose last frame is written before it says that writing has finished; what was
 * broken off is aborted, or was closed with another code.
 */
export const isAnswered = (stream: ServerHttp2Stream): boolean =>
  stream.headersSent &&
  !stream.aborted &&
  (stream.closed ? stream.rstCode === constants.NGHTTP2_NO_ERROR : stream.writableFinished)

/**
 * The answer is complete, so what is left of its request is not read (RFC 9113 section 8.1). Later than the end of the answer: a
 * reset overtakes what was written in the same turn.
 */
const endUnread = (stream: ServerHttp2Stream): void =>
  void setImmediate(() => {
    if (stream.destroyed) return
    if (!stream.endAfterHeaders && stream.state.remoteClose !== 1) stream.close(constants.NGHTTP2_NO_ERROR)
    stream.resume()
  })

/**
 * Resets a stream with INTERNAL_ERROR. Not by `close`, which ends the writing side first: END_STREAM would overtake the reset, and
 * what was cut would pass for whole.
 */
export const breakOff = (stream: ServerHttp2Stream): void => void stream.destroy(new Error('the stream was broken off'))

/** Writes to a stream as a response of node:http is written: body where there may be one, silence once the client is gone. */
export const createStreamResponse = (stream: ServerHttp2Stream, traffic: StreamTraffic): ClientResponse => {
  let statusCode = 200
  let ended = false
  const isOpen = () => !stream.destroyed && !stream.closed
  // Node has ended the writing side of an answer to HEAD.
  const takesBody = () => isOpen() && !stream.writableEnded && !BODILESS.has(statusCode)
  stream.once('finish', () => {
    if (ended) endUnread(stream)
  })
  const end = (text = '', encoding: 'latin1' | 'utf8' = 'utf8') => {
    ended = true
    // The writing side of an answer without a body has ended before: it has finished, perhaps before this.
    if (!takesBody()) return void (stream.writableFinished && endUnread(stream))
    traffic.bytesWritten += Buffer.byteLength(text, encoding)
    stream.end(text, encoding)
  }
  return {
    get headersSent() {
      return stream.headersSent
    },
    get statusCode() {
      return statusCode
    },
    get writableFinished() {
      return ended && isAnswered(stream)
    },
    writeContinue: () => {
      if (isOpen()) stream.additionalHeaders({ ':status': 100 })
    },
    writeHead: (status, lines) => {
      if (!isOpen()) return
      statusCode = status
      const list = headerListOf(status, lines)
      traffic.bytesWritten += weighLines(list)
      stream.respond(list as unknown as Parameters<ServerHttp2Stream['respond']>[0])
    },
    flushHeaders: () => {},
    write: (bytes) => {
      if (!takesBody()) return true
      traffic.bytesWritten += bytes.length
      return stream.write(bytes)
    },
    end,
    once: (event, act) => stream.once(event, act),
    destroy: () => {
      traffic.cut = true
      breakOff(stream)
    },
  }
}
