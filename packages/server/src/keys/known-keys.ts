import type { Clock } from '@balustrade/core/kit'
import type { StateStore, Stored } from '../state/state-store.ts'
import { createSharedReads } from '../state/shared-reads.ts'
import { createTrust } from '../state/trust.ts'
import type { KeyLedger } from './key-ledger.ts'
import { createKeyMemory, type Seen } from './key-memory.ts'

/** What this process knows of keys, so that a request with one in use asks nobody. Unknown ones are not remembered. */
export interface KnownKeys {
  /** What may be given without asking: read under the watch, which looked a moment ago and told of no change. */
  readonly current: (id: string) => Seen | null
  /** Asks the store. Null: there is none. */
  readonly ask: (id: string) => Promise<Stored<Seen | null>>
  /** What the store said less than a minute ago, and nothing was told of it since; null: nothing. */
  readonly knownLately: (id: string) => Seen | null
  /** Changed by this process. */
  readonly changed: (id: string) => void
  readonly all: () => Iterable<Seen>
  readonly close: () => void
}

export interface KnownParts {
  readonly store: StateStore
  readonly ledger: KeyLedger
  readonly clock: Clock
  /** Something that somebody here may rest on may have changed, here or elsewhere. */
  readonly onChange: () => void
  /** No room for it any more. */
  readonly onForgotten: (seen: Seen) => void
}

/** Keys not seen before that are looked up at the same time. */
const MOST_LOOKUPS = 500

export const createKnownKeys = ({ store, ledger, clock, onChange, onForgotten }: KnownParts): KnownKeys => {
  const memory = createKeyMemory(onForgotten)
  const trust = createTrust(clock, () => watching.lastLook())
  const lookups = createSharedReads({ read: (id) => ledger.read(id), memory, reading: trust.reading, most: MOST_LOOKUPS })
  const doubt = (id: string): boolean => {
    lookups.overtake(id)
    return memory.doubt(id)
  }
  const doubtAll = (): true => {
    memory.doubtAll()
    lookups.overtakeAll()
    return true
  }
  const watching = store.watch({
    onChange: (changed) => {
      const keys = changed?.filter(({ collection }) => collection === 'api-key')
      const touched = keys === undefined ? [doubtAll()] : keys.map(({ key }) => doubt(key))
      if (touched.includes(true)) onChange()
    },
    onAnswering: (answers) => {
      if (!answers) return
      // What was revoked meanwhile was told before; reading anew costs one look for each key, and trusts nobody's memory.
      memory.confirm(watching.lastLook())
      doubtAll()
      onChange()
    },
  })
  return {
    current: (id) => {
      const seen = memory.get(id)
      return seen !== undefined && trust.isCurrent(seen) ? seen : null
    },
    ask: lookups.read,
    knownLately: (id) => {
      const seen = memory.get(id)
      return seen !== undefined && trust.wasConfirmedLately(seen) ? seen : null
    },
    changed: (id) => {
      if (doubt(id)) onChange()
    },
    all: memory.all,
    close: watching.close,
  }
}
