const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]

const GRAMMAR =
  /^(?:([1-9][0-9]{0,15})d)?(?:([1-9][0-9]{0,15})h)?(?:([1-9][0-9]{0,15})m)?(?:([1-9][0-9]{0,15})s)?(?:([1-9][0-9]{0,15})ms)?$/

/** Ten years of 365 days, in milliseconds: the longest duration that is read. */
export const LONGEST_DURATION = 3_650 * 86_400_000

/**
 * Reads `90d`, `8h`, `15m`, `60s`, `500ms` or a descending sequence such as `1h30m`, each unit at most once. Gives
 * milliseconds, or null: nothing, zero, a leading zero, a sign, a fraction, a space, an unknown unit, more than ten years.
 */
export const parseDuration = (text: string): number | null => {
  if (text.length === 0 || text.length > 64) return null
  const match = GRAMMAR.exec(text)
  if (match === null) return null
  const total = UNITS.reduce((sum, [, ms], i) => sum + Number(match[i + 1] ?? 0) * ms, 0)
  return total > LONGEST_DURATION ? null : total
}

/** Writes milliseconds (rounded down to whole ones) in the grammar of parseDuration; nothing or less is `0s`. */
export const formatDuration = (ms: number): string => {
  let rest = Number.isFinite(ms) ? Math.max(0, Math.floor(ms)) : 0
  let text = ''
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}
