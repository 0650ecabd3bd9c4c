// The store of the server: what must outlive a restart and be known to several processes at once, in one file on this machine, sealed.
// It keeps what it is given and says whether it did; it never decides, and never takes silence for an answer.
import type { JsonValue } from '@balustrade/core/kit'

export const COLLECTIONS = ['session', 'login', 'form', 'api-key', 'used', 'epoch'] as const
export type Collection = (typeof COLLECTIONS)[number]

/**
 * Not ok: the store did not answer within the deadline, or failed, or could not open what it found. That says nothing about the
 * entry. A write that is not ok was done wholly or not at all, and nobody can tell which: it may even be done a moment later.
 */
export type Stored<T> = { readonly ok: true; readonly value: T } | { readonly ok: false }
export const NOT_STORED = { ok: false } as const
export const stored = <T>(value: T): Stored<T> => ({ ok: true, value })

/** What is to be kept. As JSON with its key and tags at most 1 MiB and 64 levels deep; text with half of a surrogate pair is refused (not ok). */
export interface Written {
  readonly value: JsonValue
  /** Epoch ms, judged by the clock of who reads. `Infinity`: kept until it is removed. */
  readonly expiresAt: number
  /** Found again by `tagged`, such as the person a session is of. Kept as keyed hashes, and sealed with the value. */
  readonly tags: readonly string[]
}

export interface Replacement extends Written {
  /** The entry is replaced only while it has this version. */
  readonly expected: number
}

export interface Entry {
  readonly key: string
  readonly value: JsonValue
  /** Another one after every write. No two writes of a store have the same, not even after a removal. */
  readonly version: number
  /** Epoch ms. What was kept for ever is `Number.MAX_SAFE_INTEGER` here. */
  readonly expiresAt: number
  readonly tags: readonly string[]
}

/** An entry that was added, replaced, taken or removed, by whichever process. That one expired is no change. */
export interface Changed {
  readonly collection: Collection
  readonly key: string
}

export interface Changes {
  /** Where to go on from. */
  readonly upTo: number
  /** False: some of what changed since is not known any more, so anything may have changed. */
  readonly complete: boolean
  /** In order, each entry once; at most 1,000. Ask again from `upTo` until there are none. */
  readonly changed: readonly Changed[]
}

export interface Watcher {
  /** What changed, here or in another process; null: anything may have. Whatever is remembered of it is stale from now on. */
  readonly onChange: (changed: readonly Changed[] | null) => void
  /** The store stopped answering (false), or answers again (true) and what changed meanwhile was told. It begins as answering. */
  readonly onAnswering: (isAnswering: boolean) => void
}

export interface Watching {
  /** Everything that was written before this moment was told. Monotonic ms of the clock; `-Infinity` before the first look. */
  readonly lastLook: () => number
  readonly close: () => void
}

/**
 * `began` and `ended`: for a while it does not read (`state.unreadable`) or write (`state.unwritable`), and calls of that sort are
 * not ok at once. `entry`: one could not be opened (`state.sealed`: altered, or under a key that is not configured) or is nothing
 * to be kept (`state.unstorable`).
 */
export interface StateTrouble {
  readonly kind: 'began' | 'ended' | 'entry'
  readonly code: 'state.unreadable' | 'state.unwritable' | 'state.sealed' | 'state.unstorable'
  /** Never holds a key or a value of an entry. */
  readonly why: string
}

/**
 * Nothing here throws or rejects. Requests are served in the order in which they are made, but for those whose time is over. Keys
 * are any text; an entry that has expired does not exist.
 */
export interface StateStore {
  readonly get: (collection: Collection, key: string) => Promise<Stored<Entry | null>>
  /** False: there is one. */
  readonly add: (collection: Collection, key: string, written: Written) => Promise<Stored<boolean>>
  /** False: none, or of another version. Of several at once one wins. */
  readonly compareAndSet: (collection: Collection, key: string, replacement: Replacement) => Promise<Stored<boolean>>
  /** Reads and removes in one: of several at once, in whichever process, one is given the entry and the others null. */
  readonly take: (collection: Collection, key: string) => Promise<Stored<Entry | null>>
  /** False: there was none. Works on an entry that cannot be opened, too. */
  readonly remove: (collection: Collection, key: string) => Promise<Stored<boolean>>
  /** Adds to a counter and gives what it is then. The first counts from nothing and sets `expiresAt`, which later ones leave as it is. */
  readonly increment: (key: string, step: { readonly by: number; readonly expiresAt: number }) => Promise<Stored<number>>
  /** All entries of a tag, read in pages: one that is added or removed meanwhile may be missing or there. */
  readonly tagged: (collection: Collection, tag: string) => Promise<Stored<readonly Entry[]>>
  /** As `tagged`, for all of the collection. */
  readonly list: (collection: Collection) => Promise<Stored<readonly Entry[]>>
  /** What changed since; null: nothing, but where to begin. */
  readonly changes: (since: number | null) => Promise<Stored<Changes>>
  /** Looks four times a second. What changed before the first look is not told. */
  readonly watch: (watcher: Watcher) => Watching
  /** Under which keys something is sealed: an old one that is in none of them can go. An entry moves to the newest key when it is written. */
  readonly keysInUse: () => Promise<Stored<readonly KeyInUse[]>>
  /** Ends the thread after what was asked before. Everything asked later is not ok, and whoever still watches is told so. */
  readonly close: () => Promise<void>
}

export interface KeyInUse {
  /** Its place in the list of keys, from 0; null: it is not in the list. */
  readonly place: number | null
  readonly entries: number
}
