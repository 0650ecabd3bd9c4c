import { parseAddress, type Address } from '../lib/address.ts'
import { parseHost } from '../lib/host-name.ts'
import { METHODS, type AccessRequest, type HttpVersion, type Method } from '../model/access-request.ts'
import type { HeaderFact } from '../model/fact.ts'
import { clientAddress, type ProxyTrust } from './client-address.ts'
import { checkConnection, connectionTokens, readUpgrade } from './connection.ts'
import { readFields, type Fields } from './fields.ts'
import { readFraming } from './framing.ts'
import { readHeaderList } from './header-list.ts'
import { refusal, type Refusal, type RequestReasonCode } from './reasons.ts'
import { parseTarget, statedPort, type CanonicalTarget, type Origin } from './target.ts'

/** What a listener read, before anybody understood it. */
export interface RawRequest {
  readonly method: string
  /** As received, one character a byte. */
  readonly target: string
  /** `1.1`, `1.0`; anything else is refused. */
  readonly httpVersion: string
  /** Names and values by turns, as received (Node's `rawHeaders`). */
  readonly rawHeaders: readonly string[]
  /** Address of the socket's peer, without port. One with a zone id is refused: it names a host only together with a link. */
  readonly peer: string
  /** Of the transport itself, never of a header. */
  readonly scheme: 'http' | 'https'
  /** Epoch ms at arrival. */
  readonly at: number
  /** Server name of the TLS handshake; null without TLS or when none was sent. */
  readonly servername: string | null
  /** Source that a PROXY header named. The listener has checked that the peer may send one. */
  readonly proxied: Address | null
}

/** What a listener read of an HTTP/2 request; method, target and host are in its pseudo-header fields. */
export interface RawStreamRequest extends Omit<RawRequest, 'method' | 'target' | 'httpVersion'> {
  /** The whole header list, pseudo-header fields too, as received. */
  readonly rawHeaders: readonly string[]
}

export type RequestResult = { readonly ok: true; readonly request: AccessRequest } | Refusal

const isMethod = (text: string): text is Method => (METHODS as readonly string[]).includes(text)
const isVersion = (text: string): text is '1.0' | '1.1' => text === '1.1' || text === '1.0'

const namesHost = (servername: string, host: string): boolean => {
  const name = parseHost(servername)
  return name.ok && name.host === host && name.port === null
}

/** Host stands exactly once and not empty, also in HTTP/1.0, and agrees with the name the TLS connection was made for. */
const readOrigin = (raw: RawRequest, fields: HeaderFact): Origin | RequestReasonCode => {
  const host = parseHost(fields.get('host')?.[0] ?? '')
  if (!host.ok) return 'request.host'
  if (raw.servername !== null && raw.servername !== host.host && !namesHost(raw.servername, host.host))
    return 'request.misdirected'
  return { scheme: raw.scheme, host: host.host, port: statedPort(raw.scheme, host.port) }
}

interface Wire {
  readonly method: Method
  readonly httpVersion: HttpVersion
  readonly fields: Fields
}

/** Checks what is about the connection rather than the resource; the upgrade asked for. */
const readHop = ({ method, httpVersion, fields }: Wire): 'websocket' | null | RequestReasonCode => {
  const framing = readFraming(fields.byName, httpVersion)
  if (framing === null) return 'request.framing'
  const expect = fields.byName.get('expect')?.[0]
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return 'request.expect'
  // RFC 8470: any value counts as 1. A decision reads the clock and the address, so no method is safe to replay.
  if (fields.byName.has('early-data')) return 'request.early_data'
  const tokens = connectionTokens(fields.byName)
  if (tokens === null) return 'request.connection'
  return checkConnection(tokens) ?? readUpgrade({ fields: fields.byName, tokens, method, httpVersion, framing })
}

interface Parts {
  readonly wire: Wire
  readonly origin: Origin
  readonly target: CanonicalTarget
  readonly upgrade: 'websocket' | null
}

const seal = (raw: RawRequest, parts: Parts, addresses: { readonly peer: Address; readonly client: Address }): RequestResult => {
  const { origin, target, wire } = parts
  const request = {
    at: raw.at,
    method: wire.method,
    host: origin.host,
    port: origin.port,
    path: target.path.fact,
    target: target.text,
    query: target.query,
    headers: wire.fields.lines,
    fields: wire.fields.byName,
    upgrade: parts.upgrade,
    transport: { scheme: origin.scheme, peer: addresses.peer, client: addresses.client, httpVersion: wire.httpVersion },
    needs: target.path.needs,
  }
  return { ok: true, request: request as unknown as AccessRequest }
}

const readWire = (raw: RawRequest, httpVersion: HttpVersion): Wire | RequestReasonCode => {
  const { method } = raw
  if (!isMethod(method)) return 'request.method'
  const fields = readFields(raw.rawHeaders)
  return typeof fields === 'string' ? fields : { method, httpVersion, fields }
}

const readParts = (raw: RawRequest, httpVersion: HttpVersion): Parts | RequestReasonCode => {
  const wire = readWire(raw, httpVersion)
  if (typeof wire === 'string') return wire
  const origin = readOrigin(raw, wire.fields.byName)
  if (typeof origin === 'string') return origin
  const target = parseTarget(raw.target, origin)
  if (typeof target === 'string') return target
  const upgrade = readHop(wire)
  if (upgrade !== null && upgrade !== 'websocket') return upgrade
  return { wire, origin, target, upgrade }
}

const read = (raw: RawRequest, httpVersion: HttpVersion, trust: ProxyTrust): RequestResult => {
  const parts = readParts(raw, httpVersion)
  if (typeof parts === 'string') return refusal(parts)
  const peer = parseAddress(raw.peer)
  const client = peer === null ? null : clientAddress(raw.proxied ?? peer, parts.wire.fields.byName, trust)
  return peer === null || client === null ? refusal('request.client_address') : seal(raw, parts, { peer, client })
}

/**
 * Raw bytes to a request in its only spelling, or the code and status of a refusal. Total, synchronous, never throws. What it
 * accepts is forwarded as it stands in `target`: what is decided is what is served. Not checked: whether a service claims the
 * host, whether it accepts `needs`, and the body.
 */
export const fromHttp = (raw: RawRequest, trust: ProxyTrust): RequestResult =>
  isVersion(raw.httpVersion) ? read(raw, raw.httpVersion, trust) : refusal('request.http_version')

/**
 * `fromHttp` for an HTTP/2 request: brought into the words of HTTP/1.1, then read by the very same checks, so that both are one
 * request. Not checked: whether a body has the length that is stated, which is the listener's.
 */
export const fromStream = (raw: RawStreamRequest, trust: ProxyTrust): RequestResult => {
  const list = readHeaderList(raw.rawHeaders, raw.scheme)
  if (typeof list === 'string') return refusal(list)
  const { method, target, lines } = list
  return read({ ...raw, method, target, httpVersion: '2.0', rawHeaders: lines }, '2.0', trust)
}
