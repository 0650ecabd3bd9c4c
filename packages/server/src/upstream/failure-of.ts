// Requests to upstreams over HTTP/1.1: pooled connections, one request at a time on each. Reads answers strictly; decides nothing.

/** Why an upstream's answer could not be had. */
export type UpstreamFailure = 'upstream.unreachable' | 'upstream.timeout' | 'upstream.invalid'

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])

/** For an error of the socket. Anything not known to be of the network is `invalid`: a certificate that is not trusted, say. */
export const failureOf = (error: Error): UpstreamFailure => {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ETIMEDOUT') return 'upstream.timeout'
  return UNREACHABLE.has(code) ? 'upstream.unreachable' : 'upstream.invalid'
}
