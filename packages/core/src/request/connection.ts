import { isToken, parseList } from '../lib/http-token.ts'
import type { HttpVersion } from '../model/access-request.ts'
import type { HeaderFact } from '../model/fact.ts'
import { END_TO_END_FIELDS } from './field-table.ts'
import type { Framing } from './framing.ts'
import type { RequestReasonCode } from './reasons.ts'

const NONE: ReadonlySet<string> = new Set()
/** What nearly every client sends; it names no field. */
const COMMON: ReadonlySet<string> = new Set(['keep-alive', 'close'])
/** Base64 of exactly 16 bytes (RFC 6455 section 4.1): the last character carries four bits. */
const WEBSOCKET_KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/** Connection options in lower case; null when a line is no list of tokens. */
export const connectionTokens = (fields: HeaderFact): ReadonlySet<string> | null => {
  const lines = fields.get('connection')
  if (lines === undefined || (lines.length === 1 && COMMON.has((lines[0] as string).toLowerCase()))) return NONE
  const tokens = new Set<string>()
  for (const line of lines) {
    const items = parseList(line)
    if (items === null || !items.every(isToken)) return null
    for (const item of items) tokens.add(item.toLowerCase())
  }
  return tokens
}

/** Refuses options that would take away what the request means. */
export const checkConnection = (tokens: ReadonlySet<string>): RequestReasonCode | null => {
  for (const token of tokens) if (END_TO_END_FIELDS.has(token)) return 'request.connection'
  return null
}

export interface Handshake {
  readonly fields: HeaderFact
  readonly tokens: ReadonlySet<string>
  readonly method: string
  readonly httpVersion: HttpVersion
  readonly framing: Framing
}

const first = (fields: HeaderFact, name: string): string => fields.get(name)?.[0] ?? ''

/** RFC 6455 section 4.2.1. A body before the tunnel would be its first bytes to one reader and a body to another. */
const isWebSocket = ({ fields, tokens, method, httpVersion, framing }: Handshake): boolean => {
  const asked = method === 'GET' && httpVersion === '1.1' && framing === 0 && tokens.has('upgrade')
  const protocol = first(fields, 'upgrade').toLowerCase() === 'websocket' && first(fields, 'sec-websocket-version') === '13'
  return asked && protocol && WEBSOCKET_KEY.test(first(fields, 'sec-websocket-key'))
}

/**
 * The closed set of upgrades: a complete WebSocket handshake, or none. Everything else with an Upgrade field is refused, h2c
 * too: RFC 9110 section 7.8 would let us ignore it, but a tunnel that somebody behind opens is decided by nobody.
 * `Connection: upgrade` without Upgrade asks for nothing and passes; many proxies always send it.
 */
export const readUpgrade = (handshake: Handshake): 'websocket' | null | RequestReasonCode => {
  if (!handshake.fields.has('upgrade')) return null
  return isWebSocket(handshake) ? 'websocket' : 'request.upgrade'
}
