import { randomBytes } from 'node:crypto'
import {
  type AccessRequest,
  cookieNameFor,
  cookieValues,
  type HeaderLine,
  SESSION_SECRET,
  sha256Base64Url,
} from '@balustrade/core/kit'

type Where = Pick<AccessRequest, 'fields' | 'transport'>
type Scheme = 'http' | 'https'

/** Tells the browser in which a login was begun from every other. One for all logins of the browser; lasts until it is closed. */
const loginCookieName = (scheme: Scheme): string => `${cookieNameFor(scheme)}-login`

const SECRET_BYTES = 32

/** A new secret, of the form of a session's. */
export const makeSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

/** The one value of the cookie of this name; null: none, several (one of them tossed), or of another form. */
const readSecret = ({ fields }: Where, name: string): string | null => {
  const values = cookieValues(fields.get('cookie') ?? [], name)
  const [only] = values
  return values.length === 1 && only !== undefined && SESSION_SECRET.test(only) ? only : null
}

export const loginSecretOf = (request: Where): string | null => readSecret(request, loginCookieName(request.transport.scheme))
export const sessionSecretOf = (request: Where): string | null => readSecret(request, cookieNameFor(request.transport.scheme))

/** SHA-256 of each cookie of ours that the browser sent: by any of them it is known again. */
export const browserMarks = (request: Where): readonly string[] =>
  [loginSecretOf(request), sessionSecretOf(request)].filter((secret) => secret !== null).map((secret) => sha256Base64Url(secret))

/**
 * RFC 6265bis: HttpOnly and host-only; over https under the `__Host-` prefix and Secure. Lax, because a browser that comes back from
 * the provider has to bring it.
 */
const cookieLine = (scheme: Scheme, name: string, value: string): HeaderLine => [
  'set-cookie',
  `${name}=${value}; Path=/; ${scheme === 'https' ? 'Secure; ' : ''}HttpOnly; SameSite=Lax`,
]

export const setLoginCookie = (scheme: Scheme, secret: string): HeaderLine => cookieLine(scheme, loginCookieName(scheme), secret)
export const setSessionCookie = (scheme: Scheme, secret: string): HeaderLine => cookieLine(scheme, cookieNameFor(scheme), secret)
export const clearSessionCookie = (scheme: Scheme): HeaderLine => {
  const [name, value] = cookieLine(scheme, cookieNameFor(scheme), '')
  return [name, `${value}; Max-Age=0`]
}
