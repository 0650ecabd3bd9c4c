import { type AnswerSink, type Transfer, UpstreamConnection } from './connection.ts'
import { type Destination, openSocket } from './open-socket.ts'
import type { UpstreamRequest } from './request-head.ts'

export interface PoolLimits {
  readonly connections: number
  /** Head of an answer, bytes. */
  readonly headBytes: number
  /** ms from the end of a request to the head of its answer. As long it may wait for a connection before. */
  readonly headWithin: number
}

export interface PoolParts extends Destination {
  readonly limits: PoolLimits
  readonly monotonic: () => number
}

/** Ends what was begun. */
export interface Sent {
  readonly abort: () => void
}

/** Connections to one upstream. The one used last is used next, so that those not needed grow old and are closed. */
export interface UpstreamPool {
  readonly destination: Destination
  readonly limits: PoolLimits
  /** Sends a request on an idle connection, a new one, or when there are too many as soon as one is free. */
  readonly send: (request: UpstreamRequest, sink: AnswerSink) => Sent
  /** How many more requests it would carry at once. */
  readonly free: () => number
  /** Requests under way finish; then their connections are closed, and after the last one `onEmpty` is called. */
  readonly retire: (onEmpty: () => void) => void
  readonly destroy: () => void
}

/** ms for which an idle connection is kept. Below what servers do by default: who closes first knows that it is closed. */
const IDLE = 4_000
/** ms by which a connection is given up before the upstream says that it closes it. */
const IDLE_MARGIN = 1_000
/** Longest span between two looks at the connections, ms; and how often at least an upstream is looked at before it is given up. */
const LONGEST_ROUND = 500
const ROUNDS = 4

interface Waiting {
  readonly transfer: Transfer
  aborted: boolean
  rounds: number
}

interface State {
  readonly parts: PoolParts
  readonly all: Set<UpstreamConnection>
  readonly idle: UpstreamConnection[]
  readonly queue: Waiting[]
  /** Set when nothing new is to come: called when nothing is left. */
  retired: (() => void) | null
}

const idleSpan = ({ idle }: UpstreamConnection): number =>
  idle === null ? IDLE : Math.min(IDLE, Math.max(0, idle * 1_000 - IDLE_MARGIN))

const nextWaiting = ({ queue }: State): Waiting | null => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) if (!next.aborted) return next
  return null
}

const open = (state: State): UpstreamConnection => {
  const { parts } = state
  const connection: UpstreamConnection = new UpstreamConnection(
    openSocket(parts, {
      onReady: () => connection.ready(),
      onLate: () => connection.fail('upstream.timeout'),
      onBytes: (bytes) => connection.receive(bytes),
    }),
    {
      headBytes: parts.limits.headBytes,
      onIdle: () => carryOn(state, connection),
      onGone: () => {
        state.all.delete(connection)
        const next = nextWaiting(state)
        if (next !== null) start(state, next)
        else if (state.all.size === 0) state.retired?.()
      },
    },
  )
  state.all.add(connection)
  return connection
}

const carryOn = (state: State, connection: UpstreamConnection): void => {
  const next = nextWaiting(state)
  if (next !== null) return connection.send(next.transfer)
  if (state.retired !== null) return connection.close()
  connection.idleSince = state.parts.monotonic()
  state.idle.push(connection)
}

const takeIdle = ({ idle }: State): UpstreamConnection | null => {
  for (let last = idle.pop(); last !== undefined; last = idle.pop()) if (last.usable) return last
  return null
}

/** Sends it on a connection that is free, or has it wait for one. */
const start = (state: State, waiting: Waiting): void => {
  const free = takeIdle(state) ?? (state.all.size < state.parts.limits.connections ? open(state) : null)
  if (free === null) state.queue.push(waiting)
  else free.send(waiting.transfer)
}

const closeIdle = (state: State): void => {
  const now = state.parts.monotonic()
  const old = state.idle.filter((connection) => !connection.usable || now - connection.idleSince >= idleSpan(connection))
  for (const connection of old) {
    state.idle.splice(state.idle.indexOf(connection), 1)
    connection.close()
  }
}

const giveUpWaiting = (state: State, rounds: number): void => {
  for (const waiting of state.queue) {
    if (waiting.aborted || ++waiting.rounds <= rounds) continue
    waiting.aborted = true
    waiting.transfer.sink.onFailure('upstream.timeout')
  }
}

/** One timer for all requests: one for each would cost as much as sending it. Gives what ends the watch. */
const beginWatch = (state: State): (() => void) => {
  const { headWithin } = state.parts.limits
  const span = Math.min(LONGEST_ROUND, headWithin / ROUNDS)
  const rounds = Math.ceil(headWithin / span)
  const timer = setInterval(() => {
    closeIdle(state)
    giveUpWaiting(state, rounds)
    for (const connection of state.all) connection.watch(rounds)
  }, span)
  timer.unref()
  return () => clearInterval(timer)
}

const send = (state: State, request: UpstreamRequest, sink: AnswerSink): Sent => {
  let carrier: UpstreamConnection | null = null
  const transfer: Transfer = { request, sink, onCarried: (by) => void (carrier = by) }
  const waiting: Waiting = { transfer, aborted: false, rounds: 0 }
  start(state, waiting)
  return {
    abort: () => {
      waiting.aborted = true
      carrier?.abort(transfer)
    },
  }
}

export const createUpstreamPool = (parts: PoolParts): UpstreamPool => {
  const state: State = { parts, all: new Set(), idle: [], queue: [], retired: null }
  const endWatch = beginWatch(state)
  const dropIdle = () => {
    for (const connection of state.idle.splice(0)) connection.close()
  }
  return {
    destination: parts,
    limits: parts.limits,
    send: (request, sink) => send(state, request, sink),
    free: () => parts.limits.connections - state.all.size + state.idle.length,
    retire: (onEmpty) => {
      state.retired = () => {
        endWatch()
        onEmpty()
      }
      dropIdle()
      if (state.all.size === 0) state.retired()
    },
    destroy: () => {
      state.retired ??= () => {}
      endWatch()
      dropIdle()
      for (const { aborted, transfer } of state.queue.splice(0)) if (!aborted) transfer.sink.onFailure('upstream.unreachable')
      for (const connection of state.all) connection.fail('upstream.unreachable')
    },
  }
}
