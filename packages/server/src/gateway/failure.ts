import { type Answer, type ReasonText, type Surroundings, answerMalformed } from '@balustrade/core/kit'
import type { UpstreamFailure } from '../upstream/failure-of.ts'

/** Why an allowed request was not served. Status by code. */
export const GATEWAY_REASONS: Readonly<Record<string, ReasonText & { readonly status: number }>> = {
  'upstream.none': {
    status: 502,
    text: 'The service has no address to forward to.',
    help: 'The operator sets `upstream` of the service.',
  },
  'upstream.unreachable': {
    status: 502,
    text: 'The service could not be reached.',
    help: 'Try again; the decision id helps the operator.',
  },
  'upstream.invalid': { status: 502, text: 'The service did not answer properly.', help: 'The decision id helps the operator.' },
  'upstream.timeout': {
    status: 504,
    text: 'The service did not answer in time.',
    help: 'Try again; the decision id helps the operator.',
  },
  'gateway.busy': { status: 503, text: 'Too many connections are open.', help: 'Try again in a moment.' },
  'gateway.too_slow': { status: 408, text: 'The request did not arrive in time.', help: 'Send it again.' },
  'gateway.bad_message': { status: 400, text: 'The bytes are no HTTP/1.1 request.', help: 'Use a current HTTP client.' },
  'gateway.header_too_large': { status: 431, text: 'The header is too large.', help: 'Send fewer or shorter fields.' },
}

/** The answer when an allowed request could not be served. The connection stays usable: it is the upstream that failed. */
export const answerOfFailure = (code: UpstreamFailure | 'upstream.none', decision: string, around: Surroundings): Answer => {
  const made = answerMalformed({ code, status: GATEWAY_REASONS[code]?.status ?? 502, decision }, around)
  return { ...made, headers: made.headers.filter(([name]) => name !== 'connection') }
}
