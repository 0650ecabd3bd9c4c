import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import { withoutOwnCookies } from '../model/own-cookies.ts'
import { connectionTokens } from './connection.ts'
import { HOP_FIELDS, LOWER_NAMES } from './field-table.ts'
import type { ManagedNames } from './managed-fields.ts'

/**
 * The client's end-to-end lines, in order and as spelled: without hop-by-hop fields and what Connection names (RFC 9110
 * section 7.6.1), without Host, Content-Length and Expect, which the point writes itself, and without every managed field. Of a
 * Cookie field the point's own cookies are taken out, whether or not the service accepts sessions or has credentials sent on. The
 * point adds its own lines after this; a client can name none of them away.
 */
export const forwardableHeaders = (request: AccessRequest, isManaged: ManagedNames): readonly HeaderLine[] => {
  const named = connectionTokens(request.fields)
  const lines: HeaderLine[] = []
  for (const line of request.headers) {
    const lower = LOWER_NAMES.get(line[0]) ?? line[0].toLowerCase()
    if (HOP_FIELDS.has(lower) || named?.has(lower) === true || isManaged(lower)) continue
    const kept = lower === 'cookie' ? withoutOwnCookies(line) : line
    if (kept !== null) lines.push(kept)
  }
  return lines
}
