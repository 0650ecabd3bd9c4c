import type { Clock } from '@balustrade/core/kit'
import type { StateStore, Stored } from '../state/state-store.ts'
import { type KeyLedger, NOT_STORED, stored } from './key-ledger.ts'
import { createKeyMemory, type KeyMemory, type Reading, type Seen } from './key-memory.ts'

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

/** ms since the last look at changes, within which what is known counts. A revocation is seen in other processes within it. */
const LOOK_TRUSTED = 1_000
/** ms for which lenient services go on without anybody to ask. */
const LENIENT_LIMIT = 60_000
/** Keys not seen before that are looked up at the same time: whoever makes keys up by the thousand must not keep what is good from being read. */
const MOST_LOOKUPS = 500
/** Reads of one key that were overtaken by changes of it, until it counts as not found out. */
const MOST_READS = 20

interface UnderWay {
  readonly answer: Promise<Stored<Seen | null>>
  isOvertaken: boolean
}

interface LookupParts {
  readonly ledger: KeyLedger
  readonly memory: KeyMemory
  readonly reading: () => Reading
}

/** Reads that are under way: one for all who ask for a key at the same time. */
const createLookups = ({ ledger, memory, reading }: LookupParts) => {
  const underWay = new Map<string, UnderWay>()
  const readUntilCurrent = async (id: string): Promise<Stored<Seen | null>> => {
    for (let times = 0; times < MOST_READS; times++) {
      const begun = reading()
      const found = await ledger.read(id)
      if (!found.ok) return NOT_STORED
      const here = underWay.get(id)
      if (here?.isOvertaken === true) {
        here.isOvertaken = false
        continue
      }
      if (found.value !== null) return stored(memory.remember(found.value, begun))
      memory.drop(id)
      return stored(null)
    }
    return NOT_STORED
  }
  return {
    ask: (id: string): Promise<Stored<Seen | null>> => {
      const present = underWay.get(id)
      if (present !== undefined) return present.answer
      if (memory.get(id) === undefined && underWay.size >= MOST_LOOKUPS) return Promise.resolve(NOT_STORED)
      const answer = readUntilCurrent(id).finally(() => underWay.delete(id))
      underWay.set(id, { answer, isOvertaken: false })
      return answer
    },
    overtake: (id: string): void => {
      const present = underWay.get(id)
      if (present !== undefined) present.isOvertaken = true
    },
    overtakeAll: (): void => {
      for (const each of underWay.values()) each.isOvertaken = true
    },
  }
}

export const createKnownKeys = ({ store, ledger, clock, onChange, onForgotten }: KnownParts): KnownKeys => {
  const memory = createKeyMemory(onForgotten)
  // What changed before the first look is never told.
  const reading = (): Reading => ({ at: clock.monotonic(), isWatched: watching.lastLook() > -Infinity })
  const lookups = createLookups({ ledger, memory, reading })
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
  const wasConfirmedLately = ({ isFresh, confirmedAt }: Seen): boolean =>
    clock.monotonic() - (isFresh ? Math.max(confirmedAt, watching.lastLook()) : confirmedAt) < LENIENT_LIMIT
  return {
    current: (id) => {
      const seen = memory.get(id)
      return seen?.isFresh === true && clock.monotonic() - watching.lastLook() <= LOOK_TRUSTED ? seen : null
    },
    ask: lookups.ask,
    knownLately: (id) => {
      const seen = memory.get(id)
      return seen !== undefined && wasConfirmedLately(seen) ? seen : null
    },
    changed: (id) => {
      if (doubt(id)) onChange()
    },
    all: memory.all,
    close: watching.close,
  }
}
