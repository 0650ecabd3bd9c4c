import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'

/** Addresses whose connections were closed for what they did. Each connection has its limits for itself, and a client that begins anew would have them anew. */
export interface Offenders {
  /** A connection of this address was closed for what it did. */
  readonly note: (address: string) => void
  /** So many were, each within ten seconds of the last, that its next ones have to wait. */
  readonly include: (address: string) => boolean
  readonly close: () => void
}

interface Offence {
  readonly count: number
  /** Monotonic ms. */
  readonly last: number
}

const MOST = 4
/** ms without an offence after which earlier ones are forgotten. */
const SPAN = 10_000

export const createOffenders = (monotonic: () => number): Offenders => {
  const known = new Map<string, Offence>()
  const isPast = ({ last }: Offence): boolean => monotonic() - last > SPAN
  const timer = setInterval(() => {
    for (const [address, offence] of known) if (isPast(offence)) known.delete(address)
  }, SPAN).unref()
  return {
    note: (address) => {
      const before = known.get(address)
      const count = before === undefined || isPast(before) ? 1 : before.count + 1
      known.set(address, { count, last: monotonic() })
    },
    include: (address) => {
      const offence = known.get(address)
      return offence !== undefined && offence.count >= MOST && !isPast(offence)
    },
    close: () => clearInterval(timer),
  }
}

/** ms between two handshakes of an offending address. */
const PAUSE = 100
/** Its connections that wait for theirs; the next is closed. None waits longer than a handshake may take. */
const WAITING = 50

/**
 * Lets connections of an address begin TLS one after the other where `mustWait` says so: a handshake costs far more than whatever else
 * such a connection can do before it is closed, and the others would pay for it. Connections that are open go on.
 */
export const paceHandshakes = (
  server: HttpsServer,
  addressOf: (socket: Socket) => string,
  mustWait: (address: string) => boolean,
): void => {
  const waiting = new Map<string, Socket[]>()
  const begin = server.listeners('connection')
  const admit = (socket: Socket): void => {
    for (const act of begin) act.call(server, socket)
  }
  const admitNext = (address: string, queue: Socket[]): void => {
    let next = queue.shift()
    while (next?.destroyed === true) next = queue.shift()
    if (next === undefined) return void waiting.delete(address)
    admit(next)
    setTimeout(() => admitNext(address, queue), PAUSE).unref()
  }
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket)
    const queue = waiting.get(address)
    if (queue === undefined && !mustWait(address)) return admit(socket)
    if (queue !== undefined && queue.length >= WAITING) return void socket.destroy()
    socket.on('error', () => {})
    if (queue !== undefined) return void queue.push(socket)
    const begun = [socket]
    waiting.set(address, begun)
    admitNext(address, begun)
  })
}
