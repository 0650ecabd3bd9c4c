import { createSharedReads, type SharedReads } from '../state/shared-reads.ts'
import type { Trust } from '../state/trust.ts'
import type { SessionLedger } from './session-ledger.ts'
import type { Seen, SessionMemory } from './session-memory.ts'

export interface ReadParts {
  readonly ledger: Pick<SessionLedger, 'read'>
  readonly memory: SessionMemory
  readonly reading: Trust['reading']
  /** A session that was known is another now, or not there any more. Told here, because the watch may tell of it only when nobody here knows it any more. */
  readonly onChange: () => void
}

/** Sessions not seen before that are looked up at the same time. */
const MOST_LOOKUPS = 300

export const createSessionReads = ({ ledger, memory, reading, onChange }: ReadParts): SharedReads<Seen> =>
  createSharedReads({ read: (id) => ledger.read(id), memory, reading, most: MOST_LOOKUPS, onChange })
