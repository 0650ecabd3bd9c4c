import type { EndingTarget } from './ending-target.ts'
import type { KeptSession } from './kept-session.ts'
import type { EndingOccasion } from './end-sessions.ts'

/** An end that the store could not be told of. */
export interface Denial {
  readonly target: EndingTarget
  readonly on: EndingOccasion
}

/** Sessions that this process refuses until the store knows that they ended. */
export interface Denials {
  /** `kept` null: not seen. */
  readonly cover: (id: string, kept: KeptSession | null) => boolean
  /** `isSeen`: this process knows the session, or it is about more than one. */
  readonly add: (denial: Denial, isSeen: boolean) => void
  readonly remove: (target: EndingTarget) => void
  readonly all: () => readonly Denial[]
}

/** Sessions never seen here that are remembered as ended while the store is silent: anybody can make up secrets. */
const MOST_UNSEEN = 10_000

const covers = ({ target, on }: Denial, kept: KeptSession): boolean =>
  kept.begunAt <= on.now && (target.kind === 'all' || (target.kind === 'tag' && target.covers(kept)))

export const createDenials = (): Denials => {
  const ones = new Map<string, Denial>()
  const wide = new Map<string, Denial>()
  const placeOf = ({ kind }: EndingTarget): Map<string, Denial> => (kind === 'one' ? ones : wide)
  return {
    cover: (id, kept) => {
      if (ones.size > 0 && ones.has(`one ${id}`)) return true
      if (wide.size === 0 || kept === null) return false
      return [...wide.values()].some((denial) => covers(denial, kept))
    },
    add: (denial, isSeen) => {
      if (isSeen || ones.size < MOST_UNSEEN) placeOf(denial.target).set(denial.target.name, denial)
    },
    remove: (target) => void placeOf(target).delete(target.name),
    all: () => [...wide.values(), ...ones.values()],
  }
}
