import type { Socket } from 'node:net'
import { type Address, parseProxyHeader } from '@balustrade/core/kit'

export interface ProxyHeaderParts {
  /** May this peer send a PROXY header; others are dropped, not read (HAProxy's specification, section 2). */
  readonly allowed: (peer: string) => boolean
  readonly deadline: number
  readonly onReady: (socket: Socket, source: Address | null) => void
}

const MAX_HEADER = 4_096

/**
 * Reads the PROXY header a listener is configured to expect, v1 or v2, before anything else on the connection. It is never
 * guessed: a connection without one, with a malformed one, or from a peer not listed is destroyed.
 */
export const readProxyHeader = (socket: Socket, parts: ProxyHeaderParts): void => {
  if (!parts.allowed(socket.remoteAddress ?? '')) {
    socket.destroy()
    return
  }
  let read: Buffer = Buffer.alloc(0)
  const timer = setTimeout(() => socket.destroy(), parts.deadline)
  const stop = () => {
    clearTimeout(timer)
    socket.off('data', onData)
    socket.off('close', stop)
  }
  const onData = (chunk: Buffer) => {
    read = Buffer.concat([read, chunk])
    const result = parseProxyHeader(read)
    if (result.status === 'incomplete' && read.length <= MAX_HEADER) return
    stop()
    if (result.status !== 'ok') {
      socket.destroy()
      return
    }
    socket.pause()
    const rest = read.subarray(result.consumed)
    if (rest.length > 0) socket.unshift(rest)
    parts.onReady(socket, result.source)
  }
  socket.on('data', onData)
  socket.on('close', stop)
  socket.on('error', () => socket.destroy())
}
