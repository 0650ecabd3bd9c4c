import { type HeaderLine, isToken, parseContentLength, trimSpace } from '@balustrade/core/kit'

/** What ends a head. */
export const HEAD_END = '\r\n\r\n'
/** Interim answers (RFC 9110 section 15.2) that are passed over before one answer. */
export const MAX_INTERIM = 16
/** Interim by its number, and final: the connection is HTTP no longer (RFC 9110 section 15.2.2). */
export const SWITCHING_PROTOCOLS = 101

/** How much body follows: bytes, chunks, or all until the connection ends. */
export type BodyFraming = number | 'chunked' | 'until-close'

export interface ResponseHead {
  readonly status: number
  /** As sent, bytes as latin-1, values without white space around them. */
  readonly lines: readonly HeaderLine[]
  readonly framing: BodyFraming
  /** The connection may carry another request after this answer. */
  readonly keepAlive: boolean
  /** Seconds for which the upstream says it keeps an idle connection; null when it does not say. */
  readonly idle: number | null
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: [\t\u0020-\u007e\u0080-\u00ff]*)?$/
/** A CR or LF that is not part of CRLF, or a control character but HTAB. */
const STRAY = /\r(?!\n)|(?<!\r)\n|[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const IDLE = /(?:^|[ ,])timeout=([0-9]{1,6})(?:$|[ ,])/i

/** What the fields say of the message and the connection; each at most once where more would be read two ways. */
interface Hop {
  length: string | null
  coding: string | null
  connection: string
  keepAlive: string
}

const takeHopField = (hop: Hop, lower: string, value: string): boolean => {
  if (lower === 'content-length') {
    if (hop.length !== null) return false
    hop.length = value
  } else if (lower === 'transfer-encoding') {
    if (hop.coding !== null) return false
    hop.coding = value
  } else if (lower === 'connection') hop.connection += `,${value.toLowerCase()}`
  else if (lower === 'keep-alive') hop.keepAlive = value
  return true
}

/** Lengths of the four names, so that no other is brought to lower case. */
const isHopLength = (length: number): boolean => length === 10 || length === 14 || length === 17

const readLine = (line: string, hop: Hop): HeaderLine | null => {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0))
  // A folded line begins with a space (RFC 9112 section 5.2): its name is no token either.
  if (!isToken(name)) return null
  const value = trimSpace(line.slice(colon + 1))
  if (isHopLength(name.length) && !takeHopField(hop, name.toLowerCase(), value)) return null
  return [name, value]
}

const hasNoBody = (status: number, method: string): boolean =>
  method === 'HEAD' || status < 200 || status === 204 || status === 304

/** RFC 9112 section 6.3, refusing what readers read differently: both framings, other codings, a coding in HTTP/1.0. */
const framingOf = ({ length, coding }: Hop, isOld: boolean): BodyFraming | null => {
  if (coding !== null) return length === null && !isOld && coding.toLowerCase() === 'chunked' ? 'chunked' : null
  return length === null ? 'until-close' : parseContentLength(length)
}

/** True when a list of Connection, in lower case, names an option. */
export const says = (connection: string, option: string): boolean =>
  connection.split(',').some((token) => trimSpace(token) === option)

const keepsAlive = ({ connection }: Hop, isOld: boolean): boolean => {
  if (connection === '') return !isOld
  return isOld ? says(connection, 'keep-alive') : !says(connection, 'close')
}

interface Fields {
  readonly lines: readonly HeaderLine[]
  readonly hop: Hop
}

const readFields = (texts: readonly string[]): Fields | null => {
  const hop: Hop = { length: null, coding: null, connection: '', keepAlive: '' }
  const lines: HeaderLine[] = []
  for (let at = 1; at < texts.length; at++) {
    const line = readLine(texts[at] as string, hop)
    if (line === null) return null
    lines.push(line)
  }
  return { lines, hop }
}

const idleOf = ({ keepAlive }: Hop): number | null => {
  const stated = keepAlive === '' ? undefined : IDLE.exec(keepAlive)?.[1]
  return stated === undefined ? null : Number(stated)
}

/**
 * Reads the head of an answer to `method`: status line and field lines, without the empty line at their end (RFC 9112 sections
 * 4 and 5). Total: null for whatever another reader might read otherwise. Not checked: its size.
 */
export const readResponseHead = (text: string, method: string): ResponseHead | null => {
  if (STRAY.test(text)) return null
  const texts = text.split('\r\n')
  const status = STATUS_LINE.exec(texts[0] as string)
  const fields = status === null ? null : readFields(texts)
  if (status === null || fields === null) return null
  const [code, isOld] = [Number(status[2]), status[1] === '0']
  const stated = framingOf(fields.hop, isOld)
  if (stated === null) return null
  const framing = hasNoBody(code, method) ? 0 : stated
  const keepAlive = keepsAlive(fields.hop, isOld) && framing !== 'until-close'
  return { status: code, lines: fields.lines, framing, keepAlive, idle: idleOf(fields.hop) }
}
