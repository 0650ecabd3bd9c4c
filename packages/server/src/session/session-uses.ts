import { keepUses } from '../state/keep-uses.ts'
import type { KnownSessions } from './known-sessions.ts'
import type { Seen } from './session-memory.ts'
import type { SessionLedger } from './session-ledger.ts'

/** Writes when sessions were used last, so that they stay alive over restarts and in other processes. */
export interface SessionUses {
  readonly keep: (seen: Seen) => Promise<void>
  /** Those of all sessions that were used since. */
  readonly keepAll: () => Promise<void>
}

export const createSessionUses = (ledger: SessionLedger, known: KnownSessions): SessionUses => {
  const keep = async (seen: Seen): Promise<void> => {
    const { id, expiresAt } = seen.kept.session
    const at = seen.usedAt
    if (seen.isOver || at <= seen.usedInStore) return
    const kept = await ledger.keepUse(id, { at, expiresAt })
    if (kept.ok) seen.usedInStore = Math.max(seen.usedInStore, at)
  }
  return {
    keep,
    keepAll: () => keepUses(known.all(), keep),
  }
}
