import type { AccessRequest } from '../../model/access-request.ts'
import { isFromOrigin } from '../../model/origin.ts'
import type { ServiceImage } from '../../model/policy-image.ts'
import type { ReasonCode } from '../../model/reason.ts'

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/**
 * A session goes along with whatever any page makes a browser send, so what changes something, and a WebSocket, must come from a
 * page of the same origin or of one the service lists for CORS (OWASP: cross-site request forgery, cross-site WebSocket
 * hijacking). What says neither where it comes from is refused.
 */
export const barCrossOrigin = (request: AccessRequest, service: ServiceImage): ReasonCode | null => {
  if (request.upgrade === null && SAFE.includes(request.method)) return null
  return isFromOrigin(request, service.cors?.credentials === true ? service.cors.origins : []) ? null : 'session.cross_origin'
}
