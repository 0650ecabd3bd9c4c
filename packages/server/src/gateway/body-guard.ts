import type { IncomingMessage, Server } from 'node:http'
import type { GatewayLimits } from './limits.ts'

interface Watched {
  readonly message: IncomingMessage
  bytes: number
}

const isFraming = (name: string): boolean => {
  if (name.length !== 'content-length'.length && name.length !== 'transfer-encoding'.length) return false
  const lower = name.toLowerCase()
  return lower === 'content-length' || lower === 'transfer-encoding'
}

/** A body was announced. Looks at the raw list: `headers` is a copy that node makes of it when first asked, for every request. */
export const hasBody = ({ rawHeaders }: { readonly rawHeaders: readonly string[] }): boolean => {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (isFraming(rawHeaders[at] as string) && rawHeaders[at + 1] !== '0') return true
  }
  return false
}

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
