/** A bounded map that forgets what was used least recently. */
export interface Lru<K, V> {
  /** The value, which becomes the most recently used; undefined when absent. */
  get(key: K): V | undefined
  /** Puts a value, forgetting the least recently used one when full. */
  set(key: K, value: V): void
  /** Forgets a key; true when it was there. */
  delete(key: K): boolean
  clear(): void
  readonly size: number
}

/** An empty LRU of at most `max` entries (an integer of 1 or more). Has no clock: entries do not expire. */
export const createLru = <K, V>(max: number): Lru<K, V> => {
  const entries = new Map<K, V>()
  return {
    get: (key) => {
      const value = entries.get(key)
      if (value === undefined && !entries.has(key)) return undefined
      entries.delete(key)
      entries.set(key, value as V)
      return value
    },
    set: (key, value) => {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size > max) entries.delete(entries.keys().next().value as K)
    },
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
    get size() {
      return entries.size
    },
  }
}
