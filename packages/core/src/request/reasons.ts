import type { ReasonText } from '../model/reason.ts'

/** Why bytes did not become a request: what the caller reads, and the status of the answer. */
export interface RequestReason extends ReasonText {
  readonly status: 400 | 414 | 417 | 421 | 425 | 431 | 501 | 505
}

const reason = (status: RequestReason['status'], text: string, help: string): RequestReason => ({ status, text, help })
const bad = (text: string, help: string): RequestReason => reason(400, text, help)

/**
 * Every refusal of `request/`. A method outside the closed set answers 501 (RFC 9110 section 9.1), also TRACE and CONNECT:
 * 405 would need an `Allow` that only the upstream knows.
 */
export const REQUEST_REASONS = {
  'request.method': reason(
    501,
    'This method is not served here.',
    'Use GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE, in upper case.',
  ),
  'request.http_version': reason(505, 'This version of HTTP is not served here.', 'Use HTTP/1.1.'),
  'request.target_form': bad('The request target is not a path.', 'Send a path that begins with a slash.'),
  'request.target_authority': bad(
    'The request target names another origin than Host.',
    'Send a path, or an absolute URI that equals Host.',
  ),
  'request.target_too_long': reason(414, 'The request target is too long.', 'Send long values in the body.'),
  'request.path_characters': bad('The path holds a character that must be percent-encoded.', 'Percent-encode it once.'),
  'request.fragment': bad('The request target holds a fragment.', 'Leave out the part from # on.'),
  'request.backslash': bad('The path holds a backslash.', 'Use forward slashes.'),
  'request.empty_segment': bad('The path holds an empty segment.', 'Use single slashes.'),
  'request.dot_segment': bad('The path holds a . or .. segment.', 'Resolve the path before sending it.'),
  'request.disguised_encoding': bad(
    'The path encodes characters that need no encoding.',
    'Send letters, digits and dots as they are.',
  ),
  'request.malformed_encoding': bad('The path holds a % that is not followed by two hex digits.', 'Send a literal % as %25.'),
  'request.control_character': bad('The path holds a control character.', 'Leave it out.'),
  'request.invalid_utf8': bad('The path is not valid UTF-8 once decoded.', 'Percent-encode UTF-8.'),
  'request.space_at_edge': bad('A path segment begins or ends with white space.', 'Leave the white space out.'),
  'request.query_characters': bad('The query holds a character that must be percent-encoded.', 'Percent-encode it.'),
  'request.field': bad('A header field is not well formed.', 'Use the names and values of RFC 9110.'),
  'request.field_alias': bad('Two header fields differ only in punctuation.', 'Send one of them.'),
  'request.duplicate_field': bad('A header field that may stand once stands several times.', 'Send it once.'),
  'request.headers_too_large': reason(431, 'The header is too large.', 'Send fewer or shorter fields.'),
  'request.host': bad('There is not exactly one valid Host.', 'Send one Host field with the name of the service.'),
  'request.misdirected': reason(421, 'The TLS connection was made for another host.', 'Open a connection for this host.'),
  'request.pseudo_field': bad(
    'A pseudo-header field is missing, doubled, unknown or out of place.',
    'Begin with :method, :scheme, :authority and :path, each once.',
  ),
  'request.connection_field': bad(
    'A field about one connection has no place in HTTP/2.',
    'Leave out Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding and Upgrade; TE may say trailers.',
  ),
  'request.framing': bad('The length of the body is ambiguous.', 'Send either Content-Length or Transfer-Encoding: chunked.'),
  'request.expect': reason(417, 'The expectation cannot be met.', 'Send Expect: 100-continue or none.'),
  'request.connection': bad('Connection names a field that belongs to the whole way.', 'Name connection options only.'),
  'request.upgrade': bad(
    'The upgrade asked for is not served here.',
    'Use a complete WebSocket handshake of version 13, or none.',
  ),
  'request.early_data': reason(
    425,
    'The request came as early data, which can be replayed.',
    'Send it again after the handshake.',
  ),
  'request.client_address': bad('The address of the client cannot be told.', 'The operator of the proxy in front can say why.'),
} as const satisfies Readonly<Record<string, RequestReason>>

export type RequestReasonCode = keyof typeof REQUEST_REASONS

/** The bytes are no request that can be judged. */
export interface Refusal {
  readonly ok: false
  readonly code: RequestReasonCode
  readonly status: RequestReason['status']
}

export const refusal = (code: RequestReasonCode): Refusal => ({ ok: false, code, status: REQUEST_REASONS[code].status })
