import { createSecretKey, type KeyObject } from 'node:crypto'
import { attempt, type Clock, parseStrictJson } from '@balustrade/core/kit'
import { type Given, type Held, type ToHold } from './state-request.ts'
import { openStateLine, type StateLine } from './state-line.ts'
import {
  type Collection,
  type Entry,
  NOT_STORED,
  type StateStore,
  type StateTrouble,
  type Stored,
  type Written,
} from './state-store.ts'
import { watchChanges } from './watch-changes.ts'

export interface StateStoreOptions {
  /** Made with its folder when it is not there. Others than its owner must not be able to read the file or write the folder. */
  readonly file: string
  /** 32 bytes or more each, newest first: the first seals, all open. */
  readonly keys: readonly (KeyObject | Uint8Array)[]
  readonly clock: Clock
  readonly onTrouble: (trouble: StateTrouble) => void
  /** How long an answer is waited for, ms. Default: 200 to read, 1,000 to write, since a write waits for the disk. */
  readonly deadline?: number
}

/** Codes: those of `openStateFile`, and `state.key` when there is no key or one is too short. */
export type OpenedStore =
  | { readonly ok: true; readonly store: StateStore }
  | { readonly ok: false; readonly code: string; readonly why: string }

const READ_MS = 200
const WRITE_MS = 1_000
const LEAST_KEY_BYTES = 32
const LIMITS = { maxBytes: 1_048_576, maxDepth: 65 }
const SWEEP_MS = 60_000
/** Fewer than a batch: nothing is left to sweep. */
const SWEPT_ALL = 500

const keyOf = (key: KeyObject | Uint8Array): KeyObject => (key instanceof Uint8Array ? createSecretKey(key) : key)

/** Keys that are none of a secret have no such size. */
const hasLength = (key: KeyObject): boolean => (key.symmetricKeySize ?? 0) >= LEAST_KEY_BYTES

/** Whole milliseconds that a double holds exactly; null for what is no time. */
const wholeMs = (time: number): number | null =>
  Number.isNaN(time) ? null : Math.max(0, Math.min(Math.floor(time), Number.MAX_SAFE_INTEGER))

/** What is kept is what is read again: the text is read back before it is kept. Null: it is nothing to be kept. */
const toHold = (key: string, { value, expiresAt, tags }: Written): ToHold | null => {
  const text = attempt(() => JSON.stringify([key, tags, value]))
  const time = wholeMs(expiresAt)
  if (!text.ok || time === null || !parseStrictJson(text.value, LIMITS).ok) return null
  return { payload: text.value, expiresAt: time, tags }
}

const entryOf = ({ payload, version, expiresAt }: Held): Entry | null => {
  const parsed = parseStrictJson(payload, LIMITS)
  if (!parsed.ok) return null
  const [key, tags, value] = parsed.value as unknown as [string, readonly string[], Entry['value']]
  return { key, value, version, expiresAt, tags }
}

const readEntry = async (held: Promise<Stored<Held | null>>): Promise<Stored<Entry | null>> => {
  const found = await held
  if (!found.ok || found.value === null) return found as Stored<null>
  const entry = entryOf(found.value)
  return entry === null ? NOT_STORED : { ok: true, value: entry }
}

const readPages = async (line: StateLine, collection: Collection, tag: string | null): Promise<Stored<readonly Entry[]>> => {
  const entries: Entry[] = []
  let after: number | null = 0
  while (after !== null) {
    const page: Stored<Given<'page'>> = await line.ask({ name: 'page', collection, tag, after })
    if (!page.ok) return NOT_STORED
    const read = page.value.held.map(entryOf).filter((entry) => entry !== null)
    if (read.length < page.value.held.length) return NOT_STORED
    entries.push(...read)
    after = page.value.next
  }
  return { ok: true, value: entries }
}

const readKeysInUse = async (line: StateLine): ReturnType<StateStore['keysInUse']> => {
  const read = await line.ask({ name: 'keys' })
  if (!read.ok) return NOT_STORED
  const { ids, used } = read.value
  const known = ids.map((id, place) => ({ place, entries: used.find((one) => one.id === id)?.entries ?? 0 }))
  const unknown = used.filter(({ id }) => !ids.includes(id)).map(({ entries }) => ({ place: null, entries }))
  return { ok: true, value: [...known, ...unknown].filter(({ entries }) => entries > 0) }
}

/** Removes what has expired long ago, some at a time, so that requests get in between. */
const startSweeping = (line: StateLine): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const sweep = async (): Promise<void> => {
    const swept = await line.ask({ name: 'sweep' })
    const isMore = swept.ok && swept.value >= SWEPT_ALL
    if (!isOver) timer = setTimeout(() => void sweep(), isMore ? 0 : SWEEP_MS).unref()
  }
  timer = setTimeout(() => void sweep(), SWEEP_MS).unref()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}

const createWrites = (line: StateLine, onTrouble: StateStoreOptions['onTrouble']) => {
  const refuse = (collection: Collection | 'counter') => {
    const why = `what was to be kept in ${collection} is not JSON, too large, or has no time`
    onTrouble({ kind: 'entry', code: 'state.unstorable', why })
    return Promise.resolve(NOT_STORED)
  }
  return {
    add: (collection, key, written) => {
      const held = toHold(key, written)
      return held === null ? refuse(collection) : line.ask({ name: 'add', collection, key, held })
    },
    compareAndSet: (collection, key, { expected, ...written }) => {
      const held = toHold(key, written)
      return held === null ? refuse(collection) : line.ask({ name: 'replace', collection, key, held, expected })
    },
    increment: (key, { by, expiresAt }) => {
      const time = wholeMs(expiresAt)
      if (time === null || !Number.isSafeInteger(by)) return refuse('counter')
      return line.ask({ name: 'increment', key, by, expiresAt: time })
    },
  } satisfies Pick<StateStore, 'add' | 'compareAndSet' | 'increment'>
}

/** The store behind a line; whoever made the line has opened the file. */
export const createStateStore = (
  line: StateLine,
  { clock, onTrouble }: Pick<StateStoreOptions, 'clock' | 'onTrouble'>,
): StateStore => {
  const stopSweeping = startSweeping(line)
  const changes: StateStore['changes'] = (since) => line.ask({ name: 'changes', since })
  return {
    ...createWrites(line, onTrouble),
    get: (collection, key) => readEntry(line.ask({ name: 'get', collection, key })),
    take: (collection, key) => readEntry(line.ask({ name: 'take', collection, key })),
    remove: (collection, key) => line.ask({ name: 'remove', collection, key }),
    tagged: (collection, tag) => readPages(line, collection, tag),
    list: (collection) => readPages(line, collection, null),
    changes,
    watch: (watcher) => watchChanges({ changes, generation: line.generation, clock, watcher }),
    keysInUse: () => readKeysInUse(line),
    close: () => {
      stopSweeping()
      return line.close()
    },
  }
}

/** Opens the store on threads of its own. Never throws or rejects. */
export const openStateStore = async (options: StateStoreOptions): Promise<OpenedStore> => {
  const { file, clock, onTrouble } = options
  const [first, ...others] = options.keys.map(keyOf)
  if (first === undefined || ![first, ...others].every(hasLength)) {
    return { ok: false, code: 'state.key', why: `The store needs a key, and each of ${LEAST_KEY_BYTES} bytes or more.` }
  }
  // A lock is waited for half as long as an answer, so that whoever waits learns that it was not got.
  const deadline = { read: options.deadline ?? READ_MS, write: options.deadline ?? WRITE_MS }
  const task = { file, keys: [first, ...others] as const, lockMs: Math.floor(deadline.write / 2) }
  const opened = await openStateLine({ task, clock, deadline, onTrouble })
  return opened.ok ? { ok: true, store: createStateStore(opened.line, options) } : opened
}
