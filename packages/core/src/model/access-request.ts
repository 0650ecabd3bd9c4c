import type { Address } from '../lib/address.ts'

/** RFC 9110 section 9 and RFC 5789. Anything else is refused before a decision; TRACE and CONNECT are never served. */
export const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]
export const READ_METHODS: readonly Method[] = ['GET', 'HEAD', 'OPTIONS']

/**
 * Spellings that are refused unless the service's `routing.accepts` lists them, because upstreams disagree about them.
 * They are forwarded opaque, exactly as sent.
 */
export const TOLERANCES = ['encoded-slash', 'encoded-delimiter', 'semicolon', 'double-encoding'] as const
export type Tolerance = (typeof TOLERANCES)[number]

export interface PathFact {
  /** Decoded segments, without the empty one a trailing slash leaves. `/` has none. */
  readonly segments: readonly string[]
  readonly trailingSlash: boolean
}

/** A field line as received: name in its original spelling, value without surrounding whitespace. */
export type HeaderLine = readonly [name: string, value: string]

/** As node says it. */
export type HttpVersion = '1.0' | '1.1' | '2.0'

export interface TransportFacts {
  readonly scheme: 'http' | 'https'
  /** The socket's peer. */
  readonly peer: Address
  /** Client address: the peer, or what trusted proxies say, walked from the right. */
  readonly client: Address
  readonly httpVersion: HttpVersion
}

declare const canonical: unique symbol

/** One request in its only spelling. Made by `request/` alone (the brand); what is decided is what is forwarded. */
export interface AccessRequest {
  readonly [canonical]: true
  /** Epoch ms at arrival. */
  readonly at: number
  readonly method: Method
  /** Lower-case A-labels or IP literal, no trailing dot, no port. */
  readonly host: string
  readonly port: number | null
  readonly path: PathFact
  /** Canonical request target in origin-form (path and query): the bytes that are forwarded. */
  readonly target: string
  /** Without `?`; null when there is none. Never read by path conditions. */
  readonly query: string | null
  readonly headers: readonly HeaderLine[]
  /** Field values by lower-case name, in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly upgrade: 'websocket' | null
  readonly transport: TransportFacts
  /** Spellings present in this request that only a service which accepts them may serve. */
  readonly needs: readonly Tolerance[]
}
