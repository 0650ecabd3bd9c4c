/**
 * A function that runs `fn` at most once at a time for each key: calls made while one runs share its promise, its value
 * and its failure. Remembers nothing afterwards, neither values nor failures. Keys are compared as Map does.
 */
export const singleFlight = <K, T>(fn: (key: K) => Promise<T>): ((key: K) => Promise<T>) => {
  const running = new Map<K, Promise<T>>()
  return (key) => {
    const known = running.get(key)
    if (known !== undefined) return known
    const started = Promise.resolve()
      .then(() => fn(key))
      .finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}
