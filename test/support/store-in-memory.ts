// The store of the server without its thread and its file: the same parts answer at once, on a database in memory. For tests that try
// what rests on a store thousands of times.
import { createSecretKey } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@balustrade/core/kit'
import { createChangeLog } from '../../packages/server/src/state/change-log.ts'
import { createStateStore } from '../../packages/server/src/state/open-state-store.ts'
import { createPerform } from '../../packages/server/src/state/perform.ts'
import { migrate } from '../../packages/server/src/state/schema.ts'
import { createKeyring } from '../../packages/server/src/state/sealing.ts'
import { createShelf } from '../../packages/server/src/state/shelf.ts'
import type { StateLine } from '../../packages/server/src/state/state-line.ts'
import type { StateStore } from '../../packages/server/src/state/state-store.ts'
import { switchable } from './sessions.ts'

export const storeInMemory = (clock: Clock): StateStore => {
  const database = new DatabaseSync(':memory:')
  migrate(database, clock.now())
  const keyring = createKeyring([createSecretKey(Buffer.alloc(32, 7))])
  const shelf = createShelf({ database, keyring, secret: Buffer.alloc(32, 9) })
  const perform = createPerform({ shelf, changes: createChangeLog(database, keyring), keyIds: keyring.ids })
  const line: Pick<StateLine, 'generation' | 'close'> & { readonly ask: unknown } = {
    ask: async (action: Parameters<typeof perform>[0]) => ({ ok: true, value: perform(action, Math.floor(clock.now())) }),
    generation: () => 1,
    close: async () => database.close(),
  }
  return createStateStore(line as StateLine, { clock, onTrouble: () => {} })
}

export interface ScriptOptions {
  /** What is done then came between a look at an entry and its replacement. */
  readonly beforeReplacing?: () => Promise<void>
  /** Questions that are not answered from the beginning. */
  readonly silent?: readonly string[]
}

/** A store in memory of which tests say what it does not answer, and what comes between. */
export const scriptedStore = (clock: Clock, options: ScriptOptions = {}) => {
  const { beforeReplacing = () => Promise.resolve() } = options
  const silent = new Map<string, number>(options.silent?.map((name) => [name, Infinity]))
  const asked: string[] = []
  let isMuchMissed = false
  const real = storeInMemory(clock)
  const interrupted: StateStore = {
    ...real,
    compareAndSet: async (...given) => {
      await beforeReplacing()
      return real.compareAndSet(...given)
    },
    changes: async (since) => {
      const found = await real.changes(since)
      return found.ok && isMuchMissed ? { ok: true, value: { ...found.value, complete: false, changed: [] } } : found
    },
  }
  const store = switchable(interrupted, clock, (name) => {
    if (name !== 'changes') asked.push(name)
    const left = silent.get(name) ?? 0
    silent.set(name, left - 1)
    return left > 0 ? 'down' : 'up'
  })
  return {
    store,
    /** As another process has it. */
    real,
    /** What was asked but changes, in order. */
    asked,
    /** Questions of these names are not answered, the next so many. */
    silence: (names: readonly string[], times = Infinity) => {
      for (const name of names) silent.set(name, times)
    },
    answerAll: () => silent.clear(),
    /** It knows of so many changes that it cannot tell which, or no more. */
    missMuch: (much: boolean) => {
      isMuchMissed = much
    },
  }
}
