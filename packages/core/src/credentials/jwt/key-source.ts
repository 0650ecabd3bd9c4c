import { attempt } from '../../lib/attempt.ts'
import type { CredentialSetup } from '../../model/identity.ts'
import { type FetchedKeys, fetchKeys, type KeyOrigin } from './fetch-keys.ts'
import type { KeySet } from './key-set.ts'

/** The keys of one issuer, kept fresh. Fetches only when asked for keys; has no timer of its own. */
export interface KeySource {
  /** The set in force; null when there is none, or none young enough. Starts a refresh in the background when one is due. */
  readonly current: () => KeySet | null
  /**
   * Fetches now because what is wanted is not in the set, or joins the fetch under way; null when that was done too recently.
   * Resolves when it is done, or after a second with the fetch going on behind. Never rejects.
   */
  readonly renew: () => Promise<void> | null
  /** Unless the last fetch is done, that a key is not in the set says nothing about the caller. */
  readonly lastFetch: () => 'done' | 'failed' | 'under way'
}

/** ms. How old a set may be: what Cache-Control says, within these bounds. */
const FRESH = { least: 60_000, unstated: 600_000, most: 3_600_000 }
/** ms. A set is used while the issuer does not answer, up to this age. */
const MOST_STALE = 86_400_000
/** ms between two refreshes for unknown keys, and between attempts while the issuer does not answer. */
const COOLDOWN = 30_000
/** ms between attempts while there is no set at all. */
const COLD_RETRY = 2_000
/** ms a request waits for keys. */
const LONGEST_WAIT = 1_000
/** ms by which the issuer's clock may differ before somebody is told. */
const MOST_SKEW = 60_000

/** ms a set counts as fresh (RFC 9111 section 5.2.2). */
const freshFor = (cacheControl: string | null): number => {
  if (cacheControl === null) return FRESH.unstated
  if (/(?:^|[ ,])no-(?:store|cache)(?:$|[ ,=])/i.test(cacheControl)) return FRESH.least
  const stated = /(?:^|[ ,])max-age=(\d{1,9})(?:$|[ ,])/i.exec(cacheControl)
  if (stated === null) return FRESH.unstated
  return Math.min(Math.max(Number(stated[1]) * 1_000, FRESH.least), FRESH.most)
}

const settleWithin = (work: Promise<void>, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void work.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })

type KeySetup = Pick<CredentialSetup, 'clock' | 'onTrouble'>

interface State {
  set: KeySet | null
  /** Monotonic ms. */
  fetchedAt: number
  freshUntil: number
  attemptedAt: number
  askedAt: number
  failed: boolean
  running: Promise<void> | null
}

const NEVER = Number.NEGATIVE_INFINITY

const accept = (state: State, fetched: FetchedKeys & { readonly ok: true }, now: number): void => {
  // The same keys stay the same object: what was verified with them stays verified. Any change verifies everything again.
  if (state.set?.fingerprint !== fetched.set.fingerprint) state.set = fetched.set
  state.fetchedAt = now
  state.freshUntil = now + freshFor(fetched.cacheControl)
}

/** Tells what was wrong with a fetch, or odd about it. A listener that throws must not stop keys from being replaced. */
const reporter = (name: string, { clock, onTrouble }: KeySetup): ((fetched: FetchedKeys) => void) => {
  const report = (code: string, detail: string): void => {
    attempt(() => onTrouble({ provider: name, code, detail }))
  }
  return (fetched) => {
    if (!fetched.ok) return report(fetched.code, fetched.detail)
    if (fetched.set.keys.length === 0) report('keys.none_usable', 'the key set holds no key that can verify a token')
    const skew = fetched.date === null ? 0 : Math.abs(Date.parse(fetched.date) - clock.now())
    if (skew > MOST_SKEW) report('clock.skew', `the issuer's clock and ours differ by ${Math.round(skew / 1_000)} s`)
  }
}

const emptyState = (): State => ({
  set: null,
  fetchedAt: NEVER,
  freshUntil: NEVER,
  attemptedAt: NEVER,
  askedAt: NEVER,
  failed: false,
  running: null,
})

/** `name` is the provider that troubles are reported under. */
export const createKeySource = (name: string, origin: KeyOrigin, setup: KeySetup): KeySource => {
  const { clock } = setup
  const state = emptyState()
  const report = reporter(name, setup)

  const fetchOnce = async (): Promise<void> => {
    const fetched = await fetchKeys(origin)
    state.running = null
    state.failed = !fetched.ok
    if (fetched.ok) accept(state, fetched, clock.monotonic())
    report(fetched)
  }

  const start = (now: number): Promise<void> => {
    state.attemptedAt = now
    state.running = fetchOnce()
    return state.running
  }

  const usable = (now: number): KeySet | null => (now - state.fetchedAt <= MOST_STALE ? state.set : null)

  return {
    current: () => {
      const now = clock.monotonic()
      const set = usable(now)
      if (set === null || now < state.freshUntil) return set
      if (state.running === null && now - state.attemptedAt >= COOLDOWN) void start(now)
      return set
    },
    renew: () => {
      if (state.running !== null) return settleWithin(state.running, LONGEST_WAIT)
      const now = clock.monotonic()
      if (usable(now) === null) {
        return now - state.attemptedAt < COLD_RETRY ? null : settleWithin(start(now), LONGEST_WAIT)
      }
      if (now - state.askedAt < COOLDOWN) return null
      state.askedAt = now
      return settleWithin(start(now), LONGEST_WAIT)
    },
    lastFetch: () => {
      if (state.running !== null) return 'under way'
      return state.failed ? 'failed' : 'done'
    },
  }
}
