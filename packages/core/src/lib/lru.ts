/** A bounded map that forgets what was not used for longest, by halves. */
export interface Lru<K, V> {
  /** The value, which counts as used; undefined when absent. */
  get(key: K): V | undefined
  /** Puts a value, which counts as a use. */
  set(key: K, value: V): void
  clear(): void
}

/**
 * An empty map of at most `max` entries (an integer of 2 or more) that always holds the last `max / 2` used, rounded down. Has no
 * clock: entries do not expire. Two maps take turns, so that finding what is used all the time writes nothing.
 */
export const createLru = <K, V extends {}>(max: number): Lru<K, V> => {
  const half = Math.floor(max / 2)
  let recent = new Map<K, V>()
  let before = new Map<K, V>()
  const set = (key: K, value: V): void => {
    if (recent.size >= half && !recent.has(key)) {
      before = recent
      recent = new Map()
    }
    recent.set(key, value)
  }
  return {
    get: (key) => {
      const value = recent.get(key)
      if (value !== undefined) return value
      const older = before.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
    clear: () => {
      recent = new Map()
      before = new Map()
    },
  }
}
