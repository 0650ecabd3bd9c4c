// The real disk, with faults put in front of it: errors before or in the middle of a call, and calls that do not return.
import { createLogDisk, type LogDisk } from '../../packages/core/src/decision-log/disk.ts'

export type DiskCall = keyof LogDisk

export interface Fault {
  /** Which calls it hits. */
  readonly calls: readonly DiskCall[]
  /** The code of the error; `hang` for a call that does not return before the fault is lifted. */
  readonly code: string
  /** Bytes of a write that reach the file before it fails. */
  readonly partial?: number
}

export interface FaultyDisk {
  readonly disk: LogDisk
  /** Puts a fault in force, or lifts it. */
  readonly set: (fault: Fault | null) => void
  /** How often a call was hit. */
  readonly hits: () => number
}

export function createFaultyDisk(folder: string): FaultyDisk {
  const real = createLogDisk(folder)
  let fault: Fault | null = null
  let hits = 0
  let lift: (() => void)[] = []
  const reach = async (call: DiskCall, spoil: (bytes: number) => Promise<void>): Promise<void> => {
    if (fault === null || !fault.calls.includes(call)) return
    hits++
    if (fault.code === 'hang') {
      await new Promise<void>((resolve) => lift.push(resolve))
      return reach(call, spoil)
    }
    if (fault.partial !== undefined) await spoil(fault.partial)
    throw Object.assign(new Error(`${fault.code}: a fault of the test`), { code: fault.code })
  }
  const nothing = () => Promise.resolve()
  const disk: LogDisk = {
    open: async (path, durable) => {
      await reach('open', nothing)
      return real.open(path, durable)
    },
    write: async (fd, buffers, position) => {
      await reach('write', (bytes) => real.write(fd, [Buffer.concat(buffers).subarray(0, bytes)], position))
      return real.write(fd, buffers, position)
    },
    sync: async (fd) => {
      await reach('sync', nothing)
      return real.sync(fd)
    },
    truncate: async (fd, size) => {
      await reach('truncate', nothing)
      return real.truncate(fd, size)
    },
    close: real.close,
  }
  const set = (next: Fault | null) => {
    fault = next
    for (const resolve of lift) resolve()
    lift = []
  }
  return { disk, set, hits: () => hits }
}
