import { setTimeout as pause } from 'node:timers/promises'
import { attemptAsync } from '../lib/attempt.ts'
import { type LogEntry, readChunks } from './log-lines.ts'
import { entriesOf, isWanted, type LogFilter } from './read-log.ts'
import { listSegments, segmentPath } from './segments.ts'

export interface FollowOptions {
  /** Ends the iteration; nothing is thrown. */
  readonly signal: AbortSignal
  /** Without `fromSeq` it begins behind what the log holds now. */
  readonly filter?: LogFilter
}

/** A byte of a segment; all before it was read. */
interface Place {
  readonly first: number
  offset: number
}

const POLL_MS = 100

/** Behind the last whole line: half a record may stand at the end. */
const endOfLog = async (folder: string, first: number): Promise<Place> => {
  let offset = 0
  for await (const chunk of readChunks(segmentPath(folder, first))) offset = chunk.offset + chunk.end - 1
  return { first, offset }
}

/** Where to begin in a log that exists; null when there is none, and then all that comes is new. */
const startPlace = async (folder: string, fromSeq: number | undefined): Promise<Place | null> => {
  const segments = await listSegments(folder)
  const last = segments.at(-1)
  if (last === undefined) return null
  if (fromSeq === undefined) return endOfLog(folder, last)
  return { first: segments.findLast((first) => first <= fromSeq) ?? (segments[0] as number), offset: 0 }
}

const nextPlace = async (folder: string, place: Place | null): Promise<Place | null> => {
  const first = (await listSegments(folder)).find((candidate) => place === null || candidate > place.first)
  return first === undefined ? null : { first, offset: 0 }
}

/** What came to a segment since it was last read. */
async function* readNew(folder: string, place: Place): AsyncGenerator<LogEntry> {
  const path = segmentPath(folder, place.first)
  for await (const chunk of readChunks(path, place.offset)) {
    place.offset = chunk.offset + chunk.end - 1
    yield* entriesOf(chunk, path)
  }
}

/**
 * The records that pass the filter as they are written, from segment to segment, until the signal aborts. A record may be seen some ms
 * before it is durable. Throws CodedError `log.damaged` or `log.unreadable`.
 */
export async function* followLog(folder: string, { signal, filter = {} }: FollowOptions): AsyncGenerator<LogEntry> {
  let place = await startPlace(folder, filter.fromSeq)
  while (!signal.aborted) {
    // Looked for before reading: a segment that has a successor grows no more, so reading it to its end misses nothing.
    const next = await nextPlace(folder, place)
    if (place !== null) yield* readWanted(folder, place, filter)
    if (next !== null) place = next
    else await attemptAsync(() => pause(POLL_MS, undefined, { signal }))
  }
}

async function* readWanted(folder: string, place: Place, filter: LogFilter): AsyncGenerator<LogEntry> {
  for await (const entry of readNew(folder, place)) if (isWanted(entry, filter)) yield entry
}
