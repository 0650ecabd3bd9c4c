const LONGEST = 64

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, (before[j - 2] as number) + 1)
      row.push(cost)
    }
    before = above
    above = row
  }
  return above[b.length] as number
}

/** How many slips are allowed between two words: two, or a third of the longer, but never all of it. */
const limitOf = (a: string, b: string): number => {
  const longer = Math.max(a.length, b.length)
  return Math.min(Math.max(2, Math.floor(longer / 3)), longer - 1)
}

/** The slips between two words, Infinity beyond the limit. A word itself comes before one that differs in letter case. */
const slipsTo = (name: string, candidate: string): number => {
  if (candidate === name) return -1
  const limit = limitOf(name, candidate)
  if (candidate.length > LONGEST || Math.abs(name.length - candidate.length) > limit) return Number.POSITIVE_INFINITY
  const slips = distance(name.toLowerCase(), candidate.toLowerCase())
  return slips > limit ? Number.POSITIVE_INFINITY : slips
}

/**
 * The candidate a writer most likely meant, or null when none is near: at most two slips, or a third of the longer word
 * when that is more, never a whole word replaced. Letter case is no slip. Among equals the first in code unit order,
 * whatever the order of the candidates. An exact match is itself. Words over 64 characters are near nothing.
 */
export const closest = (name: string, candidates: Iterable<string>): string | null => {
  if (name.length > LONGEST) return null
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const slips = slipsTo(name, candidate)
    if (slips < least || (slips === least && best !== null && candidate < best)) {
      best = candidate
      least = slips
    }
  }
  return best
}
