import { isFieldValue, isToken, trimSpace } from '@balustrade/core/kit'
import type { BodyFraming } from './response-head.ts'

/** Bytes that came: [from, to) of a buffer. */
export interface Span {
  readonly buffer: Buffer
  readonly from: number
  readonly to: number
}

/** Takes the bytes of one body out of what a connection brings, in whatever pieces they come. */
export interface BodyReader {
  /** Hands on what is body; the offset behind what belongs to this message, or -1 when it is malformed. */
  readonly read: (span: Span, onBytes: (bytes: Buffer) => void) => number
  /** Nothing of this message is to come. */
  readonly done: () => boolean
  /** The end of the connection is its end. */
  readonly endsWithConnection: boolean
}

const MALFORMED = -1

const createCounted = (length: number, endsWithConnection: boolean): BodyReader => {
  let left = length
  return {
    endsWithConnection,
    done: () => left === 0,
    read: ({ buffer, from, to }, onBytes) => {
      const end = Math.min(to, from + left)
      left -= end - from
      if (end > from) onBytes(buffer.subarray(from, end))
      return end
    },
  }
}

/** Longest line of framing, and of all trailers: they are read and dropped. */
const MAX_LINE = 1_024
const MAX_TRAILERS = 16_384
const LF = 0x0a
/** RFC 9112 section 7.1, with nothing between size and extension. */
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,8})(?:;[\t\u0020-\u007e\u0080-\u00ff]*)?$/

type State = 'size' | 'data' | 'after-data' | 'trailer' | 'done'

interface Chunks {
  state: State
  /** Bytes of the chunk that are to come. */
  left: number
  /** Of the line under way. */
  line: string
  trailers: number
}

const isTrailer = (line: string): boolean => {
  const colon = line.indexOf(':')
  return colon > 0 && isToken(line.slice(0, colon)) && isFieldValue(trimSpace(line.slice(colon + 1)))
}

/** What follows a whole line of framing; null when the line is not what must stand there. */
const afterLine = (chunks: Chunks, line: string): State | null => {
  if (chunks.state === 'after-data') return line === '' ? 'size' : null
  if (chunks.state === 'trailer') {
    chunks.trailers += line.length
    if (line === '') return 'done'
    return isTrailer(line) && chunks.trailers <= MAX_TRAILERS ? 'trailer' : null
  }
  const size = CHUNK_SIZE.exec(line)?.[1]
  if (size === undefined) return null
  chunks.left = Number.parseInt(size, 16)
  return chunks.left === 0 ? 'trailer' : 'data'
}

/** Reads up to the end of a line, which must be CRLF: a lone LF ends one for some readers and not for others. */
const takeLine = (chunks: Chunks, { buffer, from, to }: Span): number => {
  const found = buffer.indexOf(LF, from)
  const end = found < 0 || found >= to ? to : found + 1
  chunks.line += buffer.toString('latin1', from, end)
  if (chunks.line.length > MAX_LINE) return MALFORMED
  if (end === to && (found < 0 || found >= to)) return end
  if (!chunks.line.endsWith('\r\n')) return MALFORMED
  const next = afterLine(chunks, chunks.line.slice(0, -2))
  chunks.line = ''
  if (next === null) return MALFORMED
  chunks.state = next
  return end
}

const takeData = (chunks: Chunks, { buffer, from, to }: Span, onBytes: (bytes: Buffer) => void): number => {
  const end = Math.min(to, from + chunks.left)
  chunks.left -= end - from
  if (chunks.left === 0) chunks.state = 'after-data'
  onBytes(buffer.subarray(from, end))
  return end
}

const createChunked = (): BodyReader => {
  const chunks: Chunks = { state: 'size', left: 0, line: '', trailers: 0 }
  return {
    endsWithConnection: false,
    done: () => chunks.state === 'done',
    read: ({ buffer, from, to }, onBytes) => {
      let at = from
      while (at < to && at !== MALFORMED && chunks.state !== 'done') {
        const span = { buffer, from: at, to }
        at = chunks.state === 'data' ? takeData(chunks, span, onBytes) : takeLine(chunks, span)
      }
      return at
    },
  }
}

/** The reader of a body that is framed so. */
export const createBodyReader = (framing: BodyFraming): BodyReader => {
  if (framing === 'chunked') return createChunked()
  return framing === 'until-close' ? createCounted(Number.POSITIVE_INFINITY, true) : createCounted(framing, false)
}
