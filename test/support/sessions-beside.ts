// A gateway with a store, and another process's sessions on the same file, as far as the gateway can tell.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions, type Sessions } from '../../packages/server/src/session/sessions.ts'
import { openStateStore } from '../../packages/server/src/state/open-state-store.ts'
import { startGateway, type TestGateway } from './gateway.ts'

const KEY = Buffer.alloc(32, 7)
const HOUR = 3_600_000

export interface GatewayWithSessions {
  readonly gateway: TestGateway
  readonly sessions: Sessions
  /** The key of the state. */
  readonly keyFile: string
  /** Ends both. */
  readonly close: () => Promise<void>
}

/** `policy`: files of the policy folder by path. */
export const startGatewayWithSessions = async (policy: Readonly<Record<string, string>>): Promise<GatewayWithSessions> => {
  const secrets = mkdtempSync(join(tmpdir(), 'balustrade-secrets-'))
  const key = join(secrets, 'state.key')
  writeFileSync(key, KEY.toString('base64'), { mode: 0o600 })
  const gateway = await startGateway({ policy, config: `state: { file: ./state.db, keys: [{ file: ${key} }] }\n` })
  const clock = { now: Date.now, monotonic: () => performance.now() }
  const opened = await openStateStore({ file: join(gateway.folder, 'state.db'), keys: [KEY], clock, onTrouble: () => {} })
  if (!opened.ok) throw new Error(opened.why)
  const { store } = opened
  const log = { append: () => ({ accepted: true, durable: () => Promise.resolve(true) }) }
  const sessions = createSessions({ store, clock, absolute: HOUR, idle: HOUR, log })
  return {
    gateway,
    sessions,
    keyFile: key,
    close: async () => {
      await sessions.close()
      await store.close()
      await gateway.close()
      rmSync(secrets, { recursive: true, force: true })
    },
  }
}
