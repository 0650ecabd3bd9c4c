import { stat } from 'node:fs/promises'
import { type CompactRange, createCompactRange, leafHashAt } from './compact-range.ts'
import { type LineChunk, type LineSpan, linesOf, type LogEntry, parseLine, readChunks } from './log-lines.ts'
import { listSegments, readSegmentHead, segmentPath } from './segments.ts'

/** The last segment, as far as it is what it must be. */
export interface Tail {
  readonly first: number
  readonly range: CompactRange
  readonly leaves: readonly string[]
  readonly last: LogEntry | null
  /** End of the last valid record. */
  readonly bytes: number
  /** Bytes behind it. */
  readonly torn: number
  /** The root when the tree had the size asked about; null when it never had. */
  readonly rootThen: string | null
}

/** Reading of one segment up to the first line that is not the record that must stand there. */
interface Scan {
  readonly first: number
  readonly askedSize: number
  readonly leaves: string[]
  range: CompactRange | null
  last: LogEntry | null
  bytes: number
  rootThen: string | null
}

const ask = (scan: Scan, range: CompactRange): void => {
  if (range.size === scan.askedSize) scan.rootThen = range.root()
}

const beginRange = (scan: Scan, entry: LogEntry): CompactRange | null => {
  const state = readSegmentHead(entry)
  if (state === null) return null
  scan.range = createCompactRange(state)
  ask(scan, scan.range)
  return scan.range
}

const takeLine = (scan: Scan, { buffer, from, to }: LineSpan): boolean => {
  const entry = parseLine(buffer, from, to)
  if (entry === null || entry.seq !== scan.first + scan.leaves.length) return false
  const range = scan.range ?? beginRange(scan, entry)
  if (range === null) return false
  const leaf = leafHashAt(buffer, from, to)
  range.append(leaf)
  scan.leaves.push(leaf)
  scan.last = entry
  scan.bytes += to - from + 1
  ask(scan, range)
  return true
}

const takeLines = (scan: Scan, chunk: LineChunk): boolean => linesOf(chunk).every((line) => takeLine(scan, line))

const scanTail = async (folder: string, first: number, askedSize: number): Promise<Tail> => {
  const scan: Scan = { first, askedSize, leaves: [], range: null, last: null, bytes: 0, rootThen: null }
  for await (const chunk of readChunks(segmentPath(folder, first))) if (!takeLines(scan, chunk)) break
  const { size } = await stat(segmentPath(folder, first))
  const { leaves, last, bytes, rootThen } = scan
  return { first, range: scan.range ?? createCompactRange(), leaves, last, bytes, torn: size - bytes, rootThen }
}

/** `empty`: segments behind the last, of which a crash left not even the first record whole; the latest first. */
export interface FoundTail {
  readonly tail: Tail
  readonly empty: readonly Tail[]
}

/** The last segment that holds a record, or that of an empty log when none does. `askedSize`: see rootThen. */
export const findTail = async (folder: string, askedSize: number): Promise<FoundTail> => {
  const segments = await listSegments(folder)
  const empty: Tail[] = []
  for (const first of segments.toReversed()) {
    const tail = await scanTail(folder, first, askedSize)
    if (tail.leaves.length > 0) return { tail, empty }
    empty.push(tail)
  }
  return { tail: { first: 0, range: createCompactRange(), leaves: [], last: null, bytes: 0, torn: 0, rootThen: null }, empty }
}
