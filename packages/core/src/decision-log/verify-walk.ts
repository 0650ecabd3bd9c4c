import { type CompactRange, createCompactRange, leafHashAt, type RangeState } from './compact-range.ts'
import type { LeafReader } from './leaf-reader.ts'
import { fault, type LogFault } from './log-fault.ts'
import { type LineSpan, type LogEntry, parseLine } from './log-lines.ts'
import { readSegmentHead } from './segments.ts'
import type { SignedSize } from './signed-sizes.ts'

interface Suspect {
  readonly seq: number
  /** The tree, with the stored hashes of this record and those after it. */
  readonly stored: CompactRange
}

/** Where a pass through the log stands. */
export interface Walk {
  readonly range: CompactRange
  /** The first record since the last checkpoint whose stored hash is not its own. */
  suspect: Suspect | null
  signed: number
  checkpoints: number
  /** Times of the first and last decision since the last checkpoint; other records may tell of what was long before. */
  unsigned: { readonly from: number; readonly until: number } | null
  torn: number
}

export const startWalk = (): Walk => ({
  range: createCompactRange(),
  suspect: null,
  signed: 0,
  checkpoints: 0,
  unsigned: null,
  torn: 0,
})

const checkPlace = (walk: Walk, entry: LogEntry | null): LogFault | null => {
  const expected = walk.range.size
  if (entry === null) return fault('altered', walk.suspect?.seq ?? expected, 'a line is not a record')
  if (entry.seq === expected) return null
  const why = `record ${entry.seq} stands where ${expected} must`
  return walk.suspect === null ? fault('missing', expected, why) : fault('altered', walk.suspect.seq, why)
}

interface Accusation {
  /** The last record that may be the one. */
  readonly last: number
  /** The tree over the stored hashes is the one that is vouched for. */
  readonly isStored: boolean
  readonly why: string
}

/** Where the stored hashes are the true ones, the first that differs names the record. Else it is one of those since the last checkpoint. */
const blame = (walk: Walk, { last, isStored, why }: Accusation): LogFault => {
  if (walk.suspect !== null && isStored) return fault('altered', walk.suspect.seq, why)
  return { kind: 'altered', seq: walk.signed, until: walk.signed === last ? null : last, why }
}

const isAt = (range: CompactRange | undefined, state: RangeState): boolean => range?.state().hashes.join() === state.hashes.join()

/** A head that is no head, or differs from its own stored hash, is itself the one; otherwise it speaks of those before it. */
const checkHead = (walk: Walk, entry: LogEntry, isOwn: boolean): LogFault | null => {
  const head = readSegmentHead(entry)
  if (head !== null && isAt(walk.range, head)) return null
  const why = 'a segment does not begin with the state of the tree before it'
  if (walk.suspect === null && (head === null || !isOwn)) return fault('altered', entry.seq, why)
  return blame(walk, { last: entry.seq, isStored: head !== null && isAt(walk.suspect?.stored, head), why })
}

const compareLeaf = (walk: Walk, leaf: string, kept: string | null): void => {
  if (kept === null) return
  if (kept !== leaf) walk.suspect ??= { seq: walk.range.size, stored: createCompactRange(walk.range.state()) }
  walk.suspect?.stored.append(kept)
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
  const leaf = leafHashAt(line.buffer, line.from, line.to)
  const kept = source.leaves.next()
  const wrongHead = source.isFirst ? checkHead(walk, entry, kept === null || kept === leaf) : null
  compareLeaf(walk, leaf, kept)
  if (entry.record.kind === 'decision') walk.unsigned = widen(walk.unsigned, entry.record.at)
  walk.range.append(leaf)
  return wrongHead
}

/** Compares the tree with what was signed for its size. */
export const checkSigned = (walk: Walk, signed: SignedSize): LogFault | null => {
  const { size, root } = signed
  if (walk.range.root() !== root) {
    const why = `the records before ${size} are not those that were signed`
    return blame(walk, { last: size - 1, isStored: walk.suspect?.stored.root() === root, why })
  }
  walk.suspect = null
  walk.unsigned = null
  walk.signed = size
  walk.checkpoints++
  return null
}
