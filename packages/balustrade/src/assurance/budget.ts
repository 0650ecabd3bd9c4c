/** How many judgements one check may make: what it costs is bounded, whatever the policies. */
export const MOST_JUDGEMENTS = 200_000

/** A count that is used up, and remembers whether anybody wanted more. */
export interface Budget {
  /** False: there is nothing left. */
  readonly take: () => boolean
  readonly spent: () => number
  /** A search ended for want of it. */
  readonly exhausted: () => boolean
  /** A part of this one, for one search. Ending for want of the part alone is told to that search and nobody else. */
  readonly part: (most: number) => Budget
}

export const createBudget = (most: number): Budget => {
  let spent = 0
  let wanted = false
  const take = (): boolean => {
    if (spent < most) spent++
    else wanted = true
    return !wanted
  }
  const budget: Budget = {
    take,
    spent: () => spent,
    exhausted: () => wanted,
    part: (share) => {
      const own = createBudget(share)
      return { ...own, take: () => own.take() && take(), exhausted: () => own.exhausted() || wanted }
    },
  }
  return budget
}
