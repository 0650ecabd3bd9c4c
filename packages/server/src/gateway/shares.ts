/** One request that is to have a connection to its upstream. */
export interface Asking {
  /** Whose share it comes out of: a client at a service. */
  readonly key: string
  /** How many more connections the upstream may have. */
  readonly free: () => number
  /** Its turn has come; `release` gives the share back, once. */
  readonly begin: (release: () => void) => void
  /** Nobody waits for it any more. */
  readonly gone: () => boolean
  /** It waited too long. */
  readonly onLate: () => void
}

/**
 * Divides the connections of an upstream among clients of HTTP/2, each of which asks for many things at once and may take none of
 * the answers: without, two clients that read nothing would hold all of them. A client gets another one while it holds fewer than are
 * free, so that of `n` greedy clients each has one share of `n + 1`, and one is left for who comes next (dynamic thresholds, Choudhury
 * and Hahne 1998). The first of each client waits for nobody.
 */
export interface Shares {
  readonly take: (asking: Asking) => void
  readonly close: () => void
}

interface Waiting extends Asking {
  rounds: number
}

interface State {
  readonly held: Map<string, number>
  readonly waiting: Map<string, Waiting[]>
}

/** ms between two looks at who waits: connections also become free without a word to us. */
const ROUND = 100

const heldBy = ({ held }: State, key: string): number => held.get(key) ?? 0

const mayBegin = (state: State, { key, free }: Asking): boolean => {
  const held = heldBy(state, key)
  return held === 0 || held < free()
}

const begin = (state: State, asking: Asking): void => {
  const { key } = asking
  let released = false
  state.held.set(key, heldBy(state, key) + 1)
  asking.begin(() => {
    if (released) return
    released = true
    const left = heldBy(state, key) - 1
    if (left === 0) state.held.delete(key)
    else state.held.set(key, left)
    carryOn(state, key)
  })
}

/** Begins what of a client may begin. */
const carryOn = (state: State, key: string): void => {
  const queue = state.waiting.get(key)
  for (let next = queue?.[0]; next !== undefined; next = queue?.[0]) {
    if (!next.gone() && !mayBegin(state, next)) return
    queue?.shift()
    if (!next.gone()) begin(state, next)
  }
  if (queue !== undefined && state.waiting.get(key) === queue) state.waiting.delete(key)
}

const giveUp = (queue: Waiting[], rounds: number): void => {
  for (const late of queue.filter((waiting) => ++waiting.rounds > rounds)) {
    queue.splice(queue.indexOf(late), 1)
    if (!late.gone()) late.onLate()
  }
}

/** `patience`: ms that a request may wait. */
export const createShares = (patience: number): Shares => {
  const state: State = { held: new Map(), waiting: new Map() }
  const timer = setInterval(() => {
    for (const [key, queue] of state.waiting) {
      giveUp(queue, patience / ROUND)
      carryOn(state, key)
    }
  }, ROUND)
  timer.unref()
  return {
    take: (asking) => {
      const queue = state.waiting.get(asking.key)
      if (queue === undefined && mayBegin(state, asking)) return begin(state, asking)
      if (queue === undefined) state.waiting.set(asking.key, [{ ...asking, rounds: 0 }])
      else queue.push({ ...asking, rounds: 0 })
    },
    close: () => clearInterval(timer),
  }
}
