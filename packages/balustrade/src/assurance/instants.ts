import { type Atom, atomsOf, type Facts, type PlanRule } from '@balustrade/core/kit'

const WEEK = 7 * 86_400_000
const MOST_TURNS = 400

const clockAtoms = (rules: readonly PlanRule[]): readonly Atom[] =>
  [...new Set(rules.flatMap(({ parts, how }) => atomsOf(parts.who, parts.what, parts.when, how)))].filter(({ condition }) =>
    condition.startsWith('when.'),
  )

/** Instants at which some rule begins, or is over. */
const edgesOfLives = (rules: readonly PlanRule[], now: number): readonly number[] =>
  rules.flatMap(({ from, until }) => [from, until]).filter((at) => Number.isFinite(at) && at > now)

/** From one instant on, those at which a condition on the clock may turn, for a week. */
const turnsFrom = (start: number, atoms: readonly Atom[], open: Facts): readonly number[] => {
  const turns = [start]
  for (let at = start; turns.length < MOST_TURNS; ) {
    const facts = { ...open, now: at }
    const next = Math.min(...atoms.flatMap(({ lapses }) => lapses.map((lapse) => lapse(facts))))
    if (!(next > at) || next > start + WEEK) break
    turns.push(next)
    at = next
  }
  return turns
}

/**
 * Instants from `open.now` on, one for each way in which lives and conditions on the clock can stand to one another within a week,
 * and within a week of each edge of a life. Changes of clocks later than that are not looked at.
 */
export const instantsOf = (rules: readonly PlanRule[], open: Facts): readonly number[] => {
  const atoms = clockAtoms(rules)
  const starts = [open.now, ...new Set(edgesOfLives(rules, open.now))]
  const all = atoms.length === 0 ? starts : starts.flatMap((start) => turnsFrom(start, atoms, open))
  const seen = new Map<string, number>()
  for (const at of all) {
    const facts = { ...open, now: at }
    const lives = rules.map(({ from, until }) => (at >= from && at < until ? 1 : 0)).join('')
    const key = `${lives} ${atoms.map((atom) => atom.tri(facts)).join()}`
    if (!seen.has(key)) seen.set(key, at)
  }
  return [...seen.values()]
}
