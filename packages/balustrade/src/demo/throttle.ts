import { createExpiringMap } from './expiring-map.ts'

/** Slows down whoever guesses (NIST SP 800-63B section 5.2.2). */
export interface Throttle {
  /** Counts an attempt before it is looked at, so that many at once count too. False: too many, do not look. */
  readonly attempt: (who: string) => boolean
  /** It was right: what was counted for this one is forgotten. */
  readonly forgive: (who: string) => void
}

const MOST_FOR_ONE = 5
const MOST_FOR_ALL = 50
const WINDOW_MS = 60_000
const MOST_REMEMBERED = 1_000
const EVERYBODY = ''

/**
 * Five attempts a minute for one name, whether or not there is such a person, and fifty for all names together, so that guessing
 * over many names is slow too. `now`: monotonic ms.
 */
export const createThrottle = (now: () => number): Throttle => {
  const windows = createExpiringMap<{ readonly from: number; readonly count: number }>(MOST_REMEMBERED, now)
  const all = createExpiringMap<{ readonly from: number; readonly count: number }>(1, now)
  const count = (map: typeof windows, who: string): number => {
    const window = map.get(who) ?? { from: now(), count: 0 }
    map.set(who, { ...window, count: window.count + 1 }, window.from + WINDOW_MS - now())
    return window.count + 1
  }
  return {
    attempt: (who) => {
      const [one, every] = [count(windows, who), count(all, EVERYBODY)]
      return one <= MOST_FOR_ONE && every <= MOST_FOR_ALL
    },
    forgive: (who) => windows.delete(who),
  }
}
