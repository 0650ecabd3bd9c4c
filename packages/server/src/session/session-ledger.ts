import { type Entry, NOT_STORED, type StateStore, type Stored, stored, type Written } from '../state/state-store.ts'
import { type KeptSession, keptJson, readKept } from './kept-session.ts'

/** A session as it was read. */
export interface ReadSession {
  readonly kept: KeptSession
  readonly version: number
  /** Epoch ms of the last use that was kept. */
  readonly usedAt: number
}

/** Sessions in terms of the store, which changes one entry at a time. Knows no clock and remembers nothing. */
export interface SessionLedger {
  /** Null: there is none, or it was begun in an earlier epoch. Whether its life is over is not looked at. */
  readonly read: (id: string) => Promise<Stored<ReadSession | null>>
  readonly add: (kept: KeptSession) => Promise<Stored<boolean>>
  /** False: it is not what was read any more. */
  readonly rewrite: (kept: KeptSession, version: number) => Promise<Stored<boolean>>
  /** Leaves a mark in place of a session that goes on under another id. False: it is not what was read any more. */
  readonly supersede: (read: ReadSession, now: number) => Promise<Stored<boolean>>
  /** Removes; gives what was there. */
  readonly remove: (id: string) => Promise<Stored<KeptSession | null>>
  /** All that stands under a tag: sessions and marks. */
  readonly tagged: (tag: string) => Promise<Stored<readonly Listed[]>>
  /** All there is, of earlier epochs too. */
  readonly everything: () => Promise<Stored<readonly Listed[]>>
  readonly list: () => Promise<Stored<readonly ReadSession[]>>
  readonly epoch: () => Promise<Stored<number>>
  /** Begins a new epoch; its number. */
  readonly nextEpoch: () => Promise<Stored<number>>
  /** Keeps a use, unless a later one is kept. */
  readonly keepUse: (id: string, use: { readonly at: number; readonly expiresAt: number }) => Promise<Stored<number>>
}

export interface Listed {
  readonly id: string
  /** Null: a mark. */
  readonly kept: KeptSession | null
}

export const EPOCH_KEY = 'session'

/** A declared name of a provider holds no colon, so that no two persons have one tag. */
export const subjectTag = (provider: string, subject: string): string => `subject:${provider}:${subject}`
export const sidTag = (provider: string, sid: string): string => `sid:${provider}:${sid}`

const useKey = (id: string): string => `session:${id}`

/** ms that a mark stays: far longer than it takes to read a listing. */
const MARK_LIFE = 60_000
/** Times that a write is tried again because another came between. */
const MOST_TRIES = 20

const writtenOf = (kept: KeptSession): Written => ({
  value: keptJson(kept),
  expiresAt: kept.session.expiresAt,
  tags: [subjectTag(kept.session.provider, kept.session.subject), ...kept.sids.map((sid) => sidTag(kept.session.provider, sid))],
})

const numberOf = (entry: Entry | null | undefined): number => (typeof entry?.value === 'number' ? entry.value : 0)

type Slot = readonly ['epoch' | 'used', key: string, expiresAt: number]

/** Writes a number that comes of the one that stands there (0: none), however often another comes between; `next` gives it, or null: leave it. */
const change = async (
  store: StateStore,
  [collection, key, expiresAt]: Slot,
  next: (before: number) => number | null,
): Promise<Stored<number>> => {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const entry = await store.get(collection, key)
    if (!entry.ok) return NOT_STORED
    const before = numberOf(entry.value)
    const value = next(before)
    if (value === null) return stored(before)
    const written = { value, expiresAt, tags: [] }
    const done =
      entry.value === null
        ? await store.add(collection, key, written)
        : await store.compareAndSet(collection, key, { ...written, expected: entry.value.version })
    if (!done.ok) return NOT_STORED
    if (done.value) return stored(value)
  }
  return NOT_STORED
}

const readSession = async (store: StateStore, id: string): Promise<Stored<ReadSession | null>> => {
  const entry = await store.get('session', id)
  if (!entry.ok) return NOT_STORED
  const kept = entry.value === null ? null : readKept(id, entry.value.value)
  if (entry.value === null || kept === null) return stored(null)
  const [epoch, use] = await Promise.all([store.get('epoch', EPOCH_KEY), store.get('used', useKey(id))])
  if (!epoch.ok || !use.ok) return NOT_STORED
  if (kept.epoch !== numberOf(epoch.value)) return stored(null)
  return stored({ kept, version: entry.value.version, usedAt: Math.max(kept.usedAt, numberOf(use.value)) })
}

const listSessions = async (store: StateStore): Promise<Stored<readonly ReadSession[]>> => {
  const [entries, uses, epoch] = await Promise.all([store.list('session'), store.list('used'), store.get('epoch', EPOCH_KEY)])
  if (!entries.ok || !uses.ok || !epoch.ok) return NOT_STORED
  const useByKey = new Map(uses.value.map((use) => [use.key, use]))
  const current = numberOf(epoch.value)
  return stored(
    entries.value.flatMap(({ key, value, version }) => {
      const kept = readKept(key, value)
      if (kept === null || kept.epoch !== current) return []
      return [{ kept, version, usedAt: Math.max(kept.usedAt, numberOf(useByKey.get(useKey(key)))) }]
    }),
  )
}

/** Take tells what was there; remove ends also what cannot be opened. They are served in this order. */
const removeSession = async (store: StateStore, id: string): Promise<Stored<KeptSession | null>> => {
  const [taken, removed] = await Promise.all([
    store.take('session', id),
    store.remove('session', id),
    store.remove('used', useKey(id)),
  ])
  // What was taken is gone, whatever became of the rest: whoever tried again would find nothing to tell the log of.
  if (taken.ok && taken.value !== null) return stored(readKept(id, taken.value.value))
  return removed.ok ? stored(null) : NOT_STORED
}

const listedOf = ({ key, value }: Entry): Listed => ({ id: key, kept: readKept(key, value) })

export const createSessionLedger = (store: StateStore): SessionLedger => ({
  read: (id) => readSession(store, id),
  add: (kept) => store.add('session', kept.session.id, writtenOf(kept)),
  rewrite: (kept, version) => store.compareAndSet('session', kept.session.id, { ...writtenOf(kept), expected: version }),
  supersede: async ({ kept, version }, now) => {
    const { id } = kept.session
    const mark = { value: null, expiresAt: now + MARK_LIFE, tags: writtenOf(kept).tags, expected: version }
    const done = await store.compareAndSet('session', id, mark)
    if (done.ok && done.value) void store.remove('used', useKey(id))
    return done
  },
  remove: (id) => removeSession(store, id),
  tagged: async (tag) => {
    const entries = await store.tagged('session', tag)
    return entries.ok ? stored(entries.value.map(listedOf)) : NOT_STORED
  },
  everything: async () => {
    const entries = await store.list('session')
    return entries.ok ? stored(entries.value.map(listedOf)) : NOT_STORED
  },
  list: () => listSessions(store),
  epoch: async () => {
    const entry = await store.get('epoch', EPOCH_KEY)
    return entry.ok ? stored(numberOf(entry.value)) : NOT_STORED
  },
  nextEpoch: () => change(store, ['epoch', EPOCH_KEY, Infinity], (before) => before + 1),
  keepUse: (id, { at, expiresAt }) => change(store, ['used', useKey(id), expiresAt], (before) => (before >= at ? null : at)),
})
