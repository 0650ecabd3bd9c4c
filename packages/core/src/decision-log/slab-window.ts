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

const SLAB_BYTES = 1 << 20
const SPARE_SLABS = 4

/** Every accepted record that is not yet on disk, in order. Numbers records, hashes them and decides where segments end. */
export class SlabWindow {
  readonly #parts: WindowParts
  readonly #range: CompactRange
  readonly #slabs: Slab[] = []
  readonly #spare: Buffer[] = []
  #filling: Slab | null = null
  #segmentUsed: number
  #records = 0
  #bytes = 0

  constructor(parts: WindowParts) {
    this.#parts = parts
    this.#range = createCompactRange(parts.tree)
    this.#segmentUsed = parts.segmentUsed ?? Number.POSITIVE_INFINITY
  }

  /** Sequence number of the next record. */
  get size(): number {
    return this.#range.size
  }

  get records(): number {
    return this.#records
  }

  get bytes(): number {
    return this.#bytes
  }

  get isFull(): boolean {
    return this.#records >= this.#parts.limits.records || this.#bytes >= this.#parts.limits.bytes
  }

  /** True when the oldest waiting record is older than the window allows. */
  isStale(): boolean {
    const oldest = this.#slabs[0]
    return oldest !== undefined && this.#parts.clock.monotonic() - oldest.since >= this.#parts.limits.ms
  }

  /** Takes a record, whatever the limits say; the slab is where it waits. */
  add(record: LogRecord): Slab {
    const current = this.#filling
    const slab = current !== null && current.used + MAX_LINE < SLAB_BYTES ? current : this.#openSlab()
    this.#put(slab, record)
    return slab
  }

  /** All that waits, in order, up to where the next segment starts. Nothing is added to these slabs until they come back. */
  take(): readonly Slab[] {
    if (this.#filling !== null) this.#seal(this.#filling)
    this.#filling = null
    const next = this.#slabs.findIndex((slab, index) => index > 0 && slab.startsSegment)
    return next < 0 ? [...this.#slabs] : this.#slabs.slice(0, next)
  }

  /** The disk has these slabs, the oldest ones. */
  release(batch: readonly Slab[]): void {
    for (const slab of this.#slabs.splice(0, batch.length)) {
      this.#records -= slab.leaves.length
      this.#bytes -= slab.used - 1
      slab.durable = true
      if (this.#spare.length < SPARE_SLABS) this.#spare.push(slab.buffer)
    }
  }

  /** The disk did not take them: what comes next may share the last one's room. */
  putBack(): void {
    this.#filling ??= this.#slabs.at(-1) ?? null
  }

  /** Those who wait on any slab. */
  drainWaiting(): readonly ((durable: boolean) => void)[] {
    const waiting = this.#slabs.flatMap((slab) => slab.waiting)
    for (const slab of this.#slabs) slab.waiting = []
    return waiting
  }

  #seal(slab: Slab): void {
    slab.after = this.#range.state()
  }

  #openSlab(): Slab {
    if (this.#filling !== null) this.#seal(this.#filling)
    const startsSegment = this.#segmentUsed >= this.#parts.segmentBytes
    const slab: Slab = {
      buffer: this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES),
      used: 1,
      first: this.#range.size,
      startsSegment,
      leaves: [],
      since: this.#parts.clock.monotonic(),
      after: null,
      durable: false,
      waiting: [],
    }
    this.#slabs.push(slab)
    this.#filling = slab
    if (startsSegment) {
      this.#segmentUsed = 0
      this.#put(slab, segmentHead(this.#parts.origin, this.#range.state(), this.#parts.clock.now()))
    }
    return slab
  }

  #put(slab: Slab, record: LogRecord): void {
    const line = encodeRecord(record, this.#range.size)
    const from = slab.used
    const to = from + line.length
    slab.buffer.write(line, from, 'latin1')
    const leaf = leafHashAt(slab.buffer, from, to)
    slab.buffer[to] = 10
    slab.used = to + 1
    slab.leaves.push(leaf)
    this.#range.append(leaf)
    this.#segmentUsed += line.length + 1
    this.#bytes += line.length + 1
    this.#records++
  }
}
