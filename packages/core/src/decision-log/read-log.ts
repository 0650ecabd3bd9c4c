import type { RecordKind } from '../model/log-record.ts'
import { CodedError } from '../lib/coded-error.ts'
import { type LineChunk, linesOf, type LogEntry, parseLine, readChunks } from './log-lines.ts'
import { listSegments, segmentPath } from './segments.ts'

/** All that is given must hold. Times are epoch ms of the records. */
export interface LogFilter {
  readonly kinds?: readonly RecordKind[]
  /** Not older than. */
  readonly from?: number
  /** Older than. */
  readonly until?: number
  /** Sequence number to begin with. */
  readonly fromSeq?: number
  readonly where?: (entry: LogEntry) => boolean
}

/** A segment's records may be a little older than its first: clocks are set, and records come when what they tell is over. */
const SLACK = 10 * 60_000

const isInTime = ({ record }: LogEntry, { from, until }: LogFilter): boolean =>
  (from === undefined || record.at >= from) && (until === undefined || record.at < until)

export const isWanted = (entry: LogEntry, filter: LogFilter): boolean =>
  entry.seq >= (filter.fromSeq ?? 0) &&
  (filter.kinds === undefined || filter.kinds.includes(entry.record.kind)) &&
  isInTime(entry, filter) &&
  (filter.where === undefined || filter.where(entry))

/** The entries of a chunk, none of them kept in its buffer. Throws CodedError `log.damaged` where a line is no record. */
export const entriesOf = (chunk: LineChunk, path: string): readonly LogEntry[] => {
  const entries: LogEntry[] = []
  for (const { buffer, from, to } of linesOf(chunk)) {
    const entry = parseLine(buffer, from, to)
    if (entry === null) throw new CodedError('log.damaged', `${path} has no record at byte ${chunk.offset + from - 1}`)
    entries.push(entry)
  }
  return entries
}

/** When a segment begins, by the clock of its first record; null when it is empty. */
const readStart = async (folder: string, first: number): Promise<number | null> => {
  for await (const chunk of readChunks(segmentPath(folder, first))) {
    const [line] = linesOf(chunk)
    return line === undefined ? null : (parseLine(line.buffer, line.from, line.to)?.record.at ?? null)
  }
  return null
}

/** Whether a segment that begins at `start`, and the one after it at `end`, may hold what the filter wants. */
const mayHold = (start: number | null, end: number | null, { from, until }: LogFilter): boolean =>
  (end === null || from === undefined || end + SLACK >= from) && (start === null || until === undefined || start - SLACK < until)

/** Segments that may hold what the filter wants, oldest first. */
export const chooseSegments = async (folder: string, filter: LogFilter): Promise<readonly number[]> => {
  const segments = await listSegments(folder)
  const kept = segments.filter((_, index) => (segments[index + 1] ?? Number.POSITIVE_INFINITY) > (filter.fromSeq ?? 0))
  if (filter.from === undefined && filter.until === undefined) return kept
  const starts = await Promise.all(kept.map((first) => readStart(folder, first)))
  return kept.filter((_, index) => mayHold(starts[index] ?? null, starts[index + 1] ?? null, filter))
}

/** What a segment holds of what the filter wants. */
async function* readSegment(path: string, filter: LogFilter): AsyncGenerator<LogEntry> {
  for await (const chunk of readChunks(path)) yield* entriesOf(chunk, path).filter((entry) => isWanted(entry, filter))
}

/**
 * The records that pass the filter, oldest first; a folder without a log has none. Works beside a running writer and ends where the
 * log ended when it came there. Verifies nothing. Throws CodedError `log.damaged` or `log.unreadable`.
 */
export async function* readLog(folder: string, filter: LogFilter = {}): AsyncGenerator<LogEntry> {
  for (const first of await chooseSegments(folder, filter)) yield* readSegment(segmentPath(folder, first), filter)
}

/** The last `count` records that pass the filter, oldest first. Reads from the end as many segments as that takes. */
export const readLastRecords = async (folder: string, count: number, filter: LogFilter = {}): Promise<readonly LogEntry[]> => {
  let last: readonly LogEntry[] = []
  for (const first of (await chooseSegments(folder, filter)).toReversed()) {
    if (last.length >= count) break
    let found: LogEntry[] = []
    for await (const entry of readSegment(segmentPath(folder, first), filter)) {
      found.push(entry)
      if (found.length > 2 * count) found = found.slice(-count)
    }
    last = [...found, ...last].slice(-count)
  }
  return count > 0 ? last : []
}
