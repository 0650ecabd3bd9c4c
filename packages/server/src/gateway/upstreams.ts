import { createUpstreamPool, type UpstreamPool } from '../upstream/pool.ts'
import type { UpstreamTls } from '../upstream/open-socket.ts'
import type { GatewayLimits } from './limits.ts'

/** Connection pools, one per service: never shared by host, so no connection made for one service carries another's request. */
export interface Upstreams {
  /** The pool of a service; made at first use, remade when the service's origin changes. */
  readonly of: (service: string, origin: string) => UpstreamPool
  /** Drops pools of services that are gone or moved; open requests finish. */
  readonly retain: (origins: ReadonlyMap<string, string>) => void
  readonly close: () => void
}

export interface UpstreamsParts {
  readonly limits: GatewayLimits
  readonly tls: UpstreamTls
  readonly monotonic: () => number
}

const createPool = (origin: string, { limits, tls, monotonic }: UpstreamsParts): UpstreamPool =>
  createUpstreamPool({
    origin,
    tls,
    connectWithin: limits.upstreamConnect,
    limits: {
      connections: limits.upstreamConnections,
      headBytes: limits.upstreamHeaderBytes,
      headWithin: limits.upstreamHeader,
    },
    monotonic,
  })

export const createUpstreams = (parts: UpstreamsParts): Upstreams => {
  const pools = new Map<string, UpstreamPool>()
  const retired = new Set<UpstreamPool>()
  const retire = (pool: UpstreamPool) => {
    retired.add(pool)
    pool.retire(() => retired.delete(pool))
  }
  return {
    of: (service, origin) => {
      const known = pools.get(service)
      if (known !== undefined && known.destination.origin === origin) return known
      if (known !== undefined) retire(known)
      const pool = createPool(origin, parts)
      pools.set(service, pool)
      return pool
    },
    retain: (origins) => {
      for (const [service, pool] of pools) {
        if (origins.get(service) === pool.destination.origin) continue
        pools.delete(service)
        retire(pool)
      }
    },
    close: () => {
      for (const pool of [...pools.values(), ...retired]) pool.destroy()
      pools.clear()
    },
  }
}
