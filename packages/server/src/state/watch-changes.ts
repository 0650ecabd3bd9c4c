import type { Clock } from '@balustrade/core/kit'
import type { Changed, Changes, Stored, Watcher, Watching } from './state-store.ts'

export interface WatchParts {
  readonly changes: (since: number | null) => Promise<Stored<Changes>>
  /** Another number when the file may be another one. */
  readonly generation: () => number
  readonly clock: Clock
  readonly watcher: Watcher
}

const LOOK_MS = 250

interface Seen {
  readonly upTo: number
  readonly generation: number
}

interface Looked {
  readonly upTo: number
  /** Null: anything may have. */
  readonly changed: readonly Changed[] | null
}

/** What changed since, page after page; null: the store does not answer. */
const readOn = async (changes: WatchParts['changes'], since: number | null): Promise<Looked | null> => {
  const found: Changed[] = []
  let upTo = since
  for (;;) {
    const page = await changes(upTo)
    if (!page.ok) return null
    upTo = page.value.upTo
    if (!page.value.complete) return { upTo, changed: null }
    if (page.value.changed.length === 0) return { upTo, changed: found }
    found.push(...page.value.changed)
  }
}

/** Of a file whose thread was started anew nothing that was seen before counts: it may be another file. */
const look = async ({ changes, generation }: WatchParts, seen: Seen | null): Promise<(Looked & Seen) | null> => {
  const current = generation()
  const isOther = seen !== null && seen.generation !== current
  const looked = await readOn(changes, isOther || seen === null ? null : seen.upTo)
  if (looked === null || generation() !== current) return null
  return { upTo: looked.upTo, generation: current, changed: isOther ? null : looked.changed }
}

export const watchChanges = (parts: WatchParts): Watching => {
  const { clock, watcher } = parts
  let seen: Seen | null = null
  let isAnswering = true
  let lastLook = Number.NEGATIVE_INFINITY
  let isClosed = false

  const lookOnce = async (): Promise<void> => {
    const began = clock.monotonic()
    const looked = await look(parts, seen)
    if (isClosed) return
    if (looked !== null) {
      seen = looked
      if (looked.changed === null || looked.changed.length > 0) watcher.onChange(looked.changed)
      lastLook = began
    }
    if (isAnswering === (looked !== null)) return
    isAnswering = looked !== null
    watcher.onAnswering(isAnswering)
  }
  const goOn = async (): Promise<void> => {
    await lookOnce()
    if (!isClosed) timer = setTimeout(() => void goOn(), LOOK_MS).unref()
  }
  let timer: NodeJS.Timeout | undefined
  void goOn()
  return {
    lastLook: () => lastLook,
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
