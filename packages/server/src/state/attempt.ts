/** As core's lib/attempt, for which the thread would have to load all of core: it starts in a fraction of the time without. */
export const attempt = <T>(
  fn: () => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown } => {
  try {
    return { ok: true, value: fn() }
  } catch (error) {
    return { ok: false, error }
  }
}
