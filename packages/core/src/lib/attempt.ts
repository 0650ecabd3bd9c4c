// Helpers without a word of the product's domain: parsers, encodings, hashes, clocks, egress. Never decides anything, never keeps module state.

/** The outcome of something that may throw: the value, or whatever was thrown. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

/** Runs `fn` and turns a throw into a value. The place for try/catch round a library that throws. Never throws. */
export const attempt = <T>(fn: () => T): Attempt<T> => {
  try {
    return { ok: true, value: fn() }
  } catch (error) {
    return { ok: false, error }
  }
}

/** As `attempt`, for a function that returns a promise (or throws before it does). The promise it gives never rejects. */
export const attemptAsync = async <T>(fn: () => Promise<T> | T): Promise<Attempt<T>> => {
  try {
    return { ok: true, value: await fn() }
  } catch (error) {
    return { ok: false, error }
  }
}
