// A store of the server in a temporary folder, with a clock that tests set, and what else may touch its file.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { type OpenedStore, openStateStore, type StateStoreOptions } from '../../packages/server/src/state/open-state-store.ts'
import type { StateStore, StateTrouble, Stored } from '../../packages/server/src/state/state-store.ts'

export const stateKey = (byte: number): Buffer => Buffer.alloc(32, byte)

/** Long enough that a machine under load does not fail a test that is not about it. */
const PATIENT_MS = 20_000

export interface StateWorld {
  readonly folder: string
  readonly file: string
  /** Epoch ms; tests set it. */
  time: number
  readonly troubles: StateTrouble[]
  readonly tryOpen: (options?: Partial<StateStoreOptions>) => Promise<OpenedStore>
  /** Closed with the test. */
  readonly open: (options?: Partial<StateStoreOptions>) => Promise<StateStore>
  /** Another connection to the file, as another process has one. */
  readonly connect: () => DatabaseSync
  /** All bytes beside and in the file. */
  readonly bytes: () => Buffer
}

type AtEnd = (undo: () => void | Promise<void>) => void

export function makeStateWorld(atEnd: AtEnd = onTestFinished): StateWorld {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-state-'))
  const file = join(folder, 'state.db')
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const troubles: StateTrouble[] = []
  const tryOpen: StateWorld['tryOpen'] = async (options = {}) => {
    const opened = await openStateStore({
      file,
      keys: [stateKey(1)],
      clock: { now: () => world.time, monotonic: () => performance.now() },
      onTrouble: (trouble) => troubles.push(trouble),
      deadline: PATIENT_MS,
      ...options,
    })
    if (opened.ok) atEnd(() => opened.store.close())
    return opened
  }
  const world: StateWorld = {
    folder,
    file,
    time: Date.UTC(2026, 10, 24),
    troubles,
    tryOpen,
    open: async (options) => {
      const opened = await tryOpen(options)
      if (!opened.ok) throw new Error(`${opened.code}: ${opened.why}`)
      return opened.store
    },
    connect: () => {
      const database = new DatabaseSync(file, { timeout: 5_000 })
      atEnd(() => {
        if (database.isOpen) database.close()
      })
      return database
    },
    bytes: () => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name)))),
  }
  return world
}

/** The value, of a store that has to answer. */
export const stored = async <T>(result: Promise<Stored<T>>): Promise<T> => {
  const got = await result
  if (!got.ok) throw new Error('the store did not answer')
  return got.value
}
