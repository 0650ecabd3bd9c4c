import type { Clock } from '@balustrade/core/kit'
import type { Reading, Remembered } from './memory.ts'

/** How far what is remembered may be relied on, by when changes were looked for. */
export interface Trust {
  /** Nobody has to be asked: it was read under the watch, which looked a moment ago and told of no change. */
  readonly isCurrent: (seen: Remembered) => boolean
  /** The store said less than a minute ago what it is, and nothing was told of it since. */
  readonly wasConfirmedLately: (seen: Remembered) => boolean
  /** Of what is read from now on. */
  readonly reading: () => Reading
}

/** ms since the last look at changes, within which what is known counts. A change by another process is seen within it. */
const LOOK_TRUSTED = 1_000
/** ms for which lenient services go on without anybody to ask. */
const LENIENT_LIMIT = 60_000

/** `lastLook`: that of the watch, monotonic ms. */
export const createTrust = (clock: Pick<Clock, 'monotonic'>, lastLook: () => number): Trust => ({
  isCurrent: ({ isFresh }) => isFresh && clock.monotonic() - lastLook() <= LOOK_TRUSTED,
  wasConfirmedLately: ({ isFresh, confirmedAt }) =>
    clock.monotonic() - (isFresh ? Math.max(confirmedAt, lastLook()) : confirmedAt) < LENIENT_LIMIT,
  // What changed before the first look is never told.
  reading: () => ({ at: clock.monotonic(), isWatched: lastLook() > -Infinity }),
})
