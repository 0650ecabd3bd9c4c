import { open, readFile, rm } from 'node:fs/promises'
import { attemptAsync } from '../lib/attempt.ts'
import type { Checkpoint } from '../lib/checkpoint.ts'
import { readLastCheckpoint } from './checkpoint-file.ts'
import { hashToBytes, type RangeState } from './compact-range.ts'
import { syncFolder } from './disk.ts'
import type { LogEntry } from './log-lines.ts'
import { findTail, type FoundTail, type Tail } from './scan-tail.ts'
import type { DiskPosition } from './segment-files.ts'
import { checkpointsPath, leavesPath, segmentPath, tornPath } from './segments.ts'

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

const mend = async (folder: string, { tail, empty }: FoundTail): Promise<Cut | null> => {
  let cut: Cut | null = null
  for (const nothing of empty) {
    cut = (await cutTail(folder, nothing)) ?? cut
    await rm(segmentPath(folder, nothing.first), { force: true })
    await rm(leavesPath(folder, nothing.first), { force: true })
  }
  if (tail.last === null) return cut
  await mendLeaves(folder, tail)
  return (await cutTail(folder, tail)) ?? cut
}

/** Throws the system's error when the folder cannot be read or mended. Changes nothing when it refuses. */
export const recoverLog = async (folder: string, origin: string): Promise<Recovery> => {
  const { checkpoint, bytes: checkpointBytes } = await readLastCheckpoint(checkpointsPath(folder))
  const found = await findTail(folder, checkpoint?.size ?? 0)
  const { tail } = found
  const refused = checkpoint === null ? null : refuseAgainst(checkpoint, tail, origin)
  if (refused !== null) return refused
  const cut = await mend(folder, found)
  const first = tail.last === null ? null : tail.first
  return {
    ok: true,
    tree: tail.range.state(),
    at: { first, bytes: tail.bytes, records: tail.leaves.length, checkpointBytes },
    signed: checkpoint?.size ?? 0,
    cut,
    clean: tail.last === null ? cut === null : isClosed(tail.last),
  }
}
