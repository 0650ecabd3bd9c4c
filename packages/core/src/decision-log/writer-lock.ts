import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attempt } from '../lib/attempt.ts'

export type WriterLock = { readonly ok: true; readonly release: () => void } | { readonly ok: false; readonly busy: boolean }

/**
 * Makes sure that one process writes. The lock is that of the operating system on an (always empty) SQLite file, the only one Node
 * offers: it goes with the process that held it, so none is ever stale and no process id is ever mistaken for another's.
 */
export const lockFolder = (folder: string): WriterLock => {
  const opened = attempt(() => new DatabaseSync(join(folder, 'lock'), { timeout: 0 }))
  if (!opened.ok) return { ok: false, busy: false }
  const taken = attempt(() => opened.value.exec('BEGIN EXCLUSIVE'))
  if (taken.ok) return { ok: true, release: () => opened.value.close() }
  opened.value.close()
  return { ok: false, busy: String(taken.error).includes('locked') }
}
