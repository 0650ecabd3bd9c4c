import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, type KeyFound, type LogRecord, parseAddress } from '@balustrade/core/kit'
import { onTestFinished } from 'vitest'
import { type ApiKeys, createApiKeys } from '../../packages/server/src/keys/api-keys.ts'
import type { GivenOut, NewKey } from '../../packages/server/src/keys/new-key.ts'
import { openStateStore } from '../../packages/server/src/state/open-state-store.ts'
import type { StateStore } from '../../packages/server/src/state/state-store.ts'
import { HOUR, START, type StoreMode, switchable } from './sessions.ts'

export const DAY = 24 * HOUR

/** Long enough for a machine with much else to do. */
const PATIENT_MS = 20_000

/** One process on the store, and what it said to its log. */
export interface KeyProcess {
  readonly keys: ApiKeys
  readonly store: StateStore
  readonly records: readonly LogRecord[]
  /** How often entries of keys were looked up. */
  readonly lookups: () => number
  readonly changes: () => number
  readonly setMode: (mode: StoreMode) => void
  /** The monotonic clock goes on by so many ms at once. */
  readonly advance: (ms: number) => void
  readonly close: () => Promise<void>
}

export interface KeyWorld {
  /** `stateKeys`: bytes that keys of the state are made of, newest first. */
  readonly open: (options?: { readonly stateKeys?: readonly number[]; readonly longestLife?: number }) => Promise<KeyProcess>
  /** All bytes of the folder of the store. */
  readonly bytes: () => Buffer
}

/** Closed with the test. */
export const openKeyWorld = (): KeyWorld => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return {
    bytes: () => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name)))),
    open: async ({ stateKeys = [7], longestLife = 365 * DAY } = {}) => {
      let offset = 0
      let mode: StoreMode = 'up'
      let lookups = 0
      let changes = 0
      const clock = { now: () => START, monotonic: () => performance.now() + offset }
      const secretKeys = stateKeys.map((byte) => createSecretKey(Buffer.alloc(32, byte)))
      const file = join(folder, 'state.db')
      const opened = await openStateStore({ file, keys: secretKeys, clock, deadline: PATIENT_MS, onTrouble: () => {} })
      if (!opened.ok) throw new Error(opened.why)
      const counted: StateStore = {
        ...opened.store,
        get: (collection, key) => {
          if (collection === 'api-key') lookups++
          return opened.store.get(collection, key)
        },
      }
      const store = switchable(counted, clock, () => mode)
      const records: LogRecord[] = []
      const append = (record: LogRecord) => {
        records.push(record)
        return { accepted: true, durable: () => Promise.resolve(true) }
      }
      const keys = createApiKeys({ store, keys: secretKeys, clock, longestLife, log: { append } })
      keys.onChange(() => changes++)
      let isOpen = true
      const close = async () => {
        if (!isOpen) return
        isOpen = false
        await keys.close()
        await store.close()
      }
      onTestFinished(close)
      return {
        keys,
        store,
        records,
        lookups: () => lookups,
        changes: () => changes,
        setMode: (next) => {
          mode = next
        },
        advance: (ms) => {
          offset += ms
        },
        close,
      }
    },
  }
}

export const newKey = (given: Partial<NewKey> = {}): NewKey => ({
  subject: 'reporter',
  owner: 'payments@example.com',
  scopes: ['charges.read'],
  networks: [],
  life: 30 * DAY,
  ...given,
})

export const by = (now = START) => ({ now, by: 'ada' })

/** A key that was given out; throws where it was not. */
export const given = async ({ keys }: KeyProcess, asked: Partial<NewKey> = {}, now = START): Promise<GivenOut> => {
  const made = await keys.create(newKey(asked), by(now))
  if (!made.ok || 'refused' in made.value) throw new Error(JSON.stringify(made))
  return made.value
}

const wordFor = (found: KeyFound): string => {
  if (found.status !== 'found') return found.status === 'refused' ? found.code : found.status
  return found.unconfirmed ? 'unconfirmed' : 'found'
}

export const addressAt = (text: string): Address => parseAddress(text) as Address

/** What comes of a key, in one word: `found`, `unconfirmed`, `unavailable` or the reason. */
export const lookUpKey = async (
  { keys }: KeyProcess,
  text: string,
  { now = START, address = '127.0.0.1', lenient = false } = {},
): Promise<string> => wordFor(await keys.reader.find(text, { now, address: addressAt(address), lenient }))

/** Whether the process answers from what it knows. */
export const isWarm = ({ keys }: KeyProcess, text: string): boolean =>
  !(keys.reader.find(text, { now: START, address: addressAt('127.0.0.1'), lenient: false }) instanceof Promise)
