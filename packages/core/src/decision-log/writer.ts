import { type Attempt, attemptAsync } from '../lib/attempt.ts'
import type { NoteSigner } from '../lib/signed-note.ts'
import type { LogRecord } from '../model/log-record.ts'
import type { Clock, DecisionLog, LogReceipt } from '../model/ports.ts'
import { makeCheckpoint } from './checkpoint-file.ts'
import type { RangeState } from './compact-range.ts'
import { causeOf, type TroubleCause } from './disk.ts'
import type { SegmentFiles } from './segment-files.ts'
import {
  addRecord,
  drainWaiting,
  isFull,
  isStale,
  isWaitedFor,
  putBack,
  releaseBatch,
  type Slab,
  type SlabWindow,
  takeBatch,
} from './slab-window.ts'
import { pause, within } from './waits.ts'

/** Spans in ms. */
export interface WriterTimes {
  /** Records of this span share one write and one sync; of a shorter one where somebody waits for them and there are few. */
  readonly group: number
  /** Between checkpoints, when there is something new. */
  readonly checkpoint: number
  /** Between attempts while the disk is in trouble. */
  readonly retry: number
  /** A write that takes longer counts as hung; also how long close waits. */
  readonly hung: number
}

/**
 * `began`, `ended`: the disk does not take records, takes them again. `ended` and `closed` say how many were lost; `closed` comes
 * only when some were. `checkpoint`: records are durable, and could not be signed yet.
 */
export interface LogTrouble {
  readonly kind: 'began' | 'ended' | 'checkpoint' | 'closed'
  readonly cause: TroubleCause
  readonly lost: number
}

/** For health and metrics. Sizes count records. */
export interface LogStatus {
  /** Records accepted, ever. */
  readonly size: number
  readonly durable: number
  readonly signed: number
  readonly waiting: { readonly records: number; readonly bytes: number }
  /** Refused and not yet told in a gap record. */
  readonly lost: number
  readonly trouble: TroubleCause | null
}

export interface WriterParts {
  readonly window: SlabWindow
  readonly files: SegmentFiles
  readonly signer: NoteSigner
  readonly clock: Clock
  readonly times: WriterTimes
  /** The tree as it is on disk, and how much of it is signed. */
  readonly durable: RangeState
  readonly signed: number
  readonly onTrouble: (trouble: LogTrouble) => void
  readonly release: () => void
}

interface Loss {
  count: number
  readonly from: number
  until: number
  readonly cause: TroubleCause
}

/** Records in one write from which who waits for the next waits for the whole group. With fewer, a write more costs less than the wait. */
const BUSY = 20

const REFUSED: LogReceipt = { accepted: false, durable: () => Promise.resolve(false) }

/** Writes in groups: one write and one sync at a time, whatever waits meanwhile goes into the next. */
export class LogWriter implements Pick<DecisionLog, 'append' | 'close'> {
  readonly #parts: WriterParts
  readonly #checkpointTimer: NodeJS.Timeout
  /** Takes back the write that is to come; null when none is. */
  #cancel: (() => void) | null = null
  #flight: Promise<void> | null = null
  #started = Number.NEGATIVE_INFINITY
  /** Of the group that is being filled, when somebody waits for it, ms. */
  #hurried = 0
  /** Of the group that is being filled, as its write is scheduled, ms. */
  #span = 0
  #durable: RangeState
  #signed: number
  #checkpointDue = true
  #trouble: TroubleCause | null = null
  #loss: Loss | null = null
  #accepting = true
  #closing: Promise<void> | null = null

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.#durable = parts.durable
    this.#signed = parts.signed
    this.#checkpointTimer = setInterval(() => this.#wantCheckpoint(), parts.times.checkpoint)
    this.#checkpointTimer.unref()
  }

  append(record: LogRecord): LogReceipt {
    const { window } = this.#parts
    if (!this.#accepting || isFull(window) || (this.#trouble !== null && isStale(window))) return this.#lose()
    if (this.#loss !== null) this.#tellLoss(this.#loss)
    const slab = addRecord(window, record)
    if (this.#cancel === null && this.#flight === null) this.#schedule(this.#parts.times.group)
    return { accepted: true, durable: () => this.#whenDurable(slab) }
  }

  /** Resolves when the write that is under way, and the checkpoint behind it, are done. Does not wait for a disk that hangs. */
  async settle(): Promise<void> {
    if (this.#trouble === null) await this.#flight
  }

  status(): LogStatus {
    const { window } = this.#parts
    return {
      size: window.range.size,
      durable: this.#durable.size,
      signed: this.#signed,
      waiting: { records: window.records, bytes: window.bytes },
      lost: this.#loss?.count ?? 0,
      trouble: this.#trouble,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  #lose(): LogReceipt {
    const now = this.#parts.clock.now()
    this.#loss ??= { count: 0, from: now, until: now, cause: this.#trouble ?? 'window.full' }
    this.#loss.count++
    this.#loss.until = now
    return REFUSED
  }

  /** The gap stands where the lost records would stand: after what was accepted before them. */
  #tellLoss({ count, from, until, cause }: Loss): void {
    this.#loss = null
    addRecord(this.#parts.window, { kind: 'gap', at: this.#parts.clock.now(), lost: count, from, until, cause })
  }

  #whenDurable(slab: Slab): Promise<boolean> {
    if (slab.durable) return Promise.resolve(true)
    if (this.#trouble !== null) return Promise.resolve(false)
    this.#hurry()
    return new Promise((resolve) => slab.waiting.push(resolve))
  }

  #wantCheckpoint(): void {
    if (this.#signed === this.#durable.size && this.#parts.window.records === 0) return
    this.#checkpointDue = true
    if (this.#cancel === null && this.#flight === null) this.#schedule(this.#parts.times.group)
  }

  /** Writes sooner what somebody waits for. */
  #hurry(): void {
    if (this.#cancel === null || this.#hurried >= this.#span) return
    this.#cancel()
    this.#schedule(this.#hurried)
  }

  #schedule(span: number): void {
    const { clock, times } = this.#parts
    this.#span = span
    const wait = this.#trouble === null ? this.#started + span - clock.monotonic() : times.retry
    if (wait > 0) {
      const timer = setTimeout(() => void this.#flush(), wait)
      this.#cancel = () => clearTimeout(timer)
    } else {
      const turn = setImmediate(() => void this.#flush())
      this.#cancel = () => clearImmediate(turn)
    }
  }

  #flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    const flight = this.#fly().then(() => {
      this.#flight = null
      if (this.#closing !== null || !this.#hasWork()) return
      this.#schedule(isWaitedFor(this.#parts.window) ? this.#hurried : this.#parts.times.group)
    })
    this.#flight = flight
    return flight
  }

  #hasWork(): boolean {
    return this.#parts.window.records > 0 || this.#checkpointDue
  }

  async #fly(): Promise<void> {
    const { window, files, clock, times } = this.#parts
    this.#started = clock.monotonic()
    this.#hurried = times.group * Math.min(1, window.records / BUSY)
    const batch = takeBatch(window)
    if (batch[0]?.startsSegment) await this.#sign()
    const written = await this.#watched(() => files.write(batch))
    if (!written.ok) {
      putBack(window)
      this.#beginTrouble(causeOf(written.error))
      return
    }
    this.#land(batch)
    if (!this.#checkpointDue) return
    this.#checkpointDue = false
    await this.#sign()
  }

  /** A disk that does not answer is in trouble as much as one that refuses, and known so before its call returns. */
  async #watched(task: () => Promise<void>): Promise<Attempt<void>> {
    const deadline = setTimeout(() => this.#beginTrouble('disk.hung'), this.#parts.times.hung)
    const done = await attemptAsync(task)
    clearTimeout(deadline)
    if (done.ok && this.#trouble !== null) this.#endTrouble(this.#trouble)
    return done
  }

  #land(batch: readonly Slab[]): void {
    this.#durable = batch.at(-1)?.after ?? this.#durable
    releaseBatch(this.#parts.window, batch)
    for (const slab of batch) {
      for (const resolve of slab.waiting) resolve(true)
      slab.waiting = []
    }
    if (this.#loss !== null && this.#accepting) this.#tellLoss(this.#loss)
  }

  #beginTrouble(cause: TroubleCause): void {
    const isNew = this.#trouble === null
    this.#trouble = cause
    for (const resolve of drainWaiting(this.#parts.window)) resolve(false)
    if (isNew) this.#parts.onTrouble({ kind: 'began', cause, lost: this.#loss?.count ?? 0 })
  }

  #endTrouble(cause: TroubleCause): void {
    this.#trouble = null
    this.#parts.onTrouble({ kind: 'ended', cause, lost: this.#loss?.count ?? 0 })
  }

  /** Signs what is durable. A failure leaves the records as durable as they are; the next checkpoint covers them. */
  async #sign(): Promise<void> {
    const state = this.#durable
    if (state.size === this.#signed) return
    const note = makeCheckpoint(this.#parts.signer, state)
    const written = await this.#watched(() => this.#parts.files.writeCheckpoint(note))
    if (written.ok) this.#signed = state.size
    else this.#parts.onTrouble({ kind: 'checkpoint', cause: causeOf(written.error), lost: 0 })
  }

  async #end(): Promise<void> {
    const { window, files, clock, times } = this.#parts
    if (this.#loss !== null) this.#tellLoss(this.#loss)
    addRecord(window, { kind: 'administration', at: clock.now(), action: 'log.closed', detail: null })
    this.#accepting = false
    clearInterval(this.#checkpointTimer)
    const deadline = clock.monotonic() + times.hung
    const isDone = (): boolean => window.records === 0 && this.#signed === this.#durable.size
    while (!isDone() && clock.monotonic() < deadline) await this.#lastTry(deadline)
    const lost = window.records + (this.#loss?.count ?? 0)
    if (window.records > 0) this.#parts.onTrouble({ kind: 'closed', cause: this.#trouble ?? 'disk.failed', lost })
    // A write that is merely under way at the deadline gets one more span to end.
    await this.#landed(times.hung)
    // While a hung write may still land, nobody else may write here: the lock goes with the process.
    if (this.#flight !== null) return
    await files.close()
    this.#parts.release()
  }

  async #landed(ms: number): Promise<void> {
    if (this.#flight !== null) await within(this.#flight, ms)
  }

  /** One more attempt. After one that brought nothing there is a pause: a disk that refuses at once would be asked without end. */
  async #lastTry(deadline: number): Promise<void> {
    const { clock, times } = this.#parts
    const before = this.#durable.size + this.#signed
    this.#checkpointDue = true
    await within(this.#flight ?? this.#flush(), deadline - clock.monotonic())
    if (this.#durable.size + this.#signed > before) return
    await pause(Math.min(times.retry, Math.max(0, deadline - clock.monotonic())))
  }
}
