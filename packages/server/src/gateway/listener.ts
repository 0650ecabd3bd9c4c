import { createServer as createHttpServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https'
import { createServer as createNetServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Address, parseAddress } from '@balustrade/core/kit'
import { createBodyGuard } from './body-guard.ts'
import { createConnectionCap } from './connection-cap.ts'
import { createDrain } from './drain.ts'
import { type Entrance, type GatewayParts, handleRequest } from './gateway.ts'
import type { GatewayLimits } from './limits.ts'
import { createOffenders, paceHandshakes } from './offenders.ts'
import { readProxyHeader } from './proxy-header.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { handleUpgrade, malformedHead } from './tunnel.ts'

export interface ListenerSettings {
  readonly host: string
  readonly port: number
  /** PEM texts; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Peers that must send a PROXY header; null: the listener expects none. */
  readonly proxyHeaderFrom: ((peer: string) => boolean) | null
}

export interface Listener {
  readonly port: number
  /** Serves new TLS connections with another certificate; open ones go on. */
  readonly renew: (tls: ListenerSettings['tls']) => void
  /** Stops accepting; resolves when open exchanges are over or `drain` ms have passed. */
  readonly close: (drain: number) => Promise<void>
}

const serverOptions = (limits: GatewayLimits): ServerOptions => ({
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headerDeadline,
  // The whole request is bounded by the body guard's rate: large uploads take their time, slow ones are cut.
  requestTimeout: 0,
  keepAliveTimeout: limits.keepAlive,
  connectionsCheckingInterval: 1_000,
  insecureHTTPParser: false,
  // Host is checked by the canonicaliser, which records the refusal.
  requireHostHeader: false,
  noDelay: true,
})

const createServer = (settings: ListenerSettings, limits: GatewayLimits): Server => {
  const options = serverOptions(limits)
  if (settings.tls === null) return createHttpServer(options)
  const tls = { ...settings.tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.handshake } as const
  return createHttpsServer({ ...options, ...tls, ALPNProtocols: ['h2', 'http/1.1'] })
}

const REFUSALS: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  HPE_HEADER_OVERFLOW: { code: 'gateway.header_too_large', status: 431 },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'gateway.too_slow', status: 408 },
}
const BAD_MESSAGE = { code: 'gateway.bad_message', status: 400 }

const onClientError = (parts: GatewayParts) => (error: Error & { readonly code?: string }, socket: Socket) => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const refusal = REFUSALS[error.code ?? ''] ?? BAD_MESSAGE
  socket.end(malformedHead(parts, { ...refusal, peer: socket.remoteAddress ?? '' }), 'latin1')
  // What is still on the wire is never read as another request.
  socket.destroySoon()
}

/** Sources named by PROXY headers, by the peer's address and port: a TLS socket is another object than the one the header came on. */
type Sources = Map<string, Address | null>

const sourceKey = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`

/** One listening socket and what it needs to know. */
interface Listening {
  readonly server: Server
  readonly settings: ListenerSettings
  readonly limits: GatewayLimits
  readonly sources: Sources
}

const entranceFor = ({ settings, sources }: Listening, protocol: Entrance['protocol']) => {
  const scheme = settings.tls === null ? 'http' : 'https'
  return (socket: Socket): Entrance => ({ scheme, proxied: sources.get(sourceKey(socket)) ?? null, protocol })
}

/** Of the client, where a PROXY header names it: all clients behind a proxy share the address of their connections. */
const addressFor =
  ({ sources }: Listening) =>
  (socket: Socket): string =>
    sources.get(sourceKey(socket))?.text ?? socket.remoteAddress ?? ''

const isProxyFor =
  ({ trust }: GatewayParts) =>
  (text: string): boolean => {
    const address = parseAddress(text)
    return address !== null && trust().proxies.has(address)
  }

/** Connections whose handshake chose HTTP/2 are taken from the server; all others go on to it as they would without us. */
const divertHttp2 = (parts: GatewayParts, listening: Listening): Sessions | null => {
  const { server, limits } = listening
  if (!(server instanceof HttpsServer)) return null
  const entranceOf = entranceFor(listening, 'h2')
  const addressOf = addressFor(listening)
  const offenders = createOffenders(parts.clock.monotonic)
  paceHandshakes(server, addressOf, offenders.include)
  const sessions = createSessions({
    limits,
    monotonic: parts.clock.monotonic,
    offenders,
    addressOf,
    isProxy: isProxyFor(parts),
    onRequest: (socket, message, response) => handleRequest(parts, entranceOf(socket), { message, response }),
  })
  const serve = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') sessions.begin(socket)
    else for (const act of serve) act.call(server, socket)
  })
  return sessions
}

const wire = (parts: GatewayParts, listening: Listening): void => {
  const { server } = listening
  const entranceOf = entranceFor(listening, 'http/1.1')
  server.on('request', (message, response) => handleRequest(parts, entranceOf(message.socket), { message, response }))
  server.on('checkContinue', (message, response) => handleRequest(parts, entranceOf(message.socket), { message, response }))
  server.on('checkExpectation', (message, response) => handleRequest(parts, entranceOf(message.socket), { message, response }))
  server.on('upgrade', (message, socket, head) => handleUpgrade(parts, entranceOf(message.socket), { message, socket, head }))
  server.on('connect', (_message, socket: Socket) => onClientError(parts)(new Error('CONNECT'), socket))
  server.on('clientError', (error: Error, socket) => onClientError(parts)(error, socket as Socket))
}

const listen = (server: NetServer, settings: ListenerSettings): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: settings.host, port: settings.port }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** A plain server in front that takes the PROXY header off each connection before HTTP or TLS sees it. */
const withProxyHeader = ({ server, settings, limits, sources }: Listening): NetServer => {
  const allowed = settings.proxyHeaderFrom ?? (() => false)
  return createNetServer({ noDelay: true }, (socket) =>
    readProxyHeader(socket, {
      allowed,
      deadline: limits.headerDeadline,
      onReady: (ready, source) => {
        const key = sourceKey(ready)
        sources.set(key, source)
        ready.once('close', () => sources.delete(key))
        server.emit('connection', ready)
        // TLS reads what came with the header by itself, and would lose it to whoever lets it flow.
        if (settings.tls === null) ready.resume()
      },
    }),
  )
}

/** Opens one listening socket of the gateway. Rejects with the system's error when the address cannot be had. */
export const openListener = async (parts: GatewayParts, settings: ListenerSettings, limits: GatewayLimits): Promise<Listener> => {
  const server = createServer(settings, limits)
  const listening: Listening = { server, settings, limits, sources: new Map() }
  server.maxHeadersCount = limits.headerCount
  server.maxRequestsPerSocket = limits.requestsPerConnection
  wire(parts, listening)
  const sessions = divertHttp2(parts, listening)
  createBodyGuard(server, limits)
  const outer = settings.proxyHeaderFrom === null ? server : withProxyHeader(listening)
  createConnectionCap(outer, limits)
  const drain = createDrain(outer, server, sessions)
  // Node watches over the deadline for headers from this event on, which the server behind a PROXY header would never see.
  if (outer !== server) server.emit('listening')
  const port = await listen(outer, settings)
  return {
    port,
    renew: (tls) => {
      if (tls !== null && server instanceof HttpsServer) server.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
    },
    close: drain.end,
  }
}
