import type { Clock } from '@balustrade/core/kit'
import { createBreaker } from './breaker.ts'
import {
  type Action,
  type ActionName,
  type Given,
  monotonicMs,
  type OpenResult,
  type StateRequest,
  type StateTask,
} from './state-request.ts'
import { NOT_STORED, type Stored, type StateTrouble } from './state-store.ts'
import { startThread, type StateThread } from './state-thread.ts'
import { createWaitingRoom, weightOf } from './waiting-room.ts'

/** The way to one thread: asks it within a deadline, stops asking when it does not answer, starts it anew when it has gone. */
export interface StateLane {
  /** One that is not opened is to be closed. */
  readonly open: () => Promise<OpenResult>
  readonly ask: (action: Action) => Promise<Stored<Given<ActionName>>>
  /** Lets its thread go: whoever waits gets nothing, and the next probe starts another. */
  readonly drop: (why: string) => void
  readonly close: () => Promise<void>
}

export interface LaneParts {
  readonly task: Omit<StateTask, 'now' | 'mayCreate'>
  readonly clock: Clock
  /** ms */
  readonly deadline: number
  readonly probe: Action<'probeRead'> | Action<'probeWrite'>
  /** Of the trouble when it does not answer. */
  readonly code: 'state.unreadable' | 'state.unwritable'
  readonly onTrouble: (trouble: StateTrouble) => void
  readonly onSealed: (why: string) => void
  /** Its thread ended without being asked to. */
  readonly onDeath: (why: string) => void
}

interface Listener extends Pick<LaneParts, 'onDeath'> {
  readonly onAnswers: Parameters<typeof startThread>[1]['onAnswers']
}

/** The thread that is alive, if there is one, and what is to be sent to it at the end of this turn. */
const createThreads = ({ task, clock }: LaneParts, { onAnswers, onDeath }: Listener) => {
  let thread: StateThread | null = null
  let outbox: StateRequest[] = []
  const start = (mayCreate: boolean): StateThread => {
    const made = startThread(
      { ...task, now: clock.now(), mayCreate },
      {
        onAnswers: (answers) => {
          // One that was let go tells nothing any more.
          if (thread === made) onAnswers(answers)
        },
        onDeath: (why) => {
          thread = null
          onDeath(why)
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
    hold: (isHeld: boolean) => thread?.hold(isHeld),
    post: (request: StateRequest): void => {
      if (outbox.push(request) === 1) queueMicrotask(flush)
    },
    end: async () => {
      const ending = thread?.end()
      thread = null
      await ending
    },
  }
}

export const createStateLane = (parts: LaneParts): StateLane => {
  const { clock, deadline, onTrouble, code } = parts
  const room = createWaitingRoom(() => breaker, parts.onSealed)
  const threads = createThreads(parts, {
    onAnswers: (answers) => {
      for (const answer of answers) room.receive(answer)
      threads.hold(room.isHeld())
    },
    onDeath: parts.onDeath,
  })
  let last = 0
  const request = (action: Action, until: number): StateRequest => ({ id: ++last, now: Math.floor(clock.now()), until, action })
  const breaker = createBreaker({
    probe: () =>
      new Promise<boolean>((resolve) => {
        const asked = request(parts.probe, Number.POSITIVE_INFINITY)
        room.enter(asked.id, { settle: ({ ok }) => resolve(ok), timer: undefined, weight: 0 })
        threads.post(asked)
      }),
    onOpened: (why) => onTrouble({ kind: 'began', code, why }),
    onClosed: () => onTrouble({ kind: 'ended', code, why: 'it answers again' }),
  })
  return {
    open: async () => {
      const result = await threads.start(true).opened
      threads.hold(false)
      return result
    },
    ask: (action) => {
      if (!breaker.allows() || !room.hasRoomFor(action)) return Promise.resolve(NOT_STORED)
      return new Promise<Stored<Given<ActionName>>>((settle) => {
        const asked = request(action, monotonicMs() + deadline)
        // What arrived while this thread was busy is read before the timer's verdict.
        const expire = () => setImmediate(() => room.fail(asked.id, `no answer within ${deadline} ms`))
        room.enter(asked.id, { settle, timer: setTimeout(expire, deadline), weight: weightOf(action) })
        threads.post(asked)
      })
    },
    drop: (why) => {
      breaker.trip(why)
      room.failAll(why)
      void threads.end()
    },
    close: async () => {
      breaker.close()
      await room.settled()
      await threads.end()
    },
  }
}
