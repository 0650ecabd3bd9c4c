import { type Entry, NOT_STORED, type StateStore, type Stored, stored, type Written } from '../state/state-store.ts'
import { type KeptKey, keptJson, readKept } from './kept-key.ts'

/** A key as it was read. */
export interface ReadKey {
  readonly kept: KeptKey
  readonly version: number
}

/** Keys in terms of the store, which changes one entry at a time. Knows no clock and remembers nothing. */
export interface KeyLedger {
  /** Null: there is none. Whether it is good is not looked at. */
  readonly read: (id: string) => Promise<Stored<ReadKey | null>>
  readonly add: (kept: KeptKey) => Promise<Stored<boolean>>
  /** False: it is not what was read any more. */
  readonly rewrite: (kept: KeptKey, version: number) => Promise<Stored<boolean>>
  readonly remove: (id: string) => Promise<Stored<boolean>>
  readonly list: () => Promise<Stored<readonly KeptKey[]>>
  /** Epoch ms of the last use that was kept, by id. */
  readonly lastUses: () => Promise<Stored<ReadonlyMap<string, number>>>
  /** Keeps a use, unless a later one is kept. */
  readonly keepUse: (id: string, use: { readonly at: number; readonly expiresAt: number }) => Promise<void>
}

const USE = 'api-key:'
/** ms that a key can be told of after its end: why it is refused, and that it was leaked. */
const KEPT_AFTER = 90 * 86_400_000

const writtenOf = (kept: KeptKey): Written => ({ value: keptJson(kept), expiresAt: kept.expiresAt + KEPT_AFTER, tags: [] })

const numberOf = (entry: Entry | null): number => (typeof entry?.value === 'number' ? entry.value : 0)

const readKey = async (store: StateStore, id: string): Promise<Stored<ReadKey | null>> => {
  const entry = await store.get('api-key', id)
  if (!entry.ok) return NOT_STORED
  const kept = entry.value === null ? null : readKept(id, entry.value.value)
  return stored(entry.value === null || kept === null ? null : { kept, version: entry.value.version })
}

/** Of two processes that keep a use at once one is enough: they lie within a minute of each other. */
const keepUse = async (
  store: StateStore,
  id: string,
  use: { readonly at: number; readonly expiresAt: number },
): Promise<void> => {
  const key = USE + id
  const entry = await store.get('used', key)
  if (!entry.ok || numberOf(entry.value) >= use.at) return
  const written = { value: use.at, expiresAt: use.expiresAt + KEPT_AFTER, tags: [] }
  if (entry.value === null) await store.add('used', key, written)
  else await store.compareAndSet('used', key, { ...written, expected: entry.value.version })
}

export const createKeyLedger = (store: StateStore): KeyLedger => ({
  read: (id) => readKey(store, id),
  add: (kept) => store.add('api-key', kept.id, writtenOf(kept)),
  rewrite: (kept, version) => store.compareAndSet('api-key', kept.id, { ...writtenOf(kept), expected: version }),
  remove: (id) => store.remove('api-key', id),
  list: async () => {
    const entries = await store.list('api-key')
    if (!entries.ok) return NOT_STORED
    return stored(entries.value.map(({ key, value }) => readKept(key, value)).filter((kept) => kept !== null))
  },
  lastUses: async () => {
    const uses = await store.list('used')
    if (!uses.ok) return NOT_STORED
    const ofKeys = uses.value.filter(({ key }) => key.startsWith(USE))
    return stored(new Map(ofKeys.map((entry) => [entry.key.slice(USE.length), numberOf(entry)])))
  },
  keepUse: (id, use) => keepUse(store, id, use),
})
