import { type FileHandle, open } from 'node:fs/promises'
import { attempt, attemptAsync } from '../lib/attempt.ts'
import { CodedError } from '../lib/coded-error.ts'
import type { LogRecord } from '../model/log-record.ts'

/** A record as it stands in the log. `truncated` lists the paths of what was too long for a line. */
export interface LogEntry {
  readonly seq: number
  readonly record: LogRecord & { readonly truncated?: readonly string[] }
}

/**
 * Whole lines, each with its newline, at [1, end) of a buffer that is used again for the next chunk: to be read before going
 * on. `rest` counts bytes after the last newline, at [end, end + rest); it is 0 but for the last chunk of a file.
 */
export interface LineChunk {
  readonly buffer: Buffer
  readonly end: number
  readonly rest: number
  /** Where in the file buffer[1] stands. */
  readonly offset: number
}

const CHUNK = 1 << 20
const NEWLINE = 10

const isEntry = (value: unknown): value is { readonly seq: number; readonly kind: string } => {
  if (typeof value !== 'object' || value === null) return false
  const { seq, kind } = value as Readonly<Record<string, unknown>>
  return Number.isSafeInteger(seq) && typeof kind === 'string'
}

/** Reads the line at [from, to); null when it is not a record. That the record is complete is not checked. */
export const parseLine = (buffer: Buffer, from: number, to: number): LogEntry | null => {
  const parsed = attempt(() => JSON.parse(buffer.toString('latin1', from, to)) as unknown)
  if (!parsed.ok || !isEntry(parsed.value)) return null
  const { seq, ...record } = parsed.value
  return { seq, record: record as unknown as LogRecord }
}

/** A line at [from, to) of a buffer, without its newline. */
export interface LineSpan {
  readonly buffer: Buffer
  readonly from: number
  readonly to: number
}

/** The lines of a chunk. */
export function* linesOf({ buffer, end }: LineChunk): Generator<LineSpan> {
  for (let from = 1; from < end; ) {
    const to = buffer.indexOf(NEWLINE, from)
    yield { buffer, from, to }
    from = to + 1
  }
}

async function* chunksOf(file: FileHandle, from: number): AsyncGenerator<LineChunk> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK + 1)
  let offset = from
  let held = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, 1 + held, CHUNK - held, offset + held)
    const filled = 1 + held + bytesRead
    const end = bytesRead === 0 ? 1 : buffer.lastIndexOf(NEWLINE, filled - 1) + 1 || 1
    const isLast = bytesRead === 0 || (end === 1 && filled === CHUNK + 1)
    if (end > 1 || (isLast && held + bytesRead > 0)) yield { buffer, end, rest: isLast ? filled - end : 0, offset }
    // A line of a whole chunk is no line of ours: what follows it is not read.
    if (isLast) return
    buffer.copyWithin(1, end, filled)
    held = filled - end
    offset += end - 1
  }
}

/** The lines of a file from an offset on. Throws CodedError `log.unreadable` when it cannot be opened or read. */
export async function* readChunks(path: string, from = 0): AsyncGenerator<LineChunk> {
  const opened = await attemptAsync(() => open(path, 'r'))
  if (!opened.ok) throw new CodedError('log.unreadable', `${path} cannot be read`, { cause: opened.error })
  try {
    yield* chunksOf(opened.value, from)
  } finally {
    await opened.value.close()
  }
}
