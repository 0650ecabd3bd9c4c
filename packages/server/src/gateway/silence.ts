/** Cuts answers whose upstream fell silent. One timer for all, so that an answer costs no timer of its own. */
export interface Silence {
  /** Begins to watch; `onSilent` is called at most once, after `limit` to `limit` + a quarter of it without `heard`. */
  readonly watch: (onSilent: () => void) => Watched
  readonly close: () => void
}

export interface Watched {
  readonly heard: () => void
  readonly done: () => void
}

interface Entry {
  rounds: number
  readonly onSilent: () => void
}

const ROUNDS = 4

/** `limit` in ms. */
export const createSilence = (limit: number): Silence => {
  const entries = new Set<Entry>()
  const judge = () => {
    for (const entry of entries) {
      entry.rounds++
      if (entry.rounds <= ROUNDS) continue
      entries.delete(entry)
      entry.onSilent()
    }
  }
  const timer = setInterval(judge, limit / ROUNDS)
  timer.unref()
  return {
    watch: (onSilent) => {
      const entry: Entry = { rounds: 0, onSilent }
      entries.add(entry)
      return {
        heard: () => {
          entry.rounds = 0
        },
        done: () => void entries.delete(entry),
      }
    },
    close: () => clearInterval(timer),
  }
}
