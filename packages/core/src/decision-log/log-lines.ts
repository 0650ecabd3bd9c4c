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
 * on. `rest` counts bytes after the last newline of the file, at [end, end + rest); it is 0 but for the last chunk.
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
  const { seq, kind } = (value ?? {}) as Readonly<Record<string, unknown>>
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

/** Where in `buffer` the whole lines of [1, filled) end; 1 when there is none. */
const endOfLines = (buffer: Buffer, filled: number): number => Math.max(1, buffer.lastIndexOf(NEWLINE, filled - 1) + 1)

async function* chunksOf(file: FileHandle, from: number): AsyncGenerator<LineChunk> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK + 1)
  buffer[0] = 0
  let offset = from
  let held = 0
  for (;;) {
    // A line as long as a chunk is none of ours: it leaves no room to read on, and it and what follows are the rest.
    const { bytesRead } = await file.read(buffer, 1 + held, CHUNK - held, offset + held)
    if (bytesRead === 0) break
    held += bytesRead
    const end = endOfLines(buffer, 1 + held)
    yield { buffer, end, rest: 0, offset }
    buffer.copyWithin(1, end, 1 + held)
    held -= end - 1
    offset += end - 1
  }
  if (held > 0) yield { buffer, end: 1, rest: held, offset }
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
