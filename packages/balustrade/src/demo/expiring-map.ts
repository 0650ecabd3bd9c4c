/** A bounded map whose entries end by themselves. When it is full, the entry that was put first goes. */
export interface ExpiringMap<V> {
  /** The value; undefined when absent or over. */
  readonly get: (key: string) => V | undefined
  /** Puts a value for `lifeMs` from now. */
  readonly set: (key: string, value: V, lifeMs: number) => void
  readonly delete: (key: string) => void
}

/** An empty map of at most `most` entries, whose time is that of `now` (ms). */
export const createExpiringMap = <V>(most: number, now: () => number): ExpiringMap<V> => {
  const entries = new Map<string, { readonly value: V; readonly endsAt: number }>()
  const makeRoom = (): void => {
    for (const [key, { endsAt }] of entries) if (endsAt <= now()) entries.delete(key)
    for (const key of entries.keys()) {
      if (entries.size < most) return
      entries.delete(key)
    }
  }
  return {
    get: (key) => {
      const entry = entries.get(key)
      return entry !== undefined && entry.endsAt > now() ? entry.value : undefined
    },
    set: (key, value, lifeMs) => {
      entries.delete(key)
      if (entries.size >= most) makeRoom()
      entries.set(key, { value, endsAt: now() + lifeMs })
    },
    delete: (key) => void entries.delete(key),
  }
}
