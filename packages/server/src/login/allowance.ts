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
  let places: Place[] = []
  let first = 0
  const counts = new Map<string, number>()

  const free = (now: number): void => {
    for (; first < places.length && (places[first] as Place).until <= now; first++) {
      const { address } = places[first] as Place
      const left = (counts.get(address) ?? 1) - 1
      if (left === 0) counts.delete(address)
      else counts.set(address, left)
    }
    if (first > places.length / 2) {
      places = places.slice(first)
      first = 0
    }
  }

  return {
    take: (address, now) => {
      free(now)
      const count = counts.get(address) ?? 0
      if (count >= mostPerAddress || places.length - first >= most) return false
      counts.set(address, count + 1)
      places.push({ address, until: now + span })
      return true
    },
  }
}
