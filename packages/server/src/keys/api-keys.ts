// The only writer of API keys, and the reader behind core's port. Knows what was given out to whom; never what a caller may do, and
// never the secret of a key once it was given out.
import type { KeyObject } from 'node:crypto'
import type { Clock, DecisionLog, KeyReader } from '@balustrade/core/kit'
import { keepUses } from '../state/keep-uses.ts'
import { NOT_STORED, type StateStore, type Stored, stored } from '../state/state-store.ts'
import { createKeyReader } from './find-key.ts'
import type { KeyParts } from './key-form.ts'
import { createKeyLedger, type KeyLedger } from './key-ledger.ts'
import type { Seen } from './key-memory.ts'
import { createKnownKeys } from './known-keys.ts'
import { type KeyListed, listedOf } from './listed-key.ts'
import { createSecretHashing, type SecretHashing } from './secret-hashing.ts'
import { createKeyWriter, type KeyWriter } from './write-keys.ts'

/** Nothing here throws or rejects. `ok: false`: the store could not be reached, and a write may have been done or not. */
export interface ApiKeys extends Pick<KeyWriter, 'create' | 'rotate' | 'revoke'> {
  readonly reader: KeyReader
  readonly list: (now: number) => Promise<Stored<readonly KeyListed[]>>
  /** The key these are the parts of; null: there is none with this id and secret. */
  readonly identify: (parts: KeyParts, now: number) => Promise<Stored<KeyListed | null>>
  /** Called whenever keys changed, here or in another process: what is held open has to be judged again. */
  readonly onChange: (listener: () => void) => void
  /** Writes the uses that were not kept yet. The store stays open. */
  readonly close: () => Promise<void>
}

export interface ApiKeysParts {
  readonly store: StateStore
  /** Those of the store, newest first, at least one. */
  readonly keys: readonly KeyObject[]
  readonly clock: Clock
  /** Longest life of a key that is given out from now on, ms. */
  readonly longestLife: number
  readonly log: Pick<DecisionLog, 'append'>
}

/** ms between two writes of last uses: what a restart may lose of them. */
const BETWEEN_WRITES = 60_000

interface Listing {
  readonly ledger: KeyLedger
  readonly hashing: SecretHashing
}

const keepUse =
  (ledger: KeyLedger) =>
  async (seen: Seen): Promise<void> => {
    seen.usedInStore = seen.usedAt
    await ledger.keepUse(seen.kept.id, { at: seen.usedAt, expiresAt: seen.kept.expiresAt })
  }

const createListings = ({ ledger, hashing }: Listing) => ({
  list: async (now: number): Promise<Stored<readonly KeyListed[]>> => {
    const [all, uses] = await Promise.all([ledger.list(), ledger.lastUses()])
    if (!all.ok || !uses.ok) return NOT_STORED
    const listed = all.value.map((kept) => listedOf(kept, { now, usedAt: uses.value.get(kept.id) ?? 0, hashing }))
    return stored(listed.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)))
  },
  identify: async ({ id, secret }: KeyParts, now: number): Promise<Stored<KeyListed | null>> => {
    const [read, uses] = await Promise.all([ledger.read(id), ledger.lastUses()])
    if (!read.ok || !uses.ok) return NOT_STORED
    const kept = read.value?.kept
    const matches = kept === undefined ? false : hashing.matches(secret, kept.hash)
    if (matches === null) return NOT_STORED
    return stored(kept === undefined || !matches ? null : listedOf(kept, { now, usedAt: uses.value.get(id) ?? 0, hashing }))
  },
})

/** The API keys of a store. Any number of processes may have one each on the same file. Throws without a key of the state. */
export const createApiKeys = ({ store, keys, clock, longestLife, log }: ApiKeysParts): ApiKeys => {
  const listeners: (() => void)[] = []
  const hashing = createSecretHashing(keys as readonly [KeyObject, ...KeyObject[]])
  const ledger = createKeyLedger(store)
  const known = createKnownKeys({
    store,
    ledger,
    clock,
    onChange: () => {
      for (const listener of listeners) listener()
    },
    onForgotten: ({ kept, usedAt, usedInStore }) => {
      if (usedAt > usedInStore) void ledger.keepUse(kept.id, { at: usedAt, expiresAt: kept.expiresAt })
    },
  })
  const writer = createKeyWriter({ ledger, hashing, log, longestLife, onChanged: known.changed })
  const keepAll = () => keepUses(known.all(), keepUse(ledger))
  const timer = setInterval(() => void keepAll(), BETWEEN_WRITES).unref()
  return {
    create: writer.create,
    rotate: writer.rotate,
    revoke: writer.revoke,
    reader: createKeyReader({
      known,
      hashing,
      onOldHash: ({ kept, version }, secret) => void writer.rehash(kept, version, secret),
    }),
    ...createListings({ ledger, hashing }),
    onChange: (listener) => void listeners.push(listener),
    close: async () => {
      clearInterval(timer)
      await keepAll()
      known.close()
    },
  }
}
