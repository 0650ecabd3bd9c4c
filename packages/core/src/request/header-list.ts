import { parseHost } from '../lib/host-name.ts'
import type { RequestReasonCode } from './reasons.ts'
import { statedPort } from './target.ts'

/** An HTTP/2 header list in the words of HTTP/1.1: what its pseudo-header fields say, and field lines that begin with Host. */
export interface HeaderList {
  readonly method: string
  /** Origin-form. */
  readonly target: string
  /** Names and values by turns. */
  readonly lines: readonly string[]
}

/** RFC 9113 section 8.3.1. `:protocol` of an extended CONNECT (RFC 8441) is none of them: we never offer it. */
const PSEUDO_FIELDS: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path'])
/** RFC 9113 section 8.2.2. What HTTP/2 ignores would frame or upgrade the message once it is HTTP/1.1 again. */
export const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
const UPPER_CASE = /[A-Z]/
/** RFC 9113 section 8.2.1: readers that trim and those that do not would part ways. */
const SPACE_AT_EDGE = /^[\t ]|[\t ]$/

interface Draft {
  readonly pseudo: Map<string, string>
  host: string | null
  /** Place of the one Cookie line in `lines`, of its value; -1 when there is none. */
  cookie: number
  readonly lines: string[]
}

/** Each once, before every other field (RFC 9113 section 8.3). */
const addPseudo = (draft: Draft, name: string, value: string): RequestReasonCode | null => {
  if (!PSEUDO_FIELDS.has(name) || draft.pseudo.has(name) || draft.lines.length > 0 || draft.host !== null)
    return 'request.pseudo_field'
  draft.pseudo.set(name, value)
  return null
}

/** RFC 9113 section 8.2.3: crumbs are one field, for readers that take the first line or the last. */
const addCookie = (draft: Draft, value: string): void => {
  if (draft.cookie < 0) draft.cookie = draft.lines.push('cookie', value) - 1
  else draft.lines[draft.cookie] += `; ${value}`
}

const addField = (draft: Draft, name: string, value: string): RequestReasonCode | null => {
  if (UPPER_CASE.test(name) || SPACE_AT_EDGE.test(value)) return 'request.field'
  if (CONNECTION_FIELDS.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers')) return 'request.connection_field'
  if (name === 'cookie') addCookie(draft, value)
  else if (name !== 'host') draft.lines.push(name, value)
  else if (draft.host !== null) return 'request.host'
  else draft.host = value
  return null
}

/** Host may repeat what `:authority` says; who reads one of them must find the same (RFC 9113 section 8.3.1). */
const agree = (authority: string, host: string | null, scheme: 'http' | 'https'): boolean => {
  if (host === null || host === authority) return true
  const [one, other] = [parseHost(authority), parseHost(host)]
  return one.ok && other.ok && one.host === other.host && statedPort(scheme, one.port) === statedPort(scheme, other.port)
}

const finish = ({ pseudo, host, lines }: Draft, transport: 'http' | 'https'): HeaderList | RequestReasonCode => {
  const method = pseudo.get(':method')
  // A CONNECT has neither scheme nor path (RFC 9113 section 8.5): it is refused for what it is, not for what it lacks.
  if (method === 'CONNECT') return 'request.method'
  const [scheme, authority, target] = [pseudo.get(':scheme'), pseudo.get(':authority'), pseudo.get(':path')]
  if (method === undefined || scheme === undefined || authority === undefined || target === undefined)
    return 'request.pseudo_field'
  if (scheme !== transport || !agree(authority, host, transport)) return 'request.target_authority'
  return target.startsWith('/') ? { method, target, lines: ['host', authority, ...lines] } : 'request.target_form'
}

/**
 * Reads the header list of an HTTP/2 request, names and values by turns as received. Refused: pseudo-header fields that are missing,
 * doubled, unknown or behind a field; connection-specific fields, `te` but for trailers; names in upper case; another scheme than the
 * transport's; Host that differs from `:authority`; a path that is no origin-form. Not checked: characters of names and values, and
 * the values of method, authority and path, which the reader of HTTP/1.1 judges.
 */
export const readHeaderList = (raw: readonly string[], transport: 'http' | 'https'): HeaderList | RequestReasonCode => {
  if (raw.length % 2 !== 0) return 'request.field'
  const draft: Draft = { pseudo: new Map(), host: null, cookie: -1, lines: [] }
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at] as string, raw[at + 1] as string]
    const code = name.startsWith(':') ? addPseudo(draft, name, value) : addField(draft, name, value)
    if (code !== null) return code
  }
  return finish(draft, transport)
}
