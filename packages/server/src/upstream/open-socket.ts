import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface UpstreamTls {
  /** PEM certificates trusted for TLS upstreams; undefined: the system's. */
  readonly ca: string | undefined
}

/** Where an upstream is, and how to reach it. */
export interface Destination {
  readonly origin: string
  readonly tls: UpstreamTls
  /** ms for connecting and the TLS handshake. */
  readonly connectWithin: number
}

export interface SocketEvents {
  /** Connected, and over TLS: to whom the certificate names. Nothing may be sent before. */
  readonly onReady: () => void
  readonly onLate: () => void
  /** Bytes, good until it returns; absent for a socket that is read as a stream. */
  readonly onBytes?: (bytes: Buffer) => void
}

/** One read of a socket. Each connection has a buffer of its own. */
const READ_BYTES = 65_536

const readInto = (onBytes: SocketEvents['onBytes']) => {
  if (onBytes === undefined) return {}
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const callback = (bytes: number): boolean => {
    onBytes(buffer.subarray(0, bytes))
    return true
  }
  return { onread: { buffer, callback } }
}

const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port))

const openEither = ({ origin, tls }: Destination, events: SocketEvents): Socket => {
  const url = new URL(origin)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const common = { host, port: portOf(url), ...readInto(events.onBytes) }
  if (url.protocol !== 'https:') return connectPlain({ ...common, noDelay: true })
  const socket = connectTls({
    ...common,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  })
  socket.setNoDelay(true)
  return socket
}

/** Opens a socket to an upstream. Errors are the socket's own. */
export const openSocket = (destination: Destination, events: SocketEvents): Socket => {
  const socket = openEither(destination, events)
  const deadline = setTimeout(events.onLate, destination.connectWithin)
  const over = () => clearTimeout(deadline)
  socket.once('close', over)
  socket.once(destination.origin.startsWith('https:') ? 'secureConnect' : 'connect', () => {
    over()
    events.onReady()
  })
  return socket
}
