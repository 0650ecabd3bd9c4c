import type { Clock } from '../model/ports.ts'
import type { LogRecord } from '../model/log-record.ts'
import { type CompactRange, createCompactRange, leafHashAt, type RangeState } from './compact-range.ts'
import { encodeRecord, MAX_LINE } from './encode-record.ts'
import { segmentHead } from './segments.ts'

/** Lines that wait for the disk, contiguous in one buffer, all of one segment. */
export interface Slab {
  /** Lines at [1, used): the byte before them is borrowed by leafHashAt. */
  readonly buffer: Buffer
  used: number
  /** Sequence number of the first line. */
  readonly first: number
  readonly startsSegment: boolean
  readonly leaves: string[]
  /** Monotonic ms at which the first line came. */
  readonly since: number
  /** The tree after the last line; set when the slab is handed to the disk. */
  after: RangeState | null
  durable: boolean
  waiting: ((durable: boolean) => void)[]
}

/** How much may wait for the disk before records are refused: the stated window of bounded services. */
export interface WindowLimits {
  readonly records: number
  readonly bytes: number
  /** Age of the oldest waiting record, ms; applies while the disk is in trouble. */
  readonly ms: number
}

export interface WindowParts {
  readonly origin: string
  readonly clock: Clock
  readonly limits: WindowLimits
  readonly segmentBytes: number
  readonly tree: RangeState
  /** Bytes the current segment holds; null when the first record is to start one. */
  readonly segmentUsed: number | null
}

/**
 * Every accepted record that is not yet on disk, in order. Records are numbered and hashed here, and here it is decided where segments
 * end.
 */
export interface SlabWindow {
  readonly parts: WindowParts
  readonly range: CompactRange
  readonly slabs: Slab[]
  readonly spare: Buffer[]
  filling: Slab | null
  segmentUsed: number
  records: number
  bytes: number
}

const SLAB_BYTES = 1 << 20
const SPARE_SLABS = 4
const NEWLINE = 10

export const createSlabWindow = (parts: WindowParts): SlabWindow => ({
  parts,
  range: createCompactRange(parts.tree),
  slabs: [],
  spare: [],
  filling: null,
  segmentUsed: parts.segmentUsed ?? Number.POSITIVE_INFINITY,
  records: 0,
  bytes: 0,
})

export const isFull = ({ records, bytes, parts }: SlabWindow): boolean =>
  records >= parts.limits.records || bytes >= parts.limits.bytes

/** True when the oldest waiting record is older than the window allows. */
export const isStale = ({ slabs, parts }: SlabWindow): boolean => {
  const [oldest] = slabs
  return oldest !== undefined && parts.clock.monotonic() - oldest.since >= parts.limits.ms
}

const put = (window: SlabWindow, slab: Slab, record: LogRecord): void => {
  const { range } = window
  const line = encodeRecord(record, range.size)
  const from = slab.used
  const to = from + line.length
  slab.buffer.write(line, from, 'latin1')
  const leaf = leafHashAt(slab.buffer, from, to)
  slab.buffer[to] = NEWLINE
  slab.used = to + 1
  slab.leaves.push(leaf)
  range.append(leaf)
  window.segmentUsed += line.length + 1
  window.bytes += line.length + 1
  window.records++
}

const seal = (window: SlabWindow): void => {
  if (window.filling !== null) window.filling.after = window.range.state()
  window.filling = null
}

const openSlab = (window: SlabWindow): Slab => {
  const { parts, range } = window
  seal(window)
  const startsSegment = window.segmentUsed >= parts.segmentBytes
  const slab: Slab = {
    buffer: window.spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES),
    used: 1,
    first: range.size,
    startsSegment,
    leaves: [],
    since: parts.clock.monotonic(),
    after: null,
    durable: false,
    waiting: [],
  }
  window.slabs.push(slab)
  window.filling = slab
  if (startsSegment) {
    window.segmentUsed = 0
    put(window, slab, segmentHead(parts.origin, range.state(), parts.clock.now()))
  }
  return slab
}

/** Takes a record, whatever the limits say; the slab is where it waits. */
export const addRecord = (window: SlabWindow, record: LogRecord): Slab => {
  const { filling } = window
  const slab = filling !== null && filling.used + MAX_LINE < SLAB_BYTES ? filling : openSlab(window)
  put(window, slab, record)
  return slab
}

/** All that waits, in order, up to where the next segment starts. Nothing is added to these slabs until they are put back. */
export const takeBatch = (window: SlabWindow): readonly Slab[] => {
  seal(window)
  const next = window.slabs.findIndex((slab, index) => index > 0 && slab.startsSegment)
  return next < 0 ? [...window.slabs] : window.slabs.slice(0, next)
}

/** The disk has these slabs, which are the oldest. */
export const releaseBatch = (window: SlabWindow, batch: readonly Slab[]): void => {
  window.slabs.splice(0, batch.length)
  for (const slab of batch) {
    window.records -= slab.leaves.length
    window.bytes -= slab.used - 1
    slab.durable = true
    if (window.spare.length < SPARE_SLABS) window.spare.push(slab.buffer)
  }
}

/** The disk did not take the batch: what comes next may share the last slab's room. */
export const putBack = (window: SlabWindow): void => {
  window.filling ??= window.slabs.at(-1) as Slab
}

export const isWaitedFor = ({ slabs }: SlabWindow): boolean => slabs.some(({ waiting }) => waiting.length > 0)

/** Takes out those who wait on any slab. */
export const drainWaiting = ({ slabs }: SlabWindow): readonly ((durable: boolean) => void)[] => {
  const waiting = slabs.flatMap((slab) => slab.waiting)
  for (const slab of slabs) slab.waiting = []
  return waiting
}
