/** Subsets of more names than this are not all tried. */
const ALL_SUBSETS = 5
const PAIRS = 12

export interface Subsets {
  /** Small ones first. */
  readonly sets: readonly (readonly string[])[]
  /** Every subset is among them. */
  readonly whole: boolean
}

const allSubsets = (names: readonly string[]): readonly (readonly string[])[] => {
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_name, i) => ((bits >> i) & 1) === 1))
  return sets.toSorted((a, b) => a.length - b.length)
}

const pairsOf = (names: readonly string[]): readonly (readonly string[])[] =>
  names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b]))

/** Which names a caller may hold: all ways where there are few, otherwise none, each, pairs, all, and all but one. */
export const subsetsOf = (written: Iterable<string>): Subsets => {
  const names = [...new Set(written)].sort()
  if (names.length <= ALL_SUBSETS) return { sets: allSubsets(names), whole: true }
  const butOne = names.map((left) => names.filter((name) => name !== left))
  const pairs = names.length <= PAIRS ? pairsOf(names) : []
  return { sets: [[], ...names.map((name) => [name]), ...pairs, names, ...butOne], whole: false }
}
