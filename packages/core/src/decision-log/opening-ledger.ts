import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, attemptAsync } from '../lib/attempt.ts'
import type { KeptOpening, OpeningLedger } from '../model/ports.ts'
import { writeWhole } from './image-store.ts'

const FILE = 'openings.json'

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const isKept = (value: unknown): value is KeptOpening => {
  if (typeof value !== 'object' || value === null || !('at' in value) || !('by' in value)) return false
  return typeof value.at === 'number' && Number.isFinite(value.at) && typeof value.by === 'string'
}

/** Null for whatever this ledger never wrote: nobody can tell then what was opened. */
const parseKept = (text: string): Map<string, KeptOpening> | null => {
  const read = attempt((): unknown => JSON.parse(text))
  if (!read.ok || typeof read.value !== 'object' || read.value === null || Array.isArray(read.value)) return null
  const entries = Object.entries(read.value)
  return entries.every(([, value]) => isKept(value)) ? new Map(entries as [string, KeptOpening][]) : null
}

const readKept = (file: string): Map<string, KeptOpening> | null => {
  const text = attempt(() => readFileSync(file, 'utf8'))
  if (text.ok) return parseKept(text.value)
  return isMissing(text.error) ? new Map() : null
}

const NOT_KEPT = { first: false, durable: () => Promise.resolve(false) }

/**
 * Openings of break-glass exceptions, in `openings.json` of a log folder, whose one writer this is. The file is written whole or not at
 * all. A file that is missing says that nothing was opened; one that cannot be read or was not written by this ledger says nothing, and
 * `read` is null until the process is started on a mended one. Not checked: that nobody took the file away; the decision log has a
 * record of every opening.
 */
export const openOpeningLedger = (logFolder: string): OpeningLedger => {
  const file = join(logFolder, FILE)
  const kept = readKept(file)
  if (kept === null) return { read: () => null, open: () => NOT_KEPT }
  const safe = new WeakSet<KeptOpening>(kept.values())
  let flight: Promise<void> = Promise.resolve()

  const writeAll = async (): Promise<void> => {
    const written = new Map(kept)
    const text = JSON.stringify(Object.fromEntries(written))
    const done = await attemptAsync(() => writeWhole(logFolder, file, text))
    if (done.ok) for (const opening of written.values()) safe.add(opening)
  }
  const ensure = async (opening: KeptOpening): Promise<boolean> => {
    await flight
    if (safe.has(opening)) return true
    flight = flight.then(writeAll)
    await flight
    return safe.has(opening)
  }
  return {
    read: () => kept,
    open: ({ name, armed, at, by }) => {
      const known = kept.get(name)
      const first = known === undefined || known.at < armed
      const opening = first ? { at, by } : known
      if (first) kept.set(name, opening)
      const begun = first ? ensure(opening) : null
      return { first, durable: () => begun ?? ensure(opening) }
    },
  }
}
