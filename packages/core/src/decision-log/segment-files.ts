import { attemptAsync } from '../lib/attempt.ts'
import { hashToBytes } from './compact-range.ts'
import type { LogDisk } from './disk.ts'
import { checkpointsPath, leavesPath, segmentPath } from './segments.ts'
import type { Slab } from './slab-window.ts'

/** Where the log ends on disk: up to here all is known to be good. */
export interface DiskPosition {
  /** First sequence number of the last segment; null when there is none. */
  readonly first: number | null
  readonly bytes: number
  readonly records: number
  readonly checkpointBytes: number
}

interface OpenFiles {
  readonly lines: number
  readonly leaves: number
}

const HASH_BYTES = 32

/**
 * The files of the last segment and that of the checkpoints. After any failure the files are opened anew and cut back to the
 * last known good end before the next try: part of a group may be there, and after a failed sync nothing that was written since the
 * last good one can be trusted. Calls must not overlap.
 */
export class SegmentFiles {
  readonly #folder: string
  readonly #disk: LogDisk
  #first: number
  #bytes: number
  #records: number
  #checkpointBytes: number
  #open: OpenFiles | null = null

  constructor(folder: string, disk: LogDisk, at: DiskPosition) {
    this.#folder = folder
    this.#disk = disk
    this.#first = at.first ?? 0
    this.#bytes = at.bytes
    this.#records = at.records
    this.#checkpointBytes = at.checkpointBytes
  }

  /** Slabs of one segment, made durable. Rejects with the system's error when they are not, or may not be. */
  async write(slabs: readonly Slab[]): Promise<void> {
    const [oldest] = slabs
    if (oldest === undefined) return
    if (oldest.startsSegment && this.#first !== oldest.first) await this.#startSegment(oldest.first)
    const files = this.#open ?? (await this.#reopen())
    // Set again only when all went well.
    this.#open = null
    const written = await attemptAsync(() => this.#writeLines(files, slabs))
    if (!written.ok) {
      await this.#drop(files)
      throw written.error
    }
    this.#open = files
    for (const slab of slabs) {
      this.#bytes += slab.used - 1
      this.#records += slab.leaves.length
    }
  }

  /** Makes the leaf hashes durable, then the signed note behind the last one. */
  async writeCheckpoint(note: string): Promise<void> {
    if (this.#open !== null) await this.#disk.sync(this.#open.leaves)
    const fd = await this.#disk.open(checkpointsPath(this.#folder), true)
    const bytes = Buffer.from(note)
    const written = await attemptAsync(async () => {
      await this.#disk.truncate(fd, this.#checkpointBytes)
      await this.#disk.write(fd, [bytes], this.#checkpointBytes)
    })
    await attemptAsync(() => this.#disk.close(fd))
    if (!written.ok) throw written.error
    this.#checkpointBytes += bytes.length
  }

  async close(): Promise<void> {
    const files = this.#open
    this.#open = null
    if (files !== null) await this.#drop(files)
  }

  async #writeLines(files: OpenFiles, slabs: readonly Slab[]): Promise<void> {
    const leaves = hashToBytes(slabs.map((slab) => slab.leaves.join('')).join(''))
    const lines = slabs.map((slab) => slab.buffer.subarray(1, slab.used))
    const writes = [
      this.#disk.write(files.leaves, [leaves], this.#records * HASH_BYTES),
      this.#disk.write(files.lines, lines, this.#bytes),
    ]
    // Both are over before either file is closed.
    for (const write of await Promise.allSettled(writes)) if (write.status === 'rejected') throw write.reason
  }

  async #startSegment(first: number): Promise<void> {
    const files = this.#open
    this.#open = null
    if (files !== null) await this.#drop(files)
    this.#first = first
    this.#bytes = 0
    this.#records = 0
  }

  async #reopen(): Promise<OpenFiles> {
    const lines = await this.#disk.open(segmentPath(this.#folder, this.#first), true)
    const opened = await attemptAsync(async () => {
      await this.#disk.truncate(lines, this.#bytes)
      const leaves = await this.#disk.open(leavesPath(this.#folder, this.#first), false)
      return { lines, leaves }
    })
    if (opened.ok) return opened.value
    await attemptAsync(() => this.#disk.close(lines))
    throw opened.error
  }

  async #drop(files: OpenFiles): Promise<void> {
    await attemptAsync(() => this.#disk.close(files.lines))
    await attemptAsync(() => this.#disk.close(files.leaves))
  }
}
