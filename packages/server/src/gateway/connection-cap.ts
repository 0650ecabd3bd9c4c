import type { Server, Socket } from 'node:net'
import type { GatewayLimits } from './limits.ts'

/** Bounds open connections, in all and for each peer, so that one client cannot take every place. Beyond: the connection is dropped. */
export const createConnectionCap = (server: Server, limits: GatewayLimits): void => {
  const open = new Map<string, number>()
  server.maxConnections = limits.connections
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    const count = (open.get(peer) ?? 0) + 1
    if (count > limits.connectionsPerAddress) {
      socket.destroy()
      return
    }
    open.set(peer, count)
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1
      if (left === 0) open.delete(peer)
      else open.set(peer, left)
    })
  })
}
