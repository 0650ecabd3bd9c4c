import type { AccessRequest } from '../model/access-request.ts'
import type { ReasonCode } from '../model/reason.ts'

/** Every API key begins so; no JWT does, whose first character is that of a JSON object. */
export const KEY_PREFIX = 'balk_'

/** RFC 6750 section 2.1: one space and one b64token. The scheme is compared without case (RFC 9110 section 11.1). */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i

type Where = Pick<AccessRequest, 'fields' | 'query'>
/** What is presented, unverified. */
type Presented = { readonly value: string } | { readonly malformed: ReasonCode } | null

const MALFORMED = { malformed: 'credential.malformed' } as const
const SEVERAL = { malformed: 'credential.several' } as const

/** A parameter named `access_token`, however its name is percent-encoded. */
const asksByQuery = (query: string): boolean =>
  (query.includes('access_token') || query.includes('%')) && new URLSearchParams(query).has('access_token')

/**
 * The token of the Authorization field. `null`: no such field; a token in the query alone is no credential here, and one in
 * a form is never looked for (RFC 6750 sections 2.2 and 2.3 are optional; such tokens end in access logs). Any other scheme,
 * a second field, and anything around the one token are refused: what another reader might take for a credential must not
 * be taken for the lack of one. Total and linear. Says nothing about the token.
 */
const findBearer = (request: Where): Presented => {
  const lines = request.fields.get('authorization')
  if (lines === undefined) return null
  if (lines.length !== 1 || (request.query !== null && asksByQuery(request.query))) return SEVERAL
  const token = BEARER.exec(lines[0] as string)?.[1]
  return token === undefined ? MALFORMED : { value: token }
}

const isKey = (found: Presented): boolean => found !== null && 'value' in found && found.value.startsWith(KEY_PREFIX)

/** A token in the Authorization field that is no API key. What is malformed there counts as a token. */
export const findToken = (request: Where): Presented => {
  const found = findBearer(request)
  return isKey(found) ? null : found
}

/** How a field with a key begins. Whatever else stands there is none, and is not read a second time. */
const KEY_START = new RegExp(`^bearer ${KEY_PREFIX}`, 'i')

/** An API key in the Authorization field, which is to be given in the same way as a token. */
export const findKey = (request: Where): Presented => {
  if (!KEY_START.test(request.fields.get('authorization')?.[0] ?? '')) return null
  const found = findBearer(request)
  return isKey(found) ? found : null
}
