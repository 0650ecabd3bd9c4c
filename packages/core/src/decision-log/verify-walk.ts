import { type CompactRange, createCompactRange, leafHashAt } from './compact-range.ts'
import type { LeafReader } from './leaf-reader.ts'
import { fault, type LogFault } from './log-fault.ts'
import { type LineSpan, type LogEntry, parseLine } from './log-lines.ts'
import { readSegmentHead } from './segments.ts'
import type { SignedSize } from './signed-sizes.ts'

/** Where a pass through the log stands. */
export interface Walk {
  readonly range: CompactRange
  /** Over the stored leaf hashes, from the first that differs from its line on. */
  stored: CompactRange | null
  suspect: number | null
  /** Stored hashes are missing since the last checkpoint. */
  isBlind: boolean
  signed: number
  checkpoints: number
  /** Times of the first and last decision since the last checkpoint; other records may tell of what was long before. */
  unsigned: { readonly from: number; readonly until: number } | null
  torn: number
}

export const startWalk = (): Walk => ({
  range: createCompactRange(),
  stored: null,
  suspect: null,
  isBlind: false,
  signed: 0,
  checkpoints: 0,
  unsigned: null,
  torn: 0,
})

const checkPlace = (walk: Walk, entry: LogEntry | null): LogFault | null => {
  const expected = walk.range.size
  if (entry === null) return fault('altered', walk.suspect ?? expected, 'a line is not a record')
  if (entry.seq === expected) return null
  const why = `record ${entry.seq} stands where ${expected} must`
  return walk.suspect === null ? fault('missing', expected, why) : fault('altered', walk.suspect, why)
}

const checkHead = (walk: Walk, entry: LogEntry): LogFault | null => {
  const head = readSegmentHead(entry)
  if (head !== null && head.hashes.join() === walk.range.state().hashes.join()) return null
  return fault('altered', walk.suspect ?? entry.seq, 'a segment does not begin with the state of the tree before it')
}

const compareLeaf = (walk: Walk, leaf: string, kept: string | null): void => {
  if (kept === null) walk.isBlind = true
  else if (walk.stored === null && kept !== leaf && !walk.isBlind) {
    walk.stored = createCompactRange(walk.range.state())
    walk.suspect = walk.range.size
  }
  if (kept !== null) walk.stored?.append(kept)
}

const widen = (span: Walk['unsigned'], at: number): Walk['unsigned'] => ({ from: span?.from ?? at, until: at })

/** Compares one line with what must stand there. */
export const takeLine = (
  walk: Walk,
  line: LineSpan,
  source: { readonly leaves: LeafReader; readonly isFirst: boolean },
): LogFault | null => {
  const entry = parseLine(line.buffer, line.from, line.to)
  const misplaced = checkPlace(walk, entry)
  if (misplaced !== null || entry === null) return misplaced
  const wrongHead = source.isFirst ? checkHead(walk, entry) : null
  const leaf = leafHashAt(line.buffer, line.from, line.to)
  compareLeaf(walk, leaf, source.leaves.next())
  if (entry.record.kind === 'decision') walk.unsigned = widen(walk.unsigned, entry.record.at)
  walk.range.append(leaf)
  return wrongHead
}

/** The stored hashes are the true ones when the signed root is theirs: then the first that differs names the record. */
const blame = (walk: Walk, { size, root }: SignedSize): LogFault => {
  const why = `the records before ${size} are not those that were signed`
  if (walk.suspect !== null && !walk.isBlind && walk.stored?.root() === root) return fault('altered', walk.suspect, why)
  const seq = walk.suspect ?? walk.signed
  return { kind: 'altered', seq, until: seq === size - 1 ? null : size - 1, why }
}

/** Compares the tree with what was signed for its size. */
export const checkSigned = (walk: Walk, signed: SignedSize): LogFault | null => {
  if (walk.range.root() !== signed.root) return blame(walk, signed)
  walk.stored = null
  walk.suspect = null
  walk.isBlind = false
  walk.unsigned = null
  walk.signed = signed.size
  walk.checkpoints++
  return null
}
