/** How much strangers may have kept at once. Nobody who is not logged in yet could fill the store otherwise. */
export interface Allowance {
  /** Takes one place for the span; false: there is none left, for this address or at all. */
  readonly take: (address: string, now: number) => boolean
}

export interface AllowanceSetup {
  /** ms for which a place is taken. */
  readonly span: number
  readonly most: number
  readonly mostPerAddress: number
}

interface Place {
  readonly address: string
  readonly until: number
}

/** Counts in memory: another process on the same store has an allowance of its own, and a restart begins anew. */
export const createAllowance = ({ span, most, mostPerAddress }: AllowanceSetup): Allowance => {
  /** In the order in which they come back. */
  const places: Place[] = []
  const counts = new Map<string, number>()

  const free = (now: number): void => {
    for (let first = places[0]; first !== undefined && first.until <= now; first = places[0]) {
      places.shift()
      counts.set(first.address, (counts.get(first.address) ?? 1) - 1)
      if (counts.get(first.address) === 0) counts.delete(first.address)
    }
  }

  return {
    take: (address, now) => {
      free(now)
      const count = counts.get(address) ?? 0
      if (count >= mostPerAddress || places.length >= most) return false
      counts.set(address, count + 1)
      places.push({ address, until: now + span })
      return true
    },
  }
}
