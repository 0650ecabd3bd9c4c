import { type FileHandle, open } from 'node:fs/promises'
import { attemptAsync } from '../lib/attempt.ts'

/** Reads the leaf hashes of a segment in order. Past their end, or where there are none, `next` gives null. */
export interface LeafReader {
  /** Makes the next `count` hashes ready. */
  fill(count: number): Promise<void>
  next(): string | null
  close(): Promise<void>
}

const HASH_BYTES = 32

const readAt = async (file: FileHandle, bytes: number, position: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(bytes)
  const { bytesRead } = await file.read(buffer, 0, bytes, position)
  return buffer.subarray(0, bytesRead - (bytesRead % HASH_BYTES))
}

export const openLeafReader = async (path: string): Promise<LeafReader> => {
  const opened = await attemptAsync(() => open(path, 'r'))
  const file = opened.ok ? opened.value : null
  let ready = Buffer.alloc(0)
  let position = 0
  let at = 0
  return {
    fill: async (count) => {
      position += at
      at = 0
      ready = file === null ? Buffer.alloc(0) : Buffer.from(await readAt(file, count * HASH_BYTES, position))
    },
    next: () => {
      if (at >= ready.length) return null
      at += HASH_BYTES
      return ready.toString('latin1', at - HASH_BYTES, at)
    },
    close: async () => file?.close(),
  }
}
