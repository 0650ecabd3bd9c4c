/** What one request may weigh before anything of it is judged. Counts are of the raw list, sizes in bytes (one character a byte). */
export const REQUEST_LIMITS = {
  /** Request target, path and query together. Apache, nginx and RFC 9112 section 3 (8,000 at least) agree on about this much. */
  target: 8_192,
  /** Header lines. Apache's default. */
  headers: 100,
  /** Names and values, with `: ` and the line end for each line. */
  headerBytes: 32_768,
  /** How often a path segment may be percent-encoded, where a service accepts more than once. */
  encodings: 3,
} as const
