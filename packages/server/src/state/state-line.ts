import type { Clock } from '@balustrade/core/kit'
import { type Breaker, createBreaker } from './breaker.ts'
import {
  type Action,
  type ActionName,
  type Given,
  isRead,
  monotonicMs,
  type OpenResult,
  type StateAnswer,
  type StateRequest,
  type StateTask,
} from './state-request.ts'
import type { Stored, StateTrouble } from './state-store.ts'
import { startThread, type StateThread, type ThreadListener } from './state-thread.ts'

/** The way to the thread: asks it within a deadline, stops asking when it does not answer, starts it anew when it has died. */
export interface StateLine {
  readonly ask: <N extends ActionName>(action: Action<N>) => Promise<Stored<Given<N>>>
  /** Another number after the thread was started anew. */
  readonly generation: () => number
  readonly close: () => Promise<void>
}

export interface LineParts {
  readonly task: Omit<StateTask, 'now' | 'mayCreate'>
  readonly clock: Clock
  /** ms */
  readonly deadline: number
  readonly onTrouble: (trouble: StateTrouble) => void
}

interface Waiting {
  readonly settle: (answer: Stored<Given<ActionName>>) => void
  readonly breaker: Breaker
  /** Undefined for a probe: it waits as long as it takes. */
  readonly timer: NodeJS.Timeout | undefined
  readonly weight: number
}

const NOT_OK = { ok: false } as const
const WAITING_REQUESTS = 4_000
/** Characters of what is to be written. */
const WAITING_WEIGHT = 67_108_864
/** An entry that cannot be opened is asked for again and again; it is told so often. */
const TELL_SEALED_MS = 1_000

const weightOf = (action: Action): number => ('held' in action ? action.held.payload.length : 0)

const createTeller = ({ onTrouble, clock }: LineParts) => {
  let told = Number.NEGATIVE_INFINITY
  return (why: string): void => {
    if (clock.monotonic() - told < TELL_SEALED_MS) return
    told = clock.monotonic()
    onTrouble({ kind: 'entry', code: 'state.sealed', why })
  }
}

/** What was asked and not answered yet. */
const createWaitingRoom = (parts: LineParts) => {
  const waiting = new Map<number, Waiting>()
  const tellSealed = createTeller(parts)
  let weight = 0
  const leave = (id: number): Waiting | undefined => {
    const entry = waiting.get(id)
    if (entry === undefined) return undefined
    waiting.delete(id)
    clearTimeout(entry.timer)
    weight -= entry.weight
    return entry
  }
  /** Whether the process is to stay alive for an answer. */
  const isHeld = (): boolean => waiting.values().some(({ timer }) => timer !== undefined)
  const fail = (id: number, why: string): void => {
    const entry = leave(id)
    if (entry === undefined) return
    entry.breaker.failed(why)
    entry.settle(NOT_OK)
  }
  return {
    hasRoomFor: (action: Action) => waiting.size < WAITING_REQUESTS && weight + weightOf(action) <= WAITING_WEIGHT,
    enter: (id: number, entry: Waiting) => {
      waiting.set(id, entry)
      weight += entry.weight
    },
    /** Resolves when nobody waits but probes: at the latest after the deadline. */
    settled: async () => {
      while (isHeld()) await new Promise((resolve) => void setTimeout(resolve, 5))
    },
    isHeld,
    fail,
    failAll: (why: string) => {
      for (const id of waiting.keys()) fail(id, why)
    },
    /** An answer that comes after its deadline finds nobody. */
    receive: (answer: StateAnswer): void => {
      if (!answer.ok && answer.failure === 'unavailable') return fail(answer.id, answer.why)
      const entry = leave(answer.id)
      if (entry?.timer !== undefined) entry.breaker.succeeded()
      if (!answer.ok) tellSealed(answer.why)
      entry?.settle(answer.ok ? { ok: true, value: answer.value } : NOT_OK)
    },
  }
}

type WaitingRoom = ReturnType<typeof createWaitingRoom>

/** The thread that is alive, if there is one, and what is to be sent to it at the end of this turn. */
const createThreads = (task: LineParts['task'], clock: Clock, listener: ThreadListener) => {
  let thread: StateThread | null = null
  let outbox: StateRequest[] = []
  let generation = 0
  const start = (mayCreate: boolean): StateThread => {
    generation++
    const made = startThread(
      { ...task, now: Math.floor(clock.now()), mayCreate },
      {
        onAnswers: listener.onAnswers,
        onDeath: (why) => {
          // One that was replaced tells nothing any more.
          if (thread !== made) return
          thread = null
          listener.onDeath(why)
        },
      },
    )
    thread = made
    return made
  }
  const flush = (): void => {
    const requests = outbox
    outbox = []
    const at = thread ?? start(false)
    at.hold(true)
    at.post(requests)
  }
  return {
    start,
    generation: () => generation,
    hold: (isHeld: boolean) => thread?.hold(isHeld),
    post: (request: StateRequest): void => {
      if (outbox.push(request) === 1) queueMicrotask(flush)
    },
    end: async () => {
      await thread?.end()
    },
  }
}

const breakerOf = (
  probe: () => Promise<boolean>,
  code: 'state.unreadable' | 'state.unwritable',
  { onTrouble }: LineParts,
): Breaker =>
  createBreaker({
    probe,
    onOpened: (why) => onTrouble({ kind: 'began', code, why }),
    onClosed: () => onTrouble({ kind: 'ended', code, why: 'it answers again' }),
  })

/** Puts questions: to whom, until when, and who waits for the answer. */
const createDesk = (parts: LineParts, room: WaitingRoom, post: (request: StateRequest) => void) => {
  let last = 0
  const request = (action: Action, until: number): StateRequest => ({
    id: ++last,
    now: Math.floor(parts.clock.now()),
    until,
    action,
  })
  return {
    ask: (action: Action, breaker: Breaker) =>
      new Promise<Stored<Given<ActionName>>>((settle) => {
        const asked = request(action, monotonicMs() + parts.deadline)
        // What arrived while this thread was busy is read before the timer's verdict.
        const expire = () => setImmediate(() => room.fail(asked.id, `no answer within ${parts.deadline} ms`))
        room.enter(asked.id, { settle, breaker, timer: setTimeout(expire, parts.deadline), weight: weightOf(action) })
        post(asked)
      }),
    probe: (action: Action, breaker: () => Breaker) =>
      new Promise<boolean>((resolve) => {
        const asked = request(action, Number.POSITIVE_INFINITY)
        room.enter(asked.id, { settle: ({ ok }) => resolve(ok), breaker: breaker(), timer: undefined, weight: 0 })
        post(asked)
      }),
  }
}

/** Opens the file on a thread of its own; gives the reason when that fails, and ends the thread then. */
export const openStateLine = async (
  parts: LineParts,
): Promise<{ readonly ok: true; readonly line: StateLine } | Exclude<OpenResult, { readonly ok: true }>> => {
  const room = createWaitingRoom(parts)
  let isOpened = false
  let isClosed = false
  const threads = createThreads(parts.task, parts.clock, {
    onAnswers: (answers) => {
      for (const answer of answers) room.receive(answer)
      threads.hold(room.isHeld())
    },
    onDeath: (why) => {
      if (!isOpened || isClosed) return
      for (const breaker of [reads, writes]) breaker.trip(why)
      room.failAll(why)
    },
  })
  const desk = createDesk(parts, room, threads.post)
  const reads: Breaker = breakerOf(() => desk.probe({ name: 'probeRead' }, () => reads), 'state.unreadable', parts)
  const writes: Breaker = breakerOf(() => desk.probe({ name: 'probeWrite' }, () => writes), 'state.unwritable', parts)

  const result = await threads.start(true).opened
  if (!result.ok) {
    await threads.end()
    return result
  }
  isOpened = true
  threads.hold(false)
  const ask = (action: Action): Promise<Stored<Given<ActionName>>> => {
    const breaker = isRead(action.name) ? reads : writes
    if (isClosed || !breaker.allows() || !room.hasRoomFor(action)) return Promise.resolve(NOT_OK)
    return desk.ask(action, breaker)
  }
  const close = async (): Promise<void> => {
    isClosed = true
    for (const breaker of [reads, writes]) breaker.close()
    await room.settled()
    room.failAll('the store is closed')
    await threads.end()
  }
  return { ok: true, line: { ask: ask as StateLine['ask'], generation: threads.generation, close } }
}
