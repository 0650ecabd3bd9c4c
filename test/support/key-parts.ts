// The parts of API keys on a store in memory, whose answers and clocks tests set.
import { createSecretKey } from 'node:crypto'
import type { LogRecord } from '@balustrade/core/kit'
import { onTestFinished } from 'vitest'
import { createKeyLedger } from '../../packages/server/src/keys/key-ledger.ts'
import { createKnownKeys } from '../../packages/server/src/keys/known-keys.ts'
import { createSecretHashing } from '../../packages/server/src/keys/secret-hashing.ts'
import { createKeyWriter } from '../../packages/server/src/keys/write-keys.ts'
import { DAY } from './keys.ts'
import { START } from './sessions.ts'
import { type ScriptOptions, scriptedStore } from './store-in-memory.ts'

export const LONGEST_LIFE = 90 * DAY

export const keyParts = (options: ScriptOptions = {}) => {
  const told = { changed: 0, forgotten: 0 }
  const records: LogRecord[] = []
  let monotonic = 0
  const clock = { now: () => START, monotonic: () => monotonic }
  const scripted = scriptedStore(clock, options)
  const { store } = scripted
  const ledger = createKeyLedger(store)
  const known = createKnownKeys({
    store,
    ledger,
    clock,
    onChange: () => told.changed++,
    onForgotten: () => told.forgotten++,
  })
  const hashing = createSecretHashing([createSecretKey(Buffer.alloc(32, 1))])
  const append = (record: LogRecord) => {
    records.push(record)
    return { accepted: true, durable: () => Promise.resolve(true) }
  }
  const writer = createKeyWriter({ ledger, hashing, log: { append }, longestLife: LONGEST_LIFE, onChanged: known.changed })
  onTestFinished(async () => {
    known.close()
    await scripted.real.close()
  })
  return {
    ...scripted,
    ...writer,
    clock,
    ledger,
    known,
    hashing,
    told,
    records,
    advance: (ms: number) => {
      monotonic += ms
    },
  }
}

export type KeyTestParts = ReturnType<typeof keyParts>
