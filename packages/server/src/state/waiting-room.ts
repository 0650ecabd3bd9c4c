import type { Breaker } from './breaker.ts'
import type { Action, ActionName, Given, StateAnswer } from './state-request.ts'
import { NOT_STORED, type Stored } from './state-store.ts'

interface Waiting {
  readonly settle: (answer: Stored<Given<ActionName>>) => void
  /** Undefined for a probe: it waits as long as it takes. */
  readonly timer: NodeJS.Timeout | undefined
  readonly weight: number
}

/** What was asked of one thread and not answered yet. */
export interface WaitingRoom {
  readonly hasRoomFor: (action: Action) => boolean
  readonly enter: (id: number, waiting: Waiting) => void
  /** An answer that comes after its deadline finds nobody. */
  readonly receive: (answer: StateAnswer) => void
  readonly fail: (id: number, why: string) => void
  readonly failAll: (why: string) => void
  /** Whether the process is to stay alive for an answer. */
  readonly isHeld: () => boolean
  /** Resolves when nobody waits but probes: at the latest after the deadline. */
  readonly settled: () => Promise<void>
}

const WAITING_REQUESTS = 4_000
/** Characters of what is to be written. */
const WAITING_WEIGHT = 67_108_864

export const weightOf = (action: Action): number => ('held' in action ? action.held.payload.length : 0)

/** `onSealed`: an entry could not be opened. */
export const createWaitingRoom = (breaker: () => Breaker, onSealed: (why: string) => void): WaitingRoom => {
  const waiting = new Map<number, Waiting>()
  let weight = 0
  const leave = (id: number): Waiting | undefined => {
    const entry = waiting.get(id)
    if (entry === undefined) return undefined
    waiting.delete(id)
    clearTimeout(entry.timer)
    weight -= entry.weight
    return entry
  }
  const isHeld = (): boolean => waiting.values().some(({ timer }) => timer !== undefined)
  const fail = (id: number, why: string): void => {
    const entry = leave(id)
    if (entry === undefined) return
    breaker().failed(why)
    entry.settle(NOT_STORED)
  }
  return {
    hasRoomFor: (action) => waiting.size < WAITING_REQUESTS && weight + weightOf(action) <= WAITING_WEIGHT,
    enter: (id, entry) => {
      waiting.set(id, entry)
      weight += entry.weight
    },
    receive: (answer) => {
      if (!answer.ok && answer.failure === 'unavailable') return fail(answer.id, answer.why)
      const entry = leave(answer.id)
      if (entry?.timer !== undefined) breaker().succeeded()
      if (!answer.ok) onSealed(answer.why)
      entry?.settle(answer.ok ? { ok: true, value: answer.value } : NOT_STORED)
    },
    fail,
    failAll: (why) => {
      for (const id of waiting.keys()) fail(id, why)
    },
    isHeld,
    settled: async () => {
      while (isHeld()) await new Promise((resolve) => void setTimeout(resolve, 5))
    },
  }
}
