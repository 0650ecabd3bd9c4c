/** Where a body comes from: a message of node:http, or of an HTTP/2 stream. `end` comes only behind a whole body. */
export interface BodySource {
  on(event: 'data', act: (chunk: Buffer) => void): unknown
  once(event: 'end', act: () => void): unknown
  off(event: 'data', act: (chunk: Buffer) => void): unknown
  off(event: 'end', act: () => void): unknown
  pause(): unknown
  resume(): unknown
}

/** A request as it goes to an upstream. */
export interface UpstreamRequest {
  readonly method: string
  /** Origin form: the bytes that were decided. */
  readonly target: string
  /** Names and values by turns, without those that frame the message or are about the connection. */
  readonly headers: readonly string[]
  /** Bytes of body, or chunks. */
  readonly framing: number | 'chunked'
  /** Where the body comes from; not read when there is none. */
  readonly body: BodySource
}

/** RFC 9110 section 8.6: methods whose request says that it has no body. */
const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH'])

const framingLine = ({ method, framing }: UpstreamRequest): string => {
  if (framing === 'chunked') return 'transfer-encoding: chunked\r\n'
  return framing > 0 || EXPECTS_BODY.has(method) ? `content-length: ${framing}\r\n` : ''
}

const countOf = (text: string, wanted: string): number => {
  let count = 0
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) count++
  return count
}

/** What no head holds; beyond latin-1 a character would be cut to its last byte, which may be a line end. */
const ILLEGAL = /[^\t\r\n\u0020-\u007e\u0080-\u00ff]/

/** The head with the empty line at its end; null when it is not of so many lines, because a name or value brings one of its own. */
const closed = (text: string, lines: number): string | null => {
  const whole = `${text}\r\n`
  return !ILLEGAL.test(whole) && countOf(whole, '\n') === lines && countOf(whole, '\r') === lines ? whole : null
}

const fieldLines = (headers: readonly string[]): string => {
  let text = ''
  for (let at = 0; at + 1 < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`
  return text
}

/** The head as latin-1 text. Null, and nothing may be sent, when anything in it holds a CR or LF: it would be two requests. */
export const requestHead = (request: UpstreamRequest): string | null => {
  const framing = framingLine(request)
  const text = `${request.method} ${request.target} HTTP/1.1\r\n${fieldLines(request.headers)}connection: keep-alive\r\n${framing}`
  return closed(text, request.headers.length / 2 + (framing === '' ? 3 : 4))
}

/** The head of a WebSocket handshake. */
export const upgradeHead = (target: string, headers: readonly string[]): string | null =>
  closed(`GET ${target} HTTP/1.1\r\n${fieldLines(headers)}connection: upgrade\r\nupgrade: websocket\r\n`, headers.length / 2 + 4)
