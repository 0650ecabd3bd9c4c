/** What is known of an entry of the store that was read, with whatever its reader makes of it. */
export interface Remembered {
  readonly version: number
  /** Monotonic ms: when the store said what it is. */
  confirmedAt: number
  /** Nothing was told since that might have changed it. */
  isFresh: boolean
}

/** When an entry was read (monotonic ms), and whether what changes after that is told. */
export interface Reading {
  readonly at: number
  readonly isWatched: boolean
}

/** Entries that were seen, within bounds; never one that is not there. Reads nothing, judges nothing. */
export interface Memory<Read, Seen extends Remembered> {
  readonly get: (id: string) => Seen | undefined
  readonly all: () => Iterable<Seen>
  /** Takes what was read. While the version is the same, what was made of it stays the same. */
  readonly remember: (read: Read, reading: Reading) => Seen
  readonly drop: (id: string) => void
  /** It may have changed. False: nobody here rests on it. */
  readonly doubt: (id: string) => boolean
  readonly doubtAll: () => void
  /** Monotonic ms at which everything that is not in doubt was what it is here. */
  readonly confirm: (at: number) => void
}

export interface MemoryParts<Read, Seen extends Remembered> {
  readonly most: number
  readonly idOf: (read: Read) => string
  /** `before`: what is remembered of it so far. */
  readonly seenOf: (read: Read, before: Seen | undefined, reading: Reading) => Seen
  /** There is no room for it any more. */
  readonly onForgotten: (seen: Seen) => void
}

export const createMemory = <Read, Seen extends Remembered>(parts: MemoryParts<Read, Seen>): Memory<Read, Seen> => {
  const { most, idOf, seenOf, onForgotten } = parts
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
    remember: (read, reading) => {
      const id = idOf(read)
      const seen = seenOf(read, entries.get(id), reading)
      entries.delete(id)
      makeRoom()
      entries.set(id, seen)
      return seen
    },
    drop: (id) => void entries.delete(id),
    doubt: (id) => {
      const seen = entries.get(id)
      // A stream may rest on one that was forgotten.
      if (seen === undefined) return wasAnyForgotten
      seen.isFresh = false
      // Most likely it was ended or revoked: a lenient service is not given it on the strength of what was before.
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
