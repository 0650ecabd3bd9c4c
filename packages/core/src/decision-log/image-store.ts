import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt, attemptAsync } from '../lib/attempt.ts'
import { sha256Hex, sha256HexInPieces } from '../lib/digest.ts'
import type { ImageStore } from '../model/ports.ts'
import { syncFolder } from './disk.ts'

const DIGEST = /^sha256:[0-9a-f]{64}$/
const FOLDER = 'images'

const digestOf = (text: string): string => `sha256:${sha256Hex(text)}`

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Whole under its name or not there at all, whatever happens meanwhile. */
export const writeWhole = async (folder: string, file: string, text: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomUUID()}.tmp`
  const written = await attemptAsync(async () => {
    await writeFile(temporary, text, { mode: 0o600, flush: true })
    await rename(temporary, file)
  })
  if (!written.ok) {
    await rm(temporary)
    throw written.error
  }
  syncFolder(folder)
}

/**
 * PolicyImages by digest, under `images/` of a log folder, so that a past decision can be made again. A file is written whole or not
 * at all, and read back only if it is what its name says. Never throws: false and null are the failures.
 */
export const createImageStore = (logFolder: string): ImageStore => {
  const folder = join(logFolder, FOLDER)
  const fileOf = (digest: string): string => join(folder, `${digest.slice('sha256:'.length)}.json`)
  return {
    keep: async (digest, canonicalJson) => {
      if (!DIGEST.test(digest) || `sha256:${await sha256HexInPieces(canonicalJson, nextTurn)}` !== digest) return false
      const known = await attemptAsync(() => readFile(fileOf(digest), 'utf8'))
      if (known.ok && known.value === canonicalJson) return true
      return (await attemptAsync(() => writeWhole(folder, fileOf(digest), canonicalJson))).ok
    },
    read: (digest) => {
      if (!DIGEST.test(digest)) return null
      const text = attempt(() => readFileSync(fileOf(digest), 'utf8'))
      return text.ok && digestOf(text.value) === digest ? text.value : null
    },
  }
}
