import type { Memory, Reading, Remembered } from './memory.ts'
import { NOT_STORED, type Stored, stored } from './state-store.ts'

/** Reads that are under way: one for all who ask for an entry at the same time. */
export interface SharedReads<Seen> {
  /** Null: there is none. */
  readonly read: (id: string) => Promise<Stored<Seen | null>>
  /** It changed: what is being read may be what was before, and is read again. */
  readonly overtake: (id: string) => void
  readonly overtakeAll: () => void
}

export interface SharedReadsParts<Read, Seen extends Remembered> {
  readonly read: (id: string) => Promise<Stored<Read | null>>
  readonly memory: Pick<Memory<Read, Seen>, 'get' | 'remember' | 'drop'>
  readonly reading: () => Reading
  /** Entries not seen before that are read at the same time: who makes ids up by the thousand must not keep what is good from being read. */
  readonly most: number
  /** One that was known turned out to be another now, or not there any more. */
  readonly onChange?: () => void
}

interface UnderWay<Seen> {
  readonly answer: Promise<Stored<Seen | null>>
  isOvertaken: boolean
}

/** Reads of one entry that were overtaken by changes of it, until it counts as not found out. */
const MOST_READS = 20

export const createSharedReads = <Read, Seen extends Remembered>(parts: SharedReadsParts<Read, Seen>): SharedReads<Seen> => {
  const { memory } = parts
  const underWay = new Map<string, UnderWay<Seen>>()

  const accept = (id: string, read: Read | null, reading: Reading): Seen | null => {
    const before = memory.get(id)?.version
    const seen = read === null ? null : memory.remember(read, reading)
    if (seen === null) memory.drop(id)
    if (before !== undefined && before !== seen?.version) parts.onChange?.()
    return seen
  }

  const readUntilCurrent = async (id: string): Promise<Stored<Seen | null>> => {
    for (let times = 0; times < MOST_READS; times++) {
      const reading = parts.reading()
      const found = await parts.read(id)
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
      if (memory.get(id) === undefined && underWay.size >= parts.most) return Promise.resolve(NOT_STORED)
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
