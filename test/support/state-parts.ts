// The parts of the store in one thread, on a database in memory that tests may tamper with.
import { createSecretKey } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { createChangeLog } from '../../packages/server/src/state/change-log.ts'
import { createPerform } from '../../packages/server/src/state/perform.ts'
import { migrate } from '../../packages/server/src/state/schema.ts'
import { createKeyring } from '../../packages/server/src/state/sealing.ts'
import { createShelf } from '../../packages/server/src/state/shelf.ts'
import { stateKey } from './state.ts'

export const NOW = Date.UTC(2026, 10, 24)

/** `keys`: bytes that keys are made of, newest first. A database that is given stays open. */
export const stateParts = ({ keys = [1], database = new DatabaseSync(':memory:') } = {}) => {
  const [first = 1, ...others] = keys
  const keyOf = (byte: number) => createSecretKey(stateKey(byte))
  const keyring = createKeyring([keyOf(first), ...others.map(keyOf)])
  migrate(database, NOW)
  const changes = createChangeLog(database, keyring)
  const shelf = createShelf({ database, keyring, secret: stateKey(9) })
  const perform = createPerform({ shelf, changes, keyIds: keyring.ids })
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  return { database, keyring, changes, shelf, perform }
}
