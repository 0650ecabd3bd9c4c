const names = (text: string): readonly string[] => text.trim().split(/\s+/)

/**
 * Fields that stand at most once; a second line is refused even when equal, because one reader takes the first and another the
 * last (RFC 9110 section 5.3; Cookie: RFC 6265 section 5.4; DPoP: RFC 9449 section 4.3).
 */
export const SINGLE_FIELDS: ReadonlySet<string> = new Set(
  names(`
    access-control-request-method authorization content-disposition content-length content-location content-range content-type
    cookie date dpop early-data expect from host idempotency-key if-modified-since if-range if-unmodified-since max-forwards
    origin proxy-authorization range referer sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-websocket-key
    sec-websocket-version traceparent transfer-encoding upgrade upgrade-insecure-requests user-agent
  `),
)

/** Fields about one connection (RFC 9110 section 7.6.1, RFC 9112 appendix C), and those a point writes itself. */
export const HOP_FIELDS: ReadonlySet<string> = new Set(
  names(`
    connection content-length expect host http2-settings keep-alive proxy-authenticate proxy-connection te trailer
    transfer-encoding upgrade
  `),
)

/**
 * Fields that Connection must not name: without them the request that arrives is not the one that was decided. RFC 9110
 * section 7.6.1 forbids a sender to name what is meant for every recipient.
 */
export const END_TO_END_FIELDS: ReadonlySet<string> = new Set(
  names(`
    access-control-request-headers access-control-request-method authorization cache-control content-disposition
    content-encoding content-length content-location content-range content-type cookie date dpop early-data expect from host
    idempotency-key if-match if-modified-since if-none-match if-range if-unmodified-since origin range referer sec-fetch-dest
    sec-fetch-mode sec-fetch-site sec-fetch-user sec-websocket-key sec-websocket-protocol sec-websocket-version signature
    signature-input transfer-encoding
  `),
)

const COMMON_FIELDS = names(`
  accept accept-charset accept-encoding accept-language content-language dnt last-event-id pragma priority sec-ch-ua
  sec-ch-ua-mobile sec-ch-ua-platform sec-websocket-extensions tracestate x-api-key x-csrf-token x-request-id x-requested-with
  x-xsrf-token
`)

/** Names of standards and of common use. */
export const STANDARD_FIELDS: ReadonlySet<string> = new Set([
  ...SINGLE_FIELDS,
  ...HOP_FIELDS,
  ...END_TO_END_FIELDS,
  ...COMMON_FIELDS,
])

const titleCase = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())

/** Lower-case name by the two spellings clients send, so that a common name is neither scanned nor lowered. */
export const LOWER_NAMES: ReadonlyMap<string, string> = new Map(
  [...STANDARD_FIELDS].flatMap((name) => [[name, name] as const, [titleCase(name), name] as const]),
)
