import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import type { Answer, Engine } from '../model/engine.ts'
import { metadataDocument } from './metadata.ts'

/** First segment of the paths that belong to the enforcement point on every host; never forwarded. */
export const RESERVED_SEGMENT = '.balustrade'

export interface ReservedContent {
  readonly serviceAt: Engine['serviceAt']
  /** RFC 7517 key set of the assertions; null when this point signs none. */
  readonly keySet: string | null
}

/** `refuse`: a path under the reserved prefix, or metadata of nothing: 404 `path.reserved`. */
export type ReservedAnswer = Answer | 'refuse' | null

const JSON_HEADERS: readonly HeaderLine[] = [
  ['content-type', 'application/json'],
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'public, max-age=60'],
  ['access-control-allow-origin', '*'],
]

const isRead = (request: AccessRequest): boolean => request.method === 'GET' || request.method === 'HEAD'

const document = (request: AccessRequest, body: string | null): ReservedAnswer =>
  body === null || !isRead(request)
    ? 'refuse'
    : { status: 200, headers: JSON_HEADERS, body: request.method === 'HEAD' ? '' : body }

/**
 * Discovery documents, which are public by their nature (RFC 9728 section 3: retrieved without authentication) and hold nothing
 * that depends on the caller. Null: the request is not for a reserved path and is to be judged.
 */
export const answerReserved = (request: AccessRequest, content: ReservedContent): ReservedAnswer => {
  const { segments } = request.path
  if (segments[0] === RESERVED_SEGMENT) {
    return document(request, segments.length === 2 && segments[1] === 'keys' ? content.keySet : null)
  }
  if (segments[0] !== '.well-known' || segments[1] !== 'oauth-protected-resource') return null
  const found = content.serviceAt(request.host, segments.slice(2))
  return document(request, found === null ? null : metadataDocument(found.service, found.image, request))
}
