import type { Clock } from '@balustrade/core/kit'
import type { Changed, StateStore, Stored } from '../state/state-store.ts'
import { createTrust } from '../state/trust.ts'
import { EPOCH_KEY, type SessionLedger } from './session-ledger.ts'
import { createSessionMemory, type Seen } from './session-memory.ts'
import { createSessionReads } from './session-reads.ts'

/** What this process knows of sessions, so that a request in use of one asks nobody. Unknown ones are not remembered. */
export interface KnownSessions {
  /** What may be given without asking: read under the watch, which looked a moment ago and told of no change. */
  readonly current: (id: string) => Seen | null
  /** Asks the store. Null: there is none. */
  readonly ask: (id: string) => Promise<Stored<Seen | null>>
  /** Whatever is remembered, fresh or not. */
  readonly remembered: (id: string) => Seen | null
  /** The store said less than a minute ago that it is good, and nothing was told of it since. */
  readonly wasGoodLately: (seen: Seen) => boolean
  /** Ended or changed by this process: nothing that was known or is being read counts any more. */
  readonly drop: (id: string) => void
  readonly dropAll: () => void
  /** Changed by this process, and good as before: it is read again when it is used next. */
  readonly reread: (id: string) => void
  readonly all: () => Iterable<Seen>
  readonly close: () => void
}

export interface KnownParts {
  readonly store: StateStore
  readonly ledger: SessionLedger
  readonly clock: Clock
  /** Something that somebody here may rest on may have changed, here or elsewhere. */
  readonly onChange: () => void
  /** The store answers again. */
  readonly onBack: () => void
  /** No room for it any more. */
  readonly onForgotten: (seen: Seen) => void
}

export const createKnownSessions = ({ store, ledger, clock, onChange, onBack, onForgotten }: KnownParts): KnownSessions => {
  const memory = createSessionMemory(onForgotten)
  const trust = createTrust(clock, () => watching.lastLook())
  const reads = createSessionReads({ ledger, memory, reading: trust.reading, onChange })

  const doubtAll = (): true => {
    memory.doubtAll()
    reads.overtakeAll()
    return true
  }
  /** Whether something may have changed that somebody here rests on and that reading cannot tell. */
  const doubt = ({ collection, key }: Changed): boolean => {
    if (collection === 'epoch' && key === EPOCH_KEY) return doubtAll()
    if (collection !== 'session') return false
    reads.overtake(key)
    const wasKnown = memory.get(key) !== undefined
    const mayMatter = memory.doubt(key)
    // Every login is a change too, and all open streams are judged again at each: so it is read first whether anything did change.
    if (wasKnown) void reads.read(key).then(({ ok }) => ok || onChange())
    return mayMatter && !wasKnown
  }
  const watching = store.watch({
    onChange: (changed) => {
      const touched = changed === null ? [doubtAll()] : changed.map(doubt)
      if (touched.includes(true)) onChange()
    },
    onAnswering: (answers) => {
      if (!answers) return
      // What was ended meanwhile was told before; reading anew costs one look for each session, and trusts nobody's memory.
      memory.confirm(watching.lastLook())
      doubtAll()
      onBack()
    },
  })
  const drop = (id: string): void => {
    memory.drop(id)
    reads.overtake(id)
  }
  return {
    current: (id) => {
      const seen = memory.get(id)
      return seen !== undefined && trust.isCurrent(seen) ? seen : null
    },
    ask: reads.read,
    remembered: (id) => memory.get(id) ?? null,
    wasGoodLately: trust.wasConfirmedLately,
    drop,
    dropAll: () => {
      for (const { kept } of memory.all()) drop(kept.session.id)
      reads.overtakeAll()
    },
    reread: (id) => void doubt({ collection: 'session', key: id }),
    all: memory.all,
    close: watching.close,
  }
}
