import type { SessionFound } from '@balustrade/core/kit'
import type { KeptSession } from './kept-session.ts'
import type { ReadSession } from './session-ledger.ts'

/** A session as this process knows it. */
export interface Seen {
  readonly kept: KeptSession
  readonly version: number
  /** The answer while it is good, made once. */
  readonly found: Extract<SessionFound, { readonly status: 'found' }>
  /** Epoch ms of the last use. */
  usedAt: number
  /** Epoch ms of the last use that is in the store. */
  usedInStore: number
  /** Monotonic ms: when the store said that it is good. */
  confirmedAt: number
  /** Nothing was told since that might have changed it. */
  isFresh: boolean
  /** This process ended it, or put another secret in place of its own. */
  isOver: boolean
}

/** When a session was read (monotonic ms), and whether what changes after that is told. */
export interface Reading {
  readonly at: number
  readonly isWatched: boolean
}

/** Sessions that were seen, within bounds. Reads nothing, judges nothing. */
export interface SessionMemory {
  readonly get: (id: string) => Seen | undefined
  readonly all: () => Iterable<Seen>
  /** Takes what was read. While the version is the same the session stays the same object; the later use counts. */
  readonly remember: (read: ReadSession, reading: Reading) => Seen
  readonly drop: (id: string) => void
  /** It may have changed. False: nobody here rests on it. */
  readonly doubt: (id: string) => boolean
  readonly doubtAll: () => void
  /** Monotonic ms at which every session that is not in doubt was good. */
  readonly confirm: (at: number) => void
}

/** Sessions that are remembered, about 5 KB each. */
const MOST_REMEMBERED = 20_000

export const createSessionMemory = (onForgotten: (seen: Seen) => void, most = MOST_REMEMBERED): SessionMemory => {
  const entries = new Map<string, Seen>()
  let wasAnyForgotten = false
  const makeRoom = (): void => {
    for (const [id, seen] of entries) {
      if (entries.size < most) return
      entries.delete(id)
      wasAnyForgotten = true
      onForgotten(seen)
    }
  }
  return {
    get: (id) => entries.get(id),
    all: () => entries.values(),
    remember: ({ kept, version, usedAt }, reading) => {
      const { id } = kept.session
      const before = entries.get(id)
      const same = before?.version === version ? before : null
      const seen: Seen = {
        kept: same?.kept ?? kept,
        version,
        found: same?.found ?? { status: 'found', session: kept.session, unconfirmed: false },
        usedAt: Math.max(usedAt, before?.usedAt ?? 0),
        usedInStore: usedAt,
        confirmedAt: reading.at,
        isFresh: reading.isWatched,
        isOver: false,
      }
      entries.delete(id)
      makeRoom()
      entries.set(id, seen)
      return seen
    },
    drop: (id) => {
      const seen = entries.get(id)
      if (seen !== undefined) seen.isOver = true
      entries.delete(id)
    },
    doubt: (id) => {
      const seen = entries.get(id)
      // A stream may rest on one that was forgotten.
      if (seen === undefined) return wasAnyForgotten
      seen.isFresh = false
      // Most likely it was ended: a lenient service is not given it on the strength of what was before.
      seen.confirmedAt = -Infinity
      return true
    },
    doubtAll: () => {
      for (const seen of entries.values()) seen.isFresh = false
    },
    confirm: (at) => {
      for (const seen of entries.values()) if (seen.isFresh) seen.confirmedAt = Math.max(seen.confirmedAt, at)
    },
  }
}
