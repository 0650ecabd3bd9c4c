/** Every cap and deadline of the gateway, in one table. Bytes and ms. Configuration may lower or raise each (`limits:`). */
export interface GatewayLimits {
  /** Request line and header fields together. Beyond: 431, connection closed. */
  readonly headerBytes: number
  /** Header fields. Beyond: 431, connection closed. */
  readonly headerCount: number
  /** From the first byte of a connection or request to the end of its header. */
  readonly headerDeadline: number
  /** Silence while a request body is being received. */
  readonly bodyIdle: number
  /** Slowest accepted request body, bytes per second, judged over windows of `bodyIdle`. */
  readonly bodyRate: number
  /** TLS handshake. */
  readonly handshake: number
  /** Idle kept-alive connection. */
  readonly keepAlive: number
  /** Requests on one connection. */
  readonly requestsPerConnection: number
  /** Open connections in all. */
  readonly connections: number
  /** Open connections from one address. */
  readonly connectionsPerAddress: number
  /** HTTP/2: requests under way on one connection. Beyond: refused, to be sent again (REFUSED_STREAM). */
  readonly concurrentStreams: number
  /** HTTP/2: requests of one connection that end before their answer does and not by us, within 10 s. Beyond: connection closed. */
  readonly streamResets: number
  /** Connecting to an upstream. */
  readonly upstreamConnect: number
  /** From the end of the request to the upstream's header. */
  readonly upstreamHeader: number
  /** Silence of an upstream while it sends a body; event streams are exempt. */
  readonly upstreamBodyIdle: number
  /** Connections to one upstream. */
  readonly upstreamConnections: number
  /** Header bytes of an upstream's answer. Beyond: 502. */
  readonly upstreamHeaderBytes: number
  /** Waiting for open requests when shutting down. */
  readonly drain: number
}

export const GATEWAY_LIMITS: GatewayLimits = {
  headerBytes: 32_768,
  headerCount: 100,
  headerDeadline: 10_000,
  bodyIdle: 30_000,
  bodyRate: 256,
  handshake: 5_000,
  keepAlive: 65_000,
  requestsPerConnection: 10_000,
  connections: 20_000,
  connectionsPerAddress: 2_000,
  concurrentStreams: 100,
  streamResets: 200,
  upstreamConnect: 3_000,
  upstreamHeader: 30_000,
  upstreamBodyIdle: 60_000,
  upstreamConnections: 128,
  upstreamHeaderBytes: 32_768,
  drain: 30_000,
}
