import { Pool } from 'undici'
import type { GatewayLimits } from './limits.ts'

/** Connection pools, one per service: never shared by host, so no connection made for one service carries another's request. */
export interface Upstreams {
  /** The pool of a service; made at first use, remade when the service's origin changes. */
  readonly of: (service: string, origin: string) => Pool
  /** Drops pools of services that are gone or moved; open requests finish. */
  readonly retain: (origins: ReadonlyMap<string, string>) => void
  readonly close: () => Promise<void>
}

export interface UpstreamTls {
  /** PEM certificates trusted for TLS upstreams; undefined: the system's. */
  readonly ca: string | undefined
}

const createPool = (origin: string, limits: GatewayLimits, tls: UpstreamTls): Pool =>
  new Pool(origin, {
    allowH2: false,
    pipelining: 1,
    connections: limits.upstreamConnections,
    headersTimeout: limits.upstreamHeader,
    // Silence of a body is timed by the relay, which exempts event streams.
    bodyTimeout: 0,
    maxHeaderSize: limits.upstreamHeaderBytes,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
    strictContentLength: true,
    connect: { timeout: limits.upstreamConnect, rejectUnauthorized: true, ...(tls.ca === undefined ? {} : { ca: tls.ca }) },
  })

interface Entry {
  readonly origin: string
  readonly pool: Pool
}

export const createUpstreams = (limits: GatewayLimits, tls: UpstreamTls): Upstreams => {
  const entries = new Map<string, Entry>()
  const retired = new Set<Promise<void>>()
  const retire = (entry: Entry) => {
    const closing: Promise<void> = entry.pool.close().then(
      () => void retired.delete(closing),
      () => void retired.delete(closing),
    )
    retired.add(closing)
  }
  return {
    of: (service, origin) => {
      const known = entries.get(service)
      if (known !== undefined && known.origin === origin) return known.pool
      if (known !== undefined) retire(known)
      const pool = createPool(origin, limits, tls)
      entries.set(service, { origin, pool })
      return pool
    },
    retain: (origins) => {
      for (const [service, entry] of entries) {
        if (origins.get(service) === entry.origin) continue
        entries.delete(service)
        retire(entry)
      }
    },
    close: async () => {
      const pools = [...entries.values()].map((entry) => entry.pool.destroy())
      entries.clear()
      await Promise.allSettled([...pools, ...retired])
    },
  }
}
