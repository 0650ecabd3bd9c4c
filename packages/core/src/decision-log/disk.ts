import { close, closeSync, constants, fdatasync, fsyncSync, ftruncate, open, openSync, writev } from 'node:fs'
import { promisify } from 'node:util'
import { attempt } from '../lib/attempt.ts'

/** What the writer needs of a disk. Calls reject with the system's error; none blocks the event loop for data. */
export interface LogDisk {
  /** Opens for writing, creating the file if need be, and makes its name durable. `durable`: so is what is written to it. */
  readonly open: (path: string, durable: boolean) => Promise<number>
  /** Writes all of it, or rejects having written any part of it. Of a file opened as durable, once it is. */
  readonly write: (fd: number, buffers: readonly Uint8Array[], position: number) => Promise<void>
  readonly sync: (fd: number) => Promise<void>
  readonly truncate: (fd: number, size: number) => Promise<void>
  readonly close: (fd: number) => Promise<void>
}

export type TroubleCause = 'disk.full' | 'disk.read_only' | 'disk.hung' | 'disk.failed' | 'window.full'

const CAUSES: Readonly<Record<string, TroubleCause>> = {
  ENOSPC: 'disk.full',
  EDQUOT: 'disk.full',
  EFBIG: 'disk.full',
  EROFS: 'disk.read_only',
  EACCES: 'disk.read_only',
  EPERM: 'disk.read_only',
}

export const causeOf = (error: unknown): TroubleCause => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return CAUSES[code] ?? 'disk.failed'
}

const openFile = promisify(open)
const closeFile = promisify(close)
const truncateFile = promisify(ftruncate)
const syncFile = promisify(fdatasync)

const writeOnce = (fd: number, buffers: readonly Uint8Array[], position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    writev(fd, buffers, position, (error, written) => (error === null ? resolve(written) : reject(error)))
  })

const skip = (buffers: readonly Uint8Array[], bytes: number): readonly Uint8Array[] => {
  let left = bytes
  return buffers.flatMap((buffer) => {
    const gone = Math.min(left, buffer.length)
    left -= gone
    return gone === buffer.length ? [] : [buffer.subarray(gone)]
  })
}

const writeAll = async (fd: number, buffers: readonly Uint8Array[], position: number): Promise<void> => {
  let rest = skip(buffers, 0)
  let at = position
  while (rest.length > 0) {
    const written = await writeOnce(fd, rest, at)
    at += written
    rest = skip(rest, written)
  }
}

/** Makes names in a folder durable. Some systems cannot open a folder; there it does nothing. */
export const syncFolder = (folder: string): void => {
  const fd = attempt(() => openSync(folder, 'r'))
  if (!fd.ok) return
  attempt(() => fsyncSync(fd.value))
  closeSync(fd.value)
}

const FLAGS = constants.O_RDWR | constants.O_CREAT
const OWNER_ONLY = 0o600

/**
 * Linux writes and makes durable in one call (O_DSYNC, as durable as `fdatasync`), so that whoever waits for it waits for one turn of the
 * event loop. Elsewhere a sync follows: there the flag is missing, or leaves the cache of the drive aside (macOS).
 */
export const createLogDisk = (folder: string, platform: NodeJS.Platform = process.platform): LogDisk => {
  const inOneCall = platform === 'linux'
  const toSync = new Set<number>()
  return {
    open: async (path, durable) => {
      const fd = await openFile(path, durable && inOneCall ? FLAGS | constants.O_DSYNC : FLAGS, OWNER_ONLY)
      if (durable && !inOneCall) toSync.add(fd)
      syncFolder(folder)
      return fd
    },
    write: async (fd, buffers, position) => {
      await writeAll(fd, buffers, position)
      if (toSync.has(fd)) await syncFile(fd)
    },
    sync: syncFile,
    truncate: truncateFile,
    close: (fd) => {
      toSync.delete(fd)
      return closeFile(fd)
    },
  }
}
