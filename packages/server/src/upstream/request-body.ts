import type { Socket } from 'node:net'
import type { UpstreamRequest } from './request-head.ts'

/** A request's body on its way to the upstream, as fast as the upstream takes it. */
export interface RequestBody {
  readonly onDrain: () => void
  /** All of it was sent. */
  readonly finished: () => boolean
  /** Sends no more; what is left is not read. */
  readonly release: () => void
}

const CRLF = '\r\n'

/**
 * Passes the body on, framed as the request's head says. Node's parsers have seen to it that a body of stated length has that length;
 * one that breaks off never ends here, and the client's going ends the exchange.
 */
export const createRequestBody = ({ body, framing }: UpstreamRequest, socket: Socket): RequestBody => {
  const isChunked = framing === 'chunked'
  let finished = false
  const write = (chunk: Buffer): boolean => {
    if (!isChunked) return socket.write(chunk)
    socket.write(chunk.length.toString(16) + CRLF, 'latin1')
    socket.write(chunk)
    return socket.write(CRLF, 'latin1')
  }
  const onData = (chunk: Buffer) => {
    if (chunk.length === 0) return
    socket.cork()
    const more = write(chunk)
    socket.uncork()
    if (!more) body.pause()
  }
  const onEnd = () => {
    finished = true
    if (isChunked) socket.write(`0${CRLF}${CRLF}`, 'latin1')
  }
  body.on('data', onData)
  body.once('end', onEnd)
  return {
    onDrain: () => body.resume(),
    finished: () => finished,
    release: () => {
      body.off('data', onData)
      body.off('end', onEnd)
      if (!finished) body.pause()
    },
  }
}
