import { parseHost } from '../lib/host-name.ts'
import { REQUEST_LIMITS } from './limits.ts'
import { parsePath, type CanonicalPath } from './path.ts'
import type { RequestReasonCode } from './reasons.ts'

/** Where a request goes: the transport's scheme, the canonical host, and the port (null: the scheme's own). */
export interface Origin {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number | null
}

export interface CanonicalTarget {
  readonly path: CanonicalPath
  readonly query: string | null
  readonly text: string
}

const ABSOLUTE = /^(https?):\/\/([^/?#]*)(\/.*)$/is
/**
 * The query is data for the upstream: no rule reads it, so a stray `%` or an escaped control passes. Refused is what some
 * reader ends the target at: controls, space, `#`, and bytes that are not ASCII.
 */
const QUERY = /^[\u0021\u0022\u0024-\u007e]*$/

/** The port as stated, or null where it is the scheme's own. */
export const statedPort = (scheme: 'http' | 'https', port: number | null): number | null =>
  port === (scheme === 'https' ? 443 : 80) ? null : port

/** The origin-form of an absolute-form target, if it names the very origin that Host and the transport name. */
const fromAbsolute = (target: string, origin: Origin): { readonly origin: string } | RequestReasonCode => {
  const parts = ABSOLUTE.exec(target)
  if (parts === null) return 'request.target_form'
  const [, scheme, authority, rest] = parts as unknown as [string, string, string, string]
  const host = parseHost(authority)
  const same = host.ok && host.host === origin.host && statedPort(origin.scheme, host.port) === origin.port
  return same && scheme.toLowerCase() === origin.scheme ? { origin: rest } : 'request.target_authority'
}

const fromOrigin = (target: string): CanonicalTarget | RequestReasonCode => {
  const mark = target.indexOf('?')
  const path = parsePath(mark < 0 ? target : target.slice(0, mark))
  if (typeof path === 'string') return path
  if (mark < 0) return { path, query: null, text: path.text }
  const query = target.slice(mark + 1)
  if (!QUERY.test(query)) return query.includes('#') ? 'request.fragment' : 'request.query_characters'
  return { path, query, text: `${path.text}?${query}` }
}

/**
 * Reads a request target (RFC 9112 section 3.2): origin-form, or absolute-form equal to Host. Refused: authority-form,
 * asterisk-form (it names no resource to decide about), a path that does not begin with a slash.
 */
export const parseTarget = (target: string, origin: Origin): CanonicalTarget | RequestReasonCode => {
  if (target.length > REQUEST_LIMITS.target) return 'request.target_too_long'
  if (target.charCodeAt(0) === 0x2f) return fromOrigin(target)
  const absolute = fromAbsolute(target, origin)
  return typeof absolute === 'string' ? absolute : fromOrigin(absolute.origin)
}
