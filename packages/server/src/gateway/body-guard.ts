import type { IncomingMessage, Server } from 'node:http'
import type { GatewayLimits } from './limits.ts'

interface Watched {
  readonly message: IncomingMessage
  bytes: number
}

const hasBody = (message: IncomingMessage): boolean =>
  message.headers['transfer-encoding'] !== undefined || Number(message.headers['content-length'] ?? 0) > 0

/**
 * Cuts request bodies that arrive too slowly: fewer than `bodyRate` bytes a second over a window of `bodyIdle`, while we are
 * willing to read. A reader that is itself held back (a slow upstream) is not the client's fault and is not counted.
 */
export const createBodyGuard = (server: Server, limits: GatewayLimits): void => {
  const watched = new Set<Watched>()
  const least = (limits.bodyRate * limits.bodyIdle) / 1000
  const watch = (message: IncomingMessage) => {
    if (!hasBody(message)) return
    const entry: Watched = { message, bytes: message.socket.bytesRead }
    watched.add(entry)
    message.once('close', () => watched.delete(entry))
  }
  const judge = () => {
    for (const entry of watched) {
      const { message } = entry
      if (message.complete) {
        watched.delete(entry)
        continue
      }
      const arrived = message.socket.bytesRead - entry.bytes
      entry.bytes = message.socket.bytesRead
      if (arrived < least && !message.isPaused()) message.socket.destroy()
    }
  }
  const timer = setInterval(judge, limits.bodyIdle)
  timer.unref()
  server.on('request', watch)
  server.on('checkContinue', watch)
  server.once('close', () => clearInterval(timer))
}
