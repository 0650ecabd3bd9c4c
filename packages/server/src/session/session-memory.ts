import type { SessionFound } from '@balustrade/core/kit'
import { createMemory, type Memory, type Reading, type Remembered } from '../state/memory.ts'
import type { KeptSession } from './kept-session.ts'
import type { ReadSession } from './session-ledger.ts'

/** A session as this process knows it. */
export interface Seen extends Remembered {
  readonly kept: KeptSession
  /** The answer while it is good, made once. */
  readonly found: Extract<SessionFound, { readonly status: 'found' }>
  /** Epoch ms of the last use. */
  usedAt: number
  /** Epoch ms of the last use that is in the store. */
  usedInStore: number
  /** This process ended it, or put another secret in place of its own. */
  isOver: boolean
}

export type SessionMemory = Memory<ReadSession, Seen>

/** Sessions that are remembered, about 5 KB each. */
const MOST_REMEMBERED = 20_000

const seenOf = ({ kept, version, usedAt }: ReadSession, before: Seen | undefined, reading: Reading): Seen => {
  const same = before?.version === version ? before : null
  return {
    kept: same?.kept ?? kept,
    version,
    found: same?.found ?? { status: 'found', session: kept.session, unconfirmed: false },
    // The later use counts.
    usedAt: Math.max(usedAt, before?.usedAt ?? 0),
    usedInStore: usedAt,
    confirmedAt: reading.at,
    isFresh: reading.isWatched,
    isOver: false,
  }
}

/** `onForgotten`: there is no room for it any more. One that is dropped is over for whoever holds it still. */
export const createSessionMemory = (onForgotten: (seen: Seen) => void, most = MOST_REMEMBERED): SessionMemory => {
  const memory = createMemory({ most, idOf: ({ kept }: ReadSession) => kept.session.id, seenOf, onForgotten })
  return {
    ...memory,
    drop: (id) => {
      const seen = memory.get(id)
      if (seen !== undefined) seen.isOver = true
      memory.drop(id)
    },
  }
}
