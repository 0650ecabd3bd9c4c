import type { Clock } from '@balustrade/core/kit'
import type { Stored } from '../state/state-store.ts'
import { NOT_STORED, type ReadSession, type SessionLedger, stored } from './session-ledger.ts'
import type { Reading, Seen, SessionMemory } from './session-memory.ts'

/** Reads that are under way: one for all who ask for a session at the same time. */
export interface SessionReads {
  readonly read: (id: string) => Promise<Stored<Seen | null>>
  /** It changed: what is being read may be what was before, and is read again. */
  readonly overtake: (id: string) => void
  readonly overtakeAll: () => void
}

export interface ReadParts {
  readonly ledger: Pick<SessionLedger, 'read'>
  readonly memory: SessionMemory
  readonly clock: Clock
  /** Changes after this moment are told. */
  readonly isWatched: () => boolean
  /** A session that was known is another now, or not there any more. */
  readonly onChange: () => void
}

interface UnderWay {
  readonly answer: Promise<Stored<Seen | null>>
  isOvertaken: boolean
}

/** Sessions not seen before that are looked up at the same time: whoever makes secrets up by the thousand must not keep what is good from being read. */
const MOST_LOOKUPS = 300
/** Reads of one session that were overtaken by changes of it, until it counts as not found out. */
const MOST_READS = 20

export const createSessionReads = ({ ledger, memory, clock, isWatched, onChange }: ReadParts): SessionReads => {
  const underWay = new Map<string, UnderWay>()

  const accept = (id: string, read: ReadSession | null, reading: Reading): Seen | null => {
    const before = memory.get(id)?.version
    const seen = read === null ? null : memory.remember(read, reading)
    if (seen === null) memory.drop(id)
    // Told here, because the watch may tell of it only when nobody here knows it any more.
    if (before !== undefined && before !== seen?.version) onChange()
    return seen
  }

  const readUntilCurrent = async (id: string): Promise<Stored<Seen | null>> => {
    for (let times = 0; times < MOST_READS; times++) {
      const reading: Reading = { at: clock.monotonic(), isWatched: isWatched() }
      const found = await ledger.read(id)
      if (!found.ok) return NOT_STORED
      const here = underWay.get(id)
      if (here?.isOvertaken === true) {
        here.isOvertaken = false
        continue
      }
      return stored(accept(id, found.value, reading))
    }
    return NOT_STORED
  }

  return {
    read: (id) => {
      const present = underWay.get(id)
      if (present !== undefined) return present.answer
      if (memory.get(id) === undefined && underWay.size >= MOST_LOOKUPS) return Promise.resolve(NOT_STORED)
      const answer = readUntilCurrent(id).finally(() => underWay.delete(id))
      underWay.set(id, { answer, isOvertaken: false })
      return answer
    },
    overtake: (id) => {
      const present = underWay.get(id)
      if (present !== undefined) present.isOvertaken = true
    },
    overtakeAll: () => {
      for (const each of underWay.values()) each.isOvertaken = true
    },
  }
}
