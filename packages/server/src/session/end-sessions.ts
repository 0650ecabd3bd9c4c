import type { AuthenticationRecord, DecisionLog } from '@balustrade/core/kit'
import { NOT_STORED, type Stored, stored } from '../state/state-store.ts'
import { sessionRecord } from './authentication-record.ts'
import { createDenials } from './denials.ts'
import { type EndingTarget, targetOf } from './ending-target.ts'
import type { KeptSession } from './kept-session.ts'
import type { KnownSessions } from './known-sessions.ts'
import type { Listed, SessionLedger } from './session-ledger.ts'
import type { EndedBy, Ending, Occasion } from './sessions.ts'

export type EndedWhy = EndedBy | 'replaced' | 'elevated'

export interface EndingParts {
  readonly ledger: SessionLedger
  readonly known: KnownSessions
  readonly log: Pick<DecisionLog, 'append'>
  /** Something ended. */
  readonly onEnded: () => void
}

export type EndingOccasion = Occasion & { readonly by: EndedWhy }

/** Ends sessions, and refuses here what the store could not be told was ended. */
export interface Endings {
  readonly end: (which: Ending, on: EndingOccasion) => Promise<Stored<number>>
  /** It was ended here, and the store could not be told yet. `kept` null: not seen. */
  readonly isDenied: (id: string, kept: KeptSession | null) => boolean
  /** Tells the store now what it could not be told before; it is tried again every second anyway. */
  readonly retry: () => Promise<void>
  readonly close: () => void
}

export const endedRecord = (kept: KeptSession, on: EndingOccasion): AuthenticationRecord =>
  sessionRecord(kept.session, on, { outcome: 'ended', code: `session.ended.${on.by}` })

/** Listings until nothing new shows; each more takes a step-up or a login in the same instant. */
const MOST_LISTINGS = 50
const endOne = async ({ ledger, known, log }: EndingParts, id: string, on: EndingOccasion): Promise<Stored<number>> => {
  const removed = await ledger.remove(id)
  if (!removed.ok) return NOT_STORED
  known.drop(id)
  if (removed.value === null) return stored(0)
  log.append(endedRecord(removed.value, on))
  return stored(1)
}

const endEach = async (parts: EndingParts, listed: readonly Listed[], on: EndingOccasion): Promise<Stored<number>> => {
  const ended = await Promise.all(listed.map(({ id }) => endOne(parts, id, on)))
  return ended.reduce((sum, each) => (sum.ok && each.ok ? stored(sum.value + each.value) : NOT_STORED), stored(0))
}

/**
 * Lists anew until nothing new stands there: a session that is stepped up meanwhile goes on under another id, which is written
 * before the mark in place of the old one, and the mark is seen where the new one was not. `until`: epoch ms, begun no later.
 */
const endTagged = async (
  parts: EndingParts,
  { tag, until }: { readonly tag: string; readonly until: number },
  on: EndingOccasion,
): Promise<Stored<number>> => {
  const seen = new Set<string>()
  let count = 0
  for (let listing = 0; listing < MOST_LISTINGS; listing++) {
    const all = await parts.ledger.tagged(tag)
    if (!all.ok) return NOT_STORED
    const fresh = all.value.filter(({ id }) => !seen.has(id))
    if (fresh.length === 0) return stored(count)
    for (const { id } of fresh) seen.add(id)
    const due = fresh.filter(({ kept }) => kept !== null && kept.begunAt <= until)
    const ended = await endEach(parts, due, on)
    if (!ended.ok) return NOT_STORED
    count += ended.value
  }
  return NOT_STORED
}

/** The epoch ends them, wherever they are used. Removing them one by one only tells the log whose they were. */
const endAll = async (parts: EndingParts, on: EndingOccasion): Promise<Stored<number>> => {
  const epoch = await parts.ledger.nextEpoch()
  if (!epoch.ok) return NOT_STORED
  parts.known.dropAll()
  parts.log.append({ kind: 'administration', at: on.now, action: 'sessions.ended', detail: { epoch: epoch.value, by: on.by } })
  const all = await parts.ledger.everything()
  const earlier = (all.ok ? all.value : []).filter(({ kept }) => kept !== null && kept.epoch !== epoch.value)
  const ended = await Promise.all(earlier.map(({ id }) => endOne(parts, id, on)))
  return stored(ended.reduce((sum, each) => sum + (each.ok ? each.value : 0), 0))
}

const RETRY_MS = 1_000

export const createEndings = (parts: EndingParts): Endings => {
  const denials = createDenials()
  let timer: NodeJS.Timeout | null = null
  let underWay: Promise<void> | null = null
  const tell = (target: EndingTarget, on: EndingOccasion, until: number): Promise<Stored<number>> => {
    if (target.kind === 'one') return endOne(parts, target.id, on)
    return target.kind === 'tag' ? endTagged(parts, { tag: target.tag, until }, on) : endAll(parts, on)
  }
  const retryOnce = async (): Promise<void> => {
    for (const { target, on } of denials.all()) {
      // Whoever logged in again meanwhile is not meant.
      const ended = await tell(target, on, on.now)
      if (!ended.ok) return
      denials.remove(target)
    }
  }
  // One at a time: a second new epoch would end what was begun after the first.
  const retry = (): Promise<void> => {
    underWay ??= retryOnce().finally(() => {
      underWay = null
    })
    return underWay
  }
  const retryLater = (): void => {
    if (denials.all().length === 0) return
    timer ??= setTimeout(() => {
      timer = null
      void retry().then(retryLater)
    }, RETRY_MS).unref()
  }
  return {
    end: async (which, on) => {
      const target = targetOf(which)
      const ended = await tell(target, on, Infinity)
      if (ended.ok) denials.remove(target)
      else denials.add({ target, on }, target.kind !== 'one' || parts.known.remembered(target.id) !== null)
      retryLater()
      if (!ended.ok || ended.value > 0) parts.onEnded()
      return ended
    },
    isDenied: denials.cover,
    retry,
    close: () => {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
