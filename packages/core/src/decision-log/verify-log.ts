import type { NoteVerifier } from '../lib/signed-note.ts'
import { hashToBytes } from './compact-range.ts'
import { type LeafReader, openLeafReader } from './leaf-reader.ts'
import { fault, type LogFault } from './log-fault.ts'
import { type LineChunk, linesOf, readChunks } from './log-lines.ts'
import { leavesPath, listSegments, segmentPath } from './segments.ts'
import { startWalk, takeLine, type Walk } from './verify-walk.ts'
import { openVouchers, type Vouchers } from './vouchers.ts'

export interface VerifyOptions {
  /** Who may have signed; a checkpoint signed by none of them is a fault. */
  readonly keys: readonly NoteVerifier[]
  /** A checkpoint (signed note) kept elsewhere. With it a log that was cut short or written anew, and signed again, is found too. */
  readonly earlierCheckpoint?: string
  /** Called after about each MiB. */
  readonly onProgress?: (progress: { readonly records: number; readonly bytes: number }) => void
  /** Span in ms that decisions behind the last checkpoint may cover. Default 60,000: six times what passes between checkpoints. */
  readonly maxUnsigned?: number
}

export type LogVerification =
  | {
      readonly ok: true
      readonly records: number
      /** Records before this number are signed for. */
      readonly signed: number
      readonly checkpoints: number
      /** Root over all records, hex. */
      readonly root: string
      /** Bytes behind the last record: one being written, or cut off by a crash. */
      readonly torn: number
    }
  | { readonly ok: false; readonly fault: LogFault }

interface Pass {
  readonly folder: string
  readonly walk: Walk
  readonly vouchers: Vouchers
  readonly options: VerifyOptions
}

const MAX_UNSIGNED = 60_000

const verifyChunk = async (chunk: LineChunk, leaves: LeafReader, { walk, vouchers }: Pass): Promise<LogFault | null> => {
  const lines = [...linesOf(chunk)]
  await leaves.fill(lines.length)
  for (const [index, line] of lines.entries()) {
    const wrong = takeLine(walk, line, { leaves, isFirst: chunk.offset === 0 && index === 0 })
    if (wrong !== null) return wrong
    const denied = walk.range.size === vouchers.due ? await vouchers.check(walk) : null
    if (denied !== null) return denied
  }
  walk.torn = chunk.rest
  return null
}

const verifyChunks = async (first: number, leaves: LeafReader, pass: Pass): Promise<LogFault | null> => {
  for await (const chunk of readChunks(segmentPath(pass.folder, first))) {
    const wrong = await verifyChunk(chunk, leaves, pass)
    if (wrong !== null) return wrong
    pass.options.onProgress?.({ records: pass.walk.range.size, bytes: chunk.end - 1 })
  }
  return null
}

const verifySegment = async (first: number, pass: Pass): Promise<LogFault | null> => {
  const { walk, folder } = pass
  if (walk.torn > 0) return fault('altered', walk.range.size, 'a segment that is not the last ends in half a record')
  if (first !== walk.range.size) return fault('missing', walk.range.size, `a segment begins with record ${first}`)
  const leaves = await openLeafReader(leavesPath(folder, first))
  try {
    return await verifyChunks(first, leaves, pass)
  } finally {
    await leaves.close()
  }
}

/** What remains when the last record has been read. */
const verifyEnd = ({ walk, vouchers, options }: Pass): LogFault | null => {
  const unread = vouchers.finish(walk)
  if (unread !== null) return unread
  if (walk.suspect !== null) return fault('altered', walk.suspect.seq, 'the record is not the one whose hash was kept')
  if (walk.signed === walk.range.size) return null
  const span = walk.unsigned === null ? 0 : walk.unsigned.until - walk.unsigned.from
  const isLate = span > (options.maxUnsigned ?? MAX_UNSIGNED)
  if (walk.signed > 0 && !isLate) return null
  return fault('unsigned', walk.signed, `no checkpoint vouches for record ${walk.signed} and those after it`)
}

const verifyAll = async (pass: Pass): Promise<LogFault | null> => {
  const segments = await listSegments(pass.folder)
  if (segments.length === 0) return pass.vouchers.finish(pass.walk) ?? fault('missing', 0, 'there is no log here')
  for (const first of segments) {
    const wrong = await verifySegment(first, pass)
    if (wrong !== null) return wrong
  }
  return verifyEnd(pass)
}

/**
 * Computes every hash anew and compares it with every signed checkpoint, in one pass and with the memory of a few MiB. Works beside a
 * running writer. What it cannot tell without an earlier checkpoint: records and all checkpoints of the end removed together, and a
 * log written anew by who holds the key. Throws CodedError `log.unreadable` when a file cannot be read.
 */
export const verifyLog = async (folder: string, options: VerifyOptions): Promise<LogVerification> => {
  const vouchers = await openVouchers(folder, options)
  if (!('due' in vouchers)) return { ok: false, fault: vouchers }
  const walk = startWalk()
  const wrong = await verifyAll({ folder, walk, vouchers, options })
  if (wrong !== null) return { ok: false, fault: wrong }
  const { range, signed, checkpoints, torn } = walk
  return { ok: true, records: range.size, signed, checkpoints, root: hashToBytes(range.root()).toString('hex'), torn }
}
