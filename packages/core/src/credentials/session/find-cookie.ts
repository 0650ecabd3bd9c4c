import { cookieNameFor, cookieValues, SESSION_SECRET } from '../../identity/session-cookie.ts'
import type { AccessRequest } from '../../model/access-request.ts'
import type { ReasonCode } from '../../model/reason.ts'

/**
 * The session cookie of the Cookie field. Which name it has depends on how the request came, so that over https only a cookie
 * counts that no other host and no plain connection could have set (`__Host-`). Two of the name are refused: one of them was put
 * there by somebody else (a tossed cookie). Total and linear. Says nothing about the session.
 */
export const findCookie = ({
  fields,
  transport,
}: Pick<AccessRequest, 'fields' | 'transport'>): { readonly value: string } | { readonly malformed: ReasonCode } | null => {
  const lines = fields.get('cookie')
  if (lines === undefined) return null
  const [first, second] = cookieValues(lines, cookieNameFor(transport.scheme))
  if (first === undefined) return null
  if (second !== undefined) return { malformed: 'session.several' }
  return SESSION_SECRET.test(first) ? { value: first } : { malformed: 'session.none' }
}
