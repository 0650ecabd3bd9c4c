import type { KeyObject } from 'node:crypto'
import type { Changes, Collection } from './state-store.ts'

/** Counters are entries among themselves, which nobody lists and nobody is told of. */
export type Space = Collection | 'counter'

/** An entry as it crosses between the threads: `payload` is the JSON text of its key, tags and value. */
export interface Held {
  readonly payload: string
  readonly version: number
  readonly expiresAt: number
}

export interface ToHold {
  readonly payload: string
  readonly expiresAt: number
  readonly tags: readonly string[]
}

interface Place {
  readonly collection: Collection
  readonly key: string
}

/** What is asked of the thread, by name; `asked` and `given` of each. */
interface Actions {
  readonly get: { readonly asked: Place; readonly given: Held | null }
  readonly add: { readonly asked: Place & { readonly held: ToHold }; readonly given: boolean }
  readonly replace: { readonly asked: Place & { readonly held: ToHold; readonly expected: number }; readonly given: boolean }
  readonly take: { readonly asked: Place; readonly given: Held | null }
  readonly remove: { readonly asked: Place; readonly given: boolean }
  readonly increment: {
    readonly asked: { readonly key: string; readonly by: number; readonly expiresAt: number }
    readonly given: number
  }
  /** `after`: `next` of the page before, 0 for the first. */
  readonly page: {
    readonly asked: { readonly collection: Collection; readonly tag: string | null; readonly after: number }
    readonly given: { readonly held: readonly Held[]; readonly next: number | null }
  }
  readonly changes: { readonly asked: { readonly since: number | null }; readonly given: Changes }
  /** Entries by id of key, and the ids that are configured. */
  readonly keys: {
    readonly asked: object
    readonly given: {
      readonly ids: readonly string[]
      readonly used: readonly { readonly id: string; readonly entries: number }[]
    }
  }
  /** Removes some of what has expired, and how many that were. */
  readonly sweep: { readonly asked: object; readonly given: number }
  /** Whether it reads or writes again. */
  readonly probeRead: { readonly asked: object; readonly given: boolean }
  readonly probeWrite: { readonly asked: object; readonly given: boolean }
}

export type ActionName = keyof Actions
export type Given<N extends ActionName> = Actions[N]['given']
export type Action<N extends ActionName = ActionName> = { readonly [K in N]: { readonly name: K } & Actions[K]['asked'] }[N]

const READS: ReadonlySet<ActionName> = new Set<ActionName>(['get', 'page', 'changes', 'keys', 'probeRead'])
export const isRead = (name: ActionName): boolean => READS.has(name)

export interface StateRequest {
  readonly id: number
  /** Epoch ms: what has expired by then does not exist. */
  readonly now: number
  /** `monotonicMs` from which nobody waits for the answer any more. */
  readonly until: number
  readonly action: Action
}

/** `sealed`: it cannot be opened; `unavailable`: reading or writing failed. */
export type StateAnswer =
  | { readonly id: number; readonly ok: true; readonly value: Given<ActionName> }
  | { readonly id: number; readonly ok: false; readonly failure: 'sealed' | 'unavailable'; readonly why: string }

export type StateMessage = { readonly opened: OpenResult } | { readonly answers: readonly StateAnswer[] }

export type OpenResult = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly why: string }

/** What the thread is started with. */
export interface StateTask {
  readonly file: string
  /** Newest first. */
  readonly keys: readonly [KeyObject, ...KeyObject[]]
  /** Epoch ms */
  readonly now: number
  /** How long to wait for a lock that another process holds, ms. */
  readonly lockMs: number
  /** False when it was there before: one that is gone is not made anew under those who remember it. */
  readonly mayCreate: boolean
}

/** The one clock that all threads of a process read alike, ms. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'it failed')
