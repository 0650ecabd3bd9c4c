import type { AccessRequest } from './access-request.ts'

/** `host[:port]` as the request names it. */
export const authorityOf = ({ host, port }: Pick<AccessRequest, 'host' | 'port'>): string =>
  port === null ? host : `${host}:${port}`

/** Origin of the request's target, in the serialisation browsers send (RFC 6454 section 6.1). */
export const originOf = (request: Pick<AccessRequest, 'host' | 'port' | 'transport'>): string =>
  `${request.transport.scheme}://${authorityOf(request)}`

/** The value of a field that stands there once; null otherwise. */
const single = (values: readonly string[] | undefined): string | null => (values?.length === 1 ? (values[0] ?? null) : null)

/**
 * Sent from a page of its own origin or of one of `origins`, or by the person alone (Sec-Fetch-Site `none`). What says neither is
 * not; nor is a WebSocket without an Origin, which browsers always send (RFC 6455 section 4.1). Pages under `Referrer-Policy:
 * no-referrer` send `Origin: null` with their forms (Fetch section 3.1), as do sandboxed frames and others; of these only the former
 * are `same-origin` to Sec-Fetch-Site, which no page can write.
 */
export const isFromOrigin = (request: AccessRequest, origins: readonly string[]): boolean => {
  const origin = request.fields.get('origin')
  const named = single(origin)
  if (origin !== undefined && named !== 'null') return named === originOf(request) || (named !== null && origins.includes(named))
  const site = single(request.fields.get('sec-fetch-site'))
  return request.upgrade === null && (site === 'same-origin' || (site === 'none' && origin === undefined))
}
