import type { ChangeLog } from './change-log.ts'
import type { Shelf } from './shelf.ts'
import type { Action, ActionName, Given, Held } from './state-request.ts'

/** Runs actions on an open file, one after the other, within the transaction of the caller. Throws `SealedError`, and what SQLite throws. */
export type Perform = (action: Action, now: number) => Given<ActionName>

interface Parts {
  readonly shelf: Shelf
  readonly changes: ChangeLog
  /** Of the configured keys. */
  readonly keyIds: readonly string[]
}

type Doers<N extends ActionName> = { readonly [K in N]: (action: Action<K>, now: number) => Given<K> }

const PAGE_ROWS = 100
const PAGE_CHARACTERS = 1_048_576

const createReads = ({ shelf, changes, keyIds }: Parts): Doers<'get' | 'page' | 'changes' | 'keys' | 'probeRead'> => ({
  get: (action, now) => {
    const row = shelf.findAlive(action, now)
    return row === undefined ? null : shelf.open(action.collection, row)
  },
  page: (action, now) => {
    const held: Held[] = []
    let rows = 0
    let characters = 0
    for (const row of shelf.rowsOf(action)) {
      const opened = shelf.open(action.collection, row)
      if (opened.expiresAt > now) held.push(opened)
      rows++
      characters += opened.payload.length
      if (rows >= PAGE_ROWS || characters >= PAGE_CHARACTERS) return { held, next: row.id }
    }
    return { held, next: null }
  },
  changes: ({ since }) => changes.since(since),
  keys: () => ({ ids: keyIds, used: shelf.keysInUse() }),
  probeRead: () => shelf.canRead(),
})

/** Every one of them looks and writes in one transaction, which no other connection can get between. */
const createWrites = ({ shelf, changes }: Parts): Doers<'add' | 'replace' | 'take' | 'remove' | 'sweep' | 'probeWrite'> => ({
  add: (action, now) => {
    if (shelf.findAlive(action, now) !== undefined) return false
    shelf.insert(action, action.held, changes.note(action, now))
    return true
  },
  replace: (action, now) => {
    const row = shelf.findAlive(action, now)
    if (row === undefined || row.version !== action.expected) return false
    shelf.update(row, { ...action.held, collection: action.collection }, changes.note(action, now))
    return true
  },
  take: (action, now) => {
    const row = shelf.findAlive(action, now)
    if (row === undefined) return null
    const held = shelf.open(action.collection, row)
    shelf.remove(row)
    changes.note(action, now)
    return held
  },
  remove: (action, now) => {
    const row = shelf.find(action)
    if (row === undefined) return false
    shelf.remove(row)
    const isAlive = row.expires_at > now
    if (isAlive) changes.note(action, now)
    return isAlive
  },
  sweep: (_action, now) => shelf.sweep(now) + changes.sweep(now),
  probeWrite: () => shelf.canWrite(),
})

/** A counter has no version: nobody compares it, and nobody is told of it. */
const createCounters = ({ shelf }: Parts): Doers<'increment'> => ({
  increment: ({ key, by, expiresAt }, now) => {
    const place = { collection: 'counter', key } as const
    const row = shelf.findAlive(place, now)
    if (row === undefined) {
      shelf.insert(place, { payload: String(by), expiresAt, tags: [] }, 0)
      return by
    }
    const sum = Number(shelf.open('counter', row).payload) + by
    const counted = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, sum))
    shelf.update(row, { collection: 'counter', payload: String(counted), expiresAt: row.expires_at, tags: [] }, 0)
    return counted
  },
})

export const createPerform = (parts: Parts): Perform => {
  const doers: Doers<ActionName> = { ...createReads(parts), ...createWrites(parts), ...createCounters(parts) }
  return (action, now) => (doers[action.name] as (asked: Action, at: number) => Given<ActionName>)(action, now)
}
