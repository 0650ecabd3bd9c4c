import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import { connectionTokens } from './connection.ts'
import { HOP_FIELDS, LOWER_NAMES } from './field-table.ts'
import { isManaged, type ManagedNames } from './managed-fields.ts'

/**
 * The client's end-to-end lines, in order and as spelled: without hop-by-hop fields and what Connection names (RFC 9110
 * section 7.6.1), without Host, Content-Length and Expect, which the point writes itself, and without every managed field.
 * The point adds its own lines after this; a client can name none of them away.
 */
export const forwardableHeaders = (request: AccessRequest, managed: ManagedNames): readonly HeaderLine[] => {
  const named = connectionTokens(request.fields)
  return request.headers.filter(([name]) => {
    const lower = LOWER_NAMES.get(name) ?? name.toLowerCase()
    return !HOP_FIELDS.has(lower) && named?.has(lower) !== true && !isManaged(lower, managed)
  })
}
