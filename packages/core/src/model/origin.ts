import type { AccessRequest } from './access-request.ts'

/** `host[:port]` as the request names it. */
export const authorityOf = ({ host, port }: Pick<AccessRequest, 'host' | 'port'>): string =>
  port === null ? host : `${host}:${port}`

/** Origin of the request's target, in the serialisation browsers send (RFC 6454 section 6.1). */
export const originOf = (request: Pick<AccessRequest, 'host' | 'port' | 'transport'>): string =>
  `${request.transport.scheme}://${authorityOf(request)}`

/**
 * Sent from a page of its own origin or of one of `origins`, or by the person alone (Sec-Fetch-Site `none`). What says neither is
 * not; nor is a WebSocket without an Origin, which browsers always send (RFC 6455 section 4.1).
 */
export const isFromOrigin = (request: AccessRequest, origins: readonly string[]): boolean => {
  const origin = request.fields.get('origin')
  if (origin !== undefined) return origin.length === 1 && (origin[0] === originOf(request) || origins.includes(origin[0] ?? ''))
  if (request.upgrade !== null) return false
  const site = request.fields.get('sec-fetch-site')
  return site?.length === 1 && (site[0] === 'same-origin' || site[0] === 'none')
}
