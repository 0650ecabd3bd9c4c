/**
 * Name of the session cookie. Over https the prefix binds it to one host and to https (RFC 6265bis section 4.1.3.2). Plain http is
 * served on loopback only, or behind a proxy that ends TLS; there browsers refuse the prefix.
 */
export const cookieNameFor = (scheme: 'http' | 'https'): string => (scheme === 'https' ? '__Host-balustrade' : 'balustrade')

/** 32 random bytes in base64url. */
export const SESSION_SECRET = /^[A-Za-z0-9_-]{43}$/

/** Values of the cookies of this name, in order; names are compared exactly (RFC 6265 section 5.4). */
export const cookieValues = (lines: readonly string[], name: string): readonly string[] =>
  lines.flatMap((line) =>
    line.split(';').flatMap((pair) => {
      const [left = '', ...right] = pair.split('=')
      return left.trim() === name && right.length > 0 ? [right.join('=').trim()] : []
    }),
  )
