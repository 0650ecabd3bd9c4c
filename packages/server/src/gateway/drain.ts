import type { Server } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { Server as NetServer, type Socket } from 'node:net'
import type { Sessions } from './sessions.ts'

/** ms between two looks for connections that nobody uses any more. */
const SWEEP = 250

/** Ends a listener without breaking an answer that is under way. */
export interface Drain {
  /** Accepts nobody from now on; resolves when every connection is closed. What is open after `limit` ms is cut. */
  readonly end: (limit: number) => Promise<void>
}

/** The sockets of a server, each until it is closed. */
const collect = (server: NetServer, event: 'connection' | 'secureConnection'): Set<Socket> => {
  const sockets = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => void sockets.delete(socket))
  })
  return sockets
}

/** Connections on which no request has come yet: Node counts them as busy until its deadline for headers. */
const collectUnused = (inner: Server): ReadonlySet<Socket> => {
  const unused = collect(inner, inner instanceof HttpsServer ? 'secureConnection' : 'connection')
  const use = ({ socket }: { readonly socket: Socket }) => void unused.delete(socket)
  for (const event of ['request', 'checkContinue', 'checkExpectation', 'upgrade']) inner.on(event, use)
  return unused
}

/**
 * `outer` accepts, `inner` speaks HTTP/1.1, mostly they are one; `sessions` are those of its connections that speak HTTP/2. An answer that began before carries no `Connection: close`, so its
 * client may write once more: connections are not closed the moment they are idle but when a look finds them so, after all that
 * has arrived was read.
 */
export const createDrain = (outer: NetServer, inner: Server, sessions: Sessions | null): Drain => {
  const sockets = collect(outer, 'connection')
  const unused = collectUnused(inner)
  const closeUnused = () => {
    inner.closeIdleConnections()
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy()
  }
  const keepSweeping = (limit: number): (() => void) => {
    const sweep = setInterval(() => setImmediate(closeUnused), SWEEP)
    const force = setTimeout(() => sockets.forEach((socket) => socket.destroy()), limit)
    return () => {
      clearInterval(sweep)
      clearTimeout(force)
    }
  }
  return {
    end: async (limit) => {
      sessions?.drain()
      const stop = keepSweeping(limit)
      // The close of http would cut idle connections at once, and end its watch over the deadline for headers.
      await new Promise<void>((resolve) => void NetServer.prototype.close.call(outer, () => resolve()))
      // A server counts a socket as closed before those who use it hear of it: they come first, to say why they ended.
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
      stop()
      sessions?.close()
      inner.close()
    },
  }
}
