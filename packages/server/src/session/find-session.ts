import { type SessionFound, type SessionReader, sha256Base64Url } from '@balustrade/core/kit'
import type { KnownSessions } from './known-sessions.ts'
import type { KeptSession } from './kept-session.ts'
import type { Seen } from './session-memory.ts'

const NONE: SessionFound = { status: 'none', code: 'session.none' }
const EXPIRED: SessionFound = { status: 'none', code: 'session.expired' }
const UNAVAILABLE: SessionFound = { status: 'unavailable' }

export interface ReaderParts {
  readonly known: Pick<KnownSessions, 'current' | 'ask' | 'remembered' | 'wasGoodLately'>
  /** It was ended here, and the store does not know yet. `kept` null: not seen. */
  readonly isDenied: (id: string, kept: KeptSession | null) => boolean
  /** ms without use after which it is over. */
  readonly idle: number
}

/** The name of a session in the store and in logs. Its secret is looked up by hash, so that timing tells nothing of those that exist. */
export const sessionIdOf = (secret: string): string => sha256Base64Url(secret)

/** Judged at use: nothing has to run for a session to be over. */
export const isOver = (
  life: { readonly usedAt: number; readonly expiresAt: number; readonly idle: number },
  now: number,
): boolean => life.expiresAt <= now || life.usedAt + life.idle <= now

/** The reader behind core's port: at once while the watch of the store is healthy, else by asking. */
export const createSessionReader = ({ known, isDenied, idle }: ReaderParts): SessionReader => {
  const judge = (seen: Seen, now: number): SessionFound => {
    const { session } = seen.kept
    if (seen.isOver || isDenied(session.id, seen.kept)) return NONE
    if (isOver({ usedAt: seen.usedAt, expiresAt: session.expiresAt, idle }, now)) return EXPIRED
    if (now > seen.usedAt) seen.usedAt = now
    return seen.found
  }
  /** Nobody can be asked. */
  const withoutStore = (id: string, { now, lenient }: { readonly now: number; readonly lenient: boolean }): SessionFound => {
    const seen = known.remembered(id)
    if (isDenied(id, seen?.kept ?? null)) return NONE
    if (!lenient || seen === null || !known.wasGoodLately(seen)) return UNAVAILABLE
    const found = judge(seen, now)
    return found.status === 'found' ? { ...found, unconfirmed: true } : found
  }
  return {
    find: (secret, options) => {
      const id = sessionIdOf(secret)
      const seen = known.current(id)
      // Unused for too long as far as this process knows: another one may have kept a later use.
      if (seen !== null && seen.usedAt + idle > options.now) return judge(seen, options.now)
      return known.ask(id).then((asked) => {
        if (!asked.ok) return withoutStore(id, options)
        return asked.value === null ? NONE : judge(asked.value, options.now)
      })
    },
  }
}
