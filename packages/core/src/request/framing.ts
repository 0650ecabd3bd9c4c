import { parseContentLength } from '../lib/http-token.ts'
import type { HttpVersion } from '../model/access-request.ts'
import type { HeaderFact } from '../model/fact.ts'

/** How much body follows: a length in bytes (0 also when none is stated), or as many chunks as come. */
export type Framing = number | 'chunked'

/**
 * Reads the framing of a request (RFC 9112 section 6.3). Stricter than the RFC in refusing every transfer coding but `chunked`
 * alone: a second coding, or one in HTTP/1.0, is where readers part ways. Null when ambiguous. Both fields stand at most once.
 */
export const readFraming = (fields: HeaderFact, httpVersion: HttpVersion): Framing | null => {
  const length = fields.get('content-length')?.[0]
  const coding = fields.get('transfer-encoding')?.[0]
  if (coding === undefined) {
    return length === undefined ? 0 : parseContentLength(length)
  }
  if (length !== undefined || httpVersion === '1.0') return null
  return coding.toLowerCase() === 'chunked' ? 'chunked' : null
}

/** The framing of a request that was accepted. `unstated`: what follows when it states no length; HTTP/2 need not. */
export const framingOf = (fields: HeaderFact, unstated: Framing = 0): Framing => {
  if (fields.has('transfer-encoding')) return 'chunked'
  const length = fields.get('content-length')?.[0]
  return length === undefined ? unstated : Number(length)
}
