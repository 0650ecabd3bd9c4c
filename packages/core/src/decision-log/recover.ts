import { open, readFile, rm } from 'node:fs/promises'
import { attemptAsync } from '../lib/attempt.ts'
import type { Checkpoint } from '../lib/checkpoint.ts'
import { readLastCheckpoint } from './checkpoint-file.ts'
import { type CompactRange, createCompactRange, EMPTY_RANGE, hashToBytes, leafHashAt, type RangeState } from './compact-range.ts'
import { syncFolder } from './disk.ts'
import { type LineChunk, type LineSpan, linesOf, type LogEntry, parseLine, readChunks } from './log-lines.ts'
import type { DiskPosition } from './segment-files.ts'
import { checkpointsPath, leavesPath, listSegments, readSegmentHead, segmentPath, tornPath } from './segments.ts'

/** What a crash left behind the last valid record, now in a file of its own. */
export interface Cut {
  readonly bytes: number
  readonly file: string
}

export interface Recovered {
  readonly tree: RangeState
  readonly at: DiskPosition
  readonly signed: number
  readonly cut: Cut | null
  /** The last record says that the log was closed, or there is none. */
  readonly clean: boolean
}

/** Codes of a log that is not to be continued: `log.origin`, `log.altered`, `log.truncated`. */
export type Recovery = ({ readonly ok: true } & Recovered) | { readonly ok: false; readonly code: string; readonly why: string }

interface Tail {
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

const sizeOf = async (path: string): Promise<number> => {
  const file = await open(path, 'r')
  try {
    return (await file.stat()).size
  } finally {
    await file.close()
  }
}

const scanTail = async (folder: string, first: number, askedSize: number): Promise<Tail> => {
  const scan: Scan = { first, askedSize, leaves: [], range: null, last: null, bytes: 0, rootThen: null }
  for await (const chunk of readChunks(segmentPath(folder, first))) if (!takeLines(scan, chunk)) break
  const size = await sizeOf(segmentPath(folder, first))
  const { leaves, last, bytes, rootThen } = scan
  return { first, range: scan.range ?? createCompactRange(), leaves, last, bytes, torn: size - bytes, rootThen }
}

/** Keeps the bytes behind the last valid record aside, then cuts them off. The copy is durable before anything is cut. */
const cutTail = async (folder: string, tail: Tail): Promise<Cut | null> => {
  if (tail.torn === 0) return null
  const path = segmentPath(folder, tail.first)
  const file = tornPath(folder, tail.first, tail.first + tail.leaves.length)
  const segment = await open(path, 'r+')
  const copy = await open(file, 'w', 0o600)
  try {
    const bytes = Buffer.alloc(tail.torn)
    await segment.read(bytes, 0, bytes.length, tail.bytes)
    await copy.writeFile(bytes)
    await copy.sync()
    syncFolder(folder)
    await segment.truncate(tail.bytes)
    await segment.sync()
  } finally {
    await copy.close()
    await segment.close()
  }
  return { bytes: tail.torn, file: file.slice(folder.length + 1) }
}

/** Leaf hashes are derived from the lines: where they are missing or differ, they are written again. */
const mendLeaves = async (folder: string, tail: Tail): Promise<void> => {
  const path = leavesPath(folder, tail.first)
  const right = hashToBytes(tail.leaves.join(''))
  const there = await attemptAsync(() => readFile(path))
  if (there.ok && there.value.equals(right)) return
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(right)
    await file.sync()
  } finally {
    await file.close()
  }
}

const refuse = (code: string, why: string) => ({ ok: false, code, why }) as const

const isOlder = (checkpoint: Checkpoint, tail: Tail): boolean => checkpoint.size < tail.first

/** A record that was signed for was durable long before: a crash takes none of those, so their loss is not mended in silence. */
const refuseAgainst = (checkpoint: Checkpoint, tail: Tail, origin: string): Recovery | null => {
  if (checkpoint.origin !== origin) return refuse('log.origin', `this log is that of ${checkpoint.origin}`)
  const { size } = tail.range
  if (checkpoint.size > size) {
    const code = tail.torn > 0 ? 'log.altered' : 'log.truncated'
    return refuse(code, `the log ends before record ${size}, and ${checkpoint.size} were signed`)
  }
  if (isOlder(checkpoint, tail) || tail.rootThen === hashOf(checkpoint)) return null
  return refuse('log.altered', `the records before ${checkpoint.size} are not those that were signed`)
}

const hashOf = (checkpoint: Checkpoint): string => Buffer.from(checkpoint.root).toString('latin1')

const isClosed = (last: LogEntry | null): boolean => last?.record.kind === 'administration' && last.record.action === 'log.closed'

/** A crash may leave a segment of which not even the first record is whole; it holds nothing. */
const findTail = async (
  folder: string,
  askedSize: number,
): Promise<{ readonly tail: Tail | null; readonly empty: readonly Tail[] }> => {
  const segments = await listSegments(folder)
  const empty: Tail[] = []
  for (const first of segments.toReversed()) {
    const tail = await scanTail(folder, first, askedSize)
    if (tail.leaves.length > 0) return { tail, empty }
    empty.push(tail)
  }
  return { tail: null, empty }
}

/** Throws the system's error when the folder cannot be read or mended. Changes nothing when it refuses. */
export const recoverLog = async (folder: string, origin: string): Promise<Recovery> => {
  const { checkpoint, bytes: checkpointBytes } = await readLastCheckpoint(checkpointsPath(folder))
  const { tail, empty } = await findTail(folder, checkpoint?.size ?? 0)
  const none: Tail = { first: 0, range: createCompactRange(), leaves: [], last: null, bytes: 0, torn: 0, rootThen: null }
  const refused = checkpoint === null ? null : refuseAgainst(checkpoint, tail ?? none, origin)
  if (refused !== null) return refused
  const cuts: (Cut | null)[] = []
  for (const nothing of empty) {
    cuts.push(await cutTail(folder, nothing))
    await rm(segmentPath(folder, nothing.first), { force: true })
    await rm(leavesPath(folder, nothing.first), { force: true })
  }
  if (tail !== null) {
    cuts.push(await cutTail(folder, tail))
    await mendLeaves(folder, tail)
  }
  return {
    ok: true,
    tree: tail?.range.state() ?? EMPTY_RANGE,
    at: { first: tail?.first ?? null, bytes: tail?.bytes ?? 0, records: tail?.leaves.length ?? 0, checkpointBytes },
    signed: checkpoint?.size ?? 0,
    cut: cuts.find((cut) => cut !== null) ?? null,
    clean: tail === null || isClosed(tail.last),
  }
}
