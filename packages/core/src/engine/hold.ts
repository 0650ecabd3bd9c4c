import type { AccessRequest } from '../model/access-request.ts'
import type { Decision } from '../model/decision.ts'
import type { Evaluation, Held } from '../model/engine.ts'
import type { Clock } from '../model/ports.ts'

export interface HoldParts {
  readonly clock: Clock
  /** It was made under the policy in force; otherwise a new one came between the decision and the stream. */
  readonly isCurrent: (evaluation: Evaluation) => boolean
  /** Judges the request as it would be judged now. */
  readonly rejudge: (request: AccessRequest) => Promise<Decision>
  /** Records that a stream was cut: judges once more, into the log, naming the decision that opened it. */
  readonly record: (request: AccessRequest, opened: string) => void
}

export interface Holds {
  readonly hold: (request: AccessRequest, held: Evaluation, onLost: (decision: Decision) => void) => Held
  /** Judges every open stream again, a few per turn of the event loop. */
  readonly rejudgeAll: () => void
  readonly close: () => void
}

interface Open {
  readonly request: AccessRequest
  readonly evaluation: Evaluation
  readonly onLost: (decision: Decision) => void
  timer: NodeJS.Timeout | null
}

/** Streams judged per turn: 10,000 of them stall nobody. */
const BATCH = 100
/** Longest delay of a timer (2^31 - 1 ms); the next check comes earlier anyway. */
const MAX_DELAY = 2 ** 31 - 1

/** Open streams: judged again on a new plan, when their decision lapses, and at least every `recheck` of the service. */
export const createHolds = (parts: HoldParts): Holds => {
  const open = new Set<Open>()
  let closed = false

  const release = (entry: Open): void => {
    open.delete(entry)
    if (entry.timer !== null) clearTimeout(entry.timer)
  }

  const schedule = (entry: Open, decision: Decision): void => {
    const now = parts.clock.now()
    const due = Math.min(decision.holdsUntil, now + (entry.evaluation.service?.recheck ?? 0))
    entry.timer = setTimeout(() => void check(entry), Math.min(Math.max(due - now, 0), MAX_DELAY))
    entry.timer.unref()
  }

  const check = async (entry: Open): Promise<void> => {
    if (entry.timer !== null) clearTimeout(entry.timer)
    const request = { ...entry.request, at: parts.clock.now() }
    const decision = await parts.rejudge(request)
    if (!open.has(entry)) return
    if (decision.outcome === 'allow') return schedule(entry, decision)
    release(entry)
    parts.record(request, entry.evaluation.id)
    entry.onLost(decision)
  }

  const checkBatch = async (rest: Open[]): Promise<void> => {
    const batch = rest.splice(0, BATCH)
    await Promise.all(batch.filter((entry) => open.has(entry)).map(check))
    if (rest.length > 0 && !closed) setImmediate(() => void checkBatch(rest))
  }

  return {
    hold: (request, evaluation, onLost) => {
      const entry: Open = { request, evaluation, onLost, timer: null }
      open.add(entry)
      if (parts.isCurrent(evaluation)) schedule(entry, evaluation.decision)
      else void check(entry)
      return { release: () => release(entry) }
    },
    rejudgeAll: () => void checkBatch([...open]),
    close: () => {
      closed = true
      for (const entry of open) release(entry)
    },
  }
}
