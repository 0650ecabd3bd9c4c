import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogRecord, SessionFound } from '@balustrade/core/kit'
import { type Authenticated, createSessions, type Occasion, type Sessions } from '../../packages/server/src/session/sessions.ts'
import { openStateStore } from '../../packages/server/src/state/open-state-store.ts'
import type { StateStore } from '../../packages/server/src/state/state-store.ts'
import { watchChanges } from '../../packages/server/src/state/watch-changes.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
/** When all tests begin. */
export const START = Date.UTC(2026, 10, 24, 12)

/** Long enough for a machine with much else to do: a test that wants a silent store says so. */
const PATIENT_MS = 20_000
const KEY = Buffer.alloc(32, 7)

/** `unwritable`: reads are answered, writes are not. `watched`: it tells what changed, and answers nothing else. */
export type StoreMode = 'up' | 'down' | 'unwritable' | 'watched'

/** One process on the store, and what it said to its log. */
export interface SessionProcess {
  readonly sessions: Sessions
  readonly store: StateStore
  readonly records: readonly LogRecord[]
  readonly rings: () => number
  /** What was asked of the store but its changes, in order. */
  readonly asked: () => readonly string[]
  /** How often it looked for changes. */
  readonly looks: () => number
  readonly setMode: (mode: StoreMode) => void
  /** The monotonic clock goes on by so many ms at once. */
  readonly advance: (ms: number) => void
  readonly close: () => Promise<void>
}

export interface SessionWorld {
  readonly folder: string
  readonly open: (life?: { readonly absolute?: number; readonly idle?: number }) => Promise<SessionProcess>
  readonly close: () => Promise<void>
}

const NOT_OK = Promise.resolve({ ok: false } as const)
const ANSWERED: Readonly<Record<Exclude<StoreMode, 'up'>, readonly string[]>> = {
  down: [],
  unwritable: ['get', 'tagged', 'list', 'changes'],
  watched: ['changes'],
}

/** The real store behind a switch: what is asked while it is off is not answered. `modeFor` is told what is asked. */
export const switchable = (
  store: StateStore,
  clock: { now: () => number; monotonic: () => number },
  modeFor: (asked: string) => StoreMode,
): StateStore => {
  const answers = (name: string): boolean => {
    const mode = modeFor(name)
    return mode === 'up' || ANSWERED[mode].includes(name)
  }
  const names = ['get', 'add', 'compareAndSet', 'take', 'remove', 'increment', 'tagged', 'list', 'changes', 'keysInUse'] as const
  const through = Object.fromEntries(
    names.map((name) => [
      name,
      (...asked: never[]) => (answers(name) ? (store[name] as (...all: never[]) => unknown)(...asked) : NOT_OK),
    ]),
  ) as Omit<StateStore, 'watch' | 'close'>
  return {
    ...through,
    watch: (watcher) => watchChanges({ changes: through.changes, generation: () => 1, clock, watcher }),
    close: store.close,
  }
}

export const openWorld = (): SessionWorld => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-sessions-'))
  const open: SessionProcess[] = []
  return {
    folder,
    open: async ({ absolute = 12 * HOUR, idle = HOUR } = {}) => {
      let offset = 0
      let mode: StoreMode = 'up'
      let rings = 0
      const clock = { now: () => START, monotonic: () => performance.now() + offset }
      const file = join(folder, 'state.db')
      const opened = await openStateStore({ file, keys: [KEY], clock, deadline: PATIENT_MS, onTrouble: () => {} })
      if (!opened.ok) throw new Error(opened.why)
      const asked: string[] = []
      const store = switchable(opened.store, clock, (name) => {
        asked.push(name)
        return mode
      })
      const records: LogRecord[] = []
      const log = {
        append: (record: LogRecord) => {
          records.push(record)
          return { accepted: true, durable: () => Promise.resolve(true) }
        },
      }
      const sessions = createSessions({ store, clock, absolute, idle, log })
      sessions.onEnded(() => rings++)
      let isOpen = true
      const made: SessionProcess = {
        sessions,
        store,
        records,
        rings: () => rings,
        asked: () => asked.filter((name) => name !== 'changes'),
        looks: () => asked.length - made.asked().length,
        setMode: (next) => {
          mode = next
        },
        advance: (ms) => {
          offset += ms
        },
        close: async () => {
          if (!isOpen) return
          isOpen = false
          await sessions.close()
          await store.close()
        },
      }
      open.push(made)
      return made
    },
    close: async () => {
      await Promise.all(open.map((each) => each.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const person = (given: Partial<Authenticated> = {}): Authenticated => ({
  provider: 'corp',
  subject: 'ada',
  sid: null,
  claims: { email: 'ada@example.com' },
  proof: { acr: 'gold', auth_time: 1 },
  tokens: { idToken: null, refreshToken: null },
  answered: null,
  ...given,
})

export const at = (now = START): Occasion => ({
  now,
  id: `d-${randomBytes(4).toString('hex')}`,
  point: 'gateway',
  service: 'payments',
  peer: '127.0.0.1',
  client: null,
})

/** A session that was begun; throws where the store does not answer. */
export const begun = async ({ sessions }: SessionProcess, given: Partial<Authenticated> = {}, now = START) => {
  const made = await sessions.begin(person(given), { ...at(now), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  return made.value
}

/** What comes of a secret, in one word: `found`, `unconfirmed`, `unavailable` or the reason. */
export const wordFor = (found: SessionFound): string => {
  if (found.status !== 'found') return found.status === 'none' ? found.code : found.status
  return found.unconfirmed ? 'unconfirmed' : 'found'
}

export const lookUp = async ({ sessions }: SessionProcess, secret: string, now = START): Promise<string> =>
  wordFor(await sessions.reader.find(secret, { now, lenient: false }))

/** As a service that puts up with a silent store for a while. */
export const lookUpLeniently = async ({ sessions }: SessionProcess, secret: string, now = START): Promise<string> =>
  wordFor(await sessions.reader.find(secret, { now, lenient: true }))

/** Waits until something holds; the test ends with its own timeout when it never does. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => void setTimeout(resolve, 5))
}

/** Waits until the process answers from what it knows. */
export const warm = (process: SessionProcess, secret: string, now = START): Promise<void> =>
  until(async () => {
    const found = process.sessions.reader.find(secret, { now, lenient: false })
    if (!(found instanceof Promise)) return true
    await found
    return false
  })

/** As `warm`, for several, once everything that was done before has been told as a change. */
export const settle = async (process: SessionProcess, secrets: readonly string[]): Promise<void> => {
  const looks = process.looks()
  // The look that is under way may have begun before.
  await until(() => process.looks() > looks + 2)
  for (const secret of secrets) await warm(process, secret)
}
