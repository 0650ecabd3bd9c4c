/** How many judgements one check may make: what it costs is bounded, whatever the policies. */
export const MOST_JUDGEMENTS = 200_000

/** A count that is used up, and remembers whether anybody wanted more. */
export interface Budget {
  /** False: there is nothing left. */
  readonly take: () => boolean
  readonly spent: () => number
  /** This, or a part of it, did not suffice. */
  readonly exhausted: () => boolean
  /** A part of this one, for one search: one search may not eat up what there is for all. */
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
  const parts: Budget[] = []
  return {
    take,
    spent: () => spent,
    exhausted: () => wanted || parts.some((part) => part.exhausted()),
    part: (share) => {
      const own = createBudget(share)
      const part = { ...own, take: () => own.take() && take(), exhausted: () => own.exhausted() || wanted }
      parts.push(part)
      return part
    },
  }
}
