import type { AccessRequest } from '../../model/access-request.ts'
import type { ServiceImage } from '../../model/policy-image.ts'
import type { ReasonCode } from '../../model/reason.ts'

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

const originOf = ({ transport, host, port }: AccessRequest): string =>
  `${transport.scheme}://${host}${port === null ? '' : `:${port}`}`

/** Sent from a page of this origin, or by the person alone (Sec-Fetch-Site `none`). Old browsers say neither. */
const isFromHere = (request: AccessRequest, origins: readonly string[]): boolean => {
  const origin = request.fields.get('origin')
  if (origin !== undefined) return origin.length === 1 && (origin[0] === originOf(request) || origins.includes(origin[0] ?? ''))
  // A page that opens a WebSocket always says its origin (RFC 6455 section 4.1).
  if (request.upgrade !== null) return false
  const site = request.fields.get('sec-fetch-site')
  return site?.length === 1 && (site[0] === 'same-origin' || site[0] === 'none')
}

/**
 * A session goes along with whatever any page makes a browser send, so what changes something, and a WebSocket, must come from a
 * page of the same origin or of one the service lists for CORS (OWASP: cross-site request forgery, cross-site WebSocket
 * hijacking). What says neither where it comes from is refused.
 */
export const barCrossOrigin = (request: AccessRequest, service: ServiceImage): ReasonCode | null => {
  if (request.upgrade === null && SAFE.includes(request.method)) return null
  return isFromHere(request, service.cors?.credentials === true ? service.cors.origins : []) ? null : 'session.cross_origin'
}
