/** One request that is to have its turn. */
export interface Turn {
  /** Whose it is: the address of a client. */
  readonly key: string
  /** Its turn has come; `done` says that nothing is left to do for it. */
  readonly begin: (done: () => void) => void
  /** Nobody waits for it any more. */
  readonly gone: () => boolean
}

/**
 * Has clients of HTTP/2, each of which can ask for thousands of things in one breath, take turns: of one client so many requests at most
 * are being worked on, the next one begins when one of them is done. What waits has cost nothing yet but its header, so it neither
 * takes processor time nor has memory collected that others would wait for. A request counts while it is young: one that waits for an
 * upstream, for a disk or for a provider, or an event stream, soon holds up nobody.
 */
export interface Turns {
  readonly take: (turn: Turn) => void
  /** Forgets who waits. */
  readonly close: () => void
}

interface Client {
  /** Who came last is last. */
  waiting: Turn[]
  /** Those that came before all of them, the first one last: taking it costs the same however many wait. */
  first: Turn[]
  /** Requests that began in this round, and in the one before, and are not done. */
  began: number
  beganBefore: number
  /** The round in which it asked last. */
  seen: number
}

interface State {
  readonly clients: Map<string, Client>
  round: number
  timer: NodeJS.Timeout | null
}

/** ms; a request counts for one to two rounds. */
const ROUND = 25
/** Rounds for which a client counts that asks for nothing. */
const LINGER = 40
/** Requests of one client that are worked on while others ask too: as many as keep one processor busy, and no more for others to wait behind. */
const AMONG_OTHERS = 64
/** The same while nobody else asks. */
const ALONE = 128

const mostOf = ({ clients }: State): number => (clients.size > 1 ? AMONG_OTHERS : ALONE)

const begin = (state: State, client: Client, turn: Turn): void => {
  const { round } = state
  let isDone = false
  client.began++
  turn.begin(() => {
    if (isDone) return
    isDone = true
    if (state.round === round) client.began--
    else if (state.round === round + 1) client.beganBefore--
    carryOn(state, client)
  })
}

const nextOf = (client: Client): Turn | undefined => {
  if (client.first.length === 0) {
    client.first = client.waiting.reverse()
    client.waiting = []
  }
  return client.first.pop()
}

/** Begins what of a client may begin. */
const carryOn = (state: State, client: Client): void => {
  while (client.began + client.beganBefore < mostOf(state)) {
    const next = nextOf(client)
    if (next === undefined) return
    if (!next.gone()) begin(state, client, next)
  }
}

const isForgotten = (state: State, { waiting, first, began, beganBefore, seen }: Client): boolean =>
  waiting.length + first.length + began + beganBefore === 0 && state.round - seen > LINGER

const stop = (state: State): void => {
  if (state.timer !== null) clearInterval(state.timer)
  state.timer = null
}

const endRound = (state: State): void => {
  state.round++
  for (const [key, client] of state.clients) {
    client.beganBefore = client.began
    client.began = 0
    if (isForgotten(state, client)) state.clients.delete(key)
    else carryOn(state, client)
  }
  if (state.clients.size === 0) stop(state)
}

const clientOf = (state: State, key: string): Client => {
  const known = state.clients.get(key)
  if (known !== undefined) return known
  const client: Client = { waiting: [], first: [], began: 0, beganBefore: 0, seen: state.round }
  state.clients.set(key, client)
  state.timer ??= setInterval(() => endRound(state), ROUND).unref()
  return client
}

export const createTurns = (): Turns => {
  const state: State = { clients: new Map(), round: 0, timer: null }
  return {
    take: (turn) => {
      const client = clientOf(state, turn.key)
      client.seen = state.round
      client.waiting.push(turn)
      carryOn(state, client)
    },
    close: () => {
      stop(state)
      state.clients.clear()
    },
  }
}
