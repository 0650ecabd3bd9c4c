// Logins for tests without a gateway before them: the real store, sessions and endpoints, and browsers that keep cookies.
import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AccessRequest,
  type AuthenticationRecord,
  type Clock,
  createSecret,
  type Evaluation,
  type LogRecord,
  type PolicyImage,
  PLAIN,
  type ProviderImage,
  type Remedy,
} from '../../packages/core/src/kit.ts'
import { exampleImage } from '../../packages/core/src/testing/example-facts.ts'
import { createLogin, type Login } from '../../packages/server/src/login/login.ts'
import { LOGIN_REASONS } from '../../packages/server/src/login/reasons.ts'
import type { LoginClient } from '../../packages/server/src/login/settings.ts'
import { createSessions, type Sessions } from '../../packages/server/src/session/sessions.ts'
import { openStateStore } from '../../packages/server/src/state/open-state-store.ts'
import type { StateStore } from '../../packages/server/src/state/state-store.ts'
import { challenged, evaluationWith, payments } from './evaluations.ts'
import { type Browser, createBrowser } from './login-browser.ts'
import { CLIENT_ID, CLIENT_SECRET } from './login-provider.ts'

export const ORIGIN = 'https://pay.example.com'

/** A clock that tests move. */
export interface TestClock extends Clock {
  readonly advance: (ms: number) => void
}

export const createTestClock = (): TestClock => {
  const start = performance.now()
  let moved = 0
  return {
    now: () => Date.now() + moved,
    monotonic: () => performance.now() - start + moved,
    advance: (ms) => {
      moved += ms
    },
  }
}

/** What is asked of whom; nothing but a login of nobody in particular when left out. */
export interface Challenged extends Partial<Evaluation> {
  readonly remedy?: Remedy
}

export interface LoginStage {
  readonly login: Login
  readonly sessions: Sessions
  readonly store: StateStore
  readonly clock: TestClock
  readonly image: PolicyImage
  readonly records: LogRecord[]
  /** Codes of logins that failed. */
  readonly failures: () => readonly string[]
  readonly troubles: string[]
  readonly browser: (origin?: string) => Browser
  /** Where a challenge of this request sends the browser. */
  readonly startAt: (browser: Browser, target: string, asked?: Challenged) => string
  /** Replaces what is configured of every client. */
  readonly configure: (client: Partial<LoginClient>) => void
  readonly close: () => Promise<void>
}

export interface LoginStageOptions {
  readonly providers: Readonly<Record<string, ProviderImage>>
  readonly clock?: TestClock
  readonly client?: Partial<LoginClient>
  readonly file?: string
}

export const clientNamed = (name: string, over: Partial<LoginClient> = {}): LoginClient => ({
  id: CLIENT_ID,
  secret: createSecret(CLIENT_SECRET),
  scopes: ['openid', 'profile'],
  userinfo: false,
  refresh: null,
  name,
  ca: null,
  ...over,
})

const imageWith = (providers: LoginStageOptions['providers']): PolicyImage => {
  const names = Object.keys(providers)
  const service = { ...payments, hosts: ['pay.example.com'], providers: names, login: names, credentials: ['session'] as const }
  return { ...exampleImage, providers, services: { payments: service } }
}

const openStore = async (options: LoginStageOptions, clock: Clock) => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-login-'))
  const keys = [createSecretKey(options.file === undefined ? randomBytes(32) : Buffer.alloc(32, 1))]
  const file = options.file ?? join(folder, 'state.db')
  const opened = await openStateStore({ file, keys, clock, onTrouble: () => {}, deadline: 2_000 })
  if (!opened.ok) throw new Error(opened.why)
  return { store: opened.store, keys, folder }
}

/** Keeps what would go into the decision log. */
const createRecorder = () => {
  const records: LogRecord[] = []
  const append = (record: LogRecord) => {
    records.push(record)
    return { accepted: true, durable: () => Promise.resolve(true) }
  }
  const failures = () =>
    records
      .filter((record): record is AuthenticationRecord => record.kind === 'authentication')
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'unavailable')
      .map(({ code }) => code)
  return { records, failures, log: { append } }
}

const locationFor =
  (login: Login, image: PolicyImage, request: AccessRequest) =>
  (asked: Challenged): string => {
    const { remedy = { login: { maxAge: null } }, ...more } = asked
    const service = image.services['payments'] ?? null
    const evaluation = evaluationWith({ decision: challenged(remedy, 'login.required'), image, service, ...more })
    const way = login.start.wayOf(evaluation, request, null)
    if (way.way !== 'redirect') throw new Error(way.way)
    return way.location
  }

const clientsOf = ({ providers, client }: LoginStageOptions): Readonly<Record<string, LoginClient>> =>
  Object.fromEntries(Object.keys(providers).map((name) => [name, clientNamed(name, client)] as const))

/** Opens everything on a store of its own in a temporary folder, or on `file`. */
export const openLoginStage = async (options: LoginStageOptions): Promise<LoginStage> => {
  const { clock = createTestClock(), providers } = options
  const { store, keys, folder } = await openStore(options, clock)
  const { records, failures, log } = createRecorder()
  const troubles: string[] = []
  const sessions = createSessions({ store, clock, absolute: 12 * 3_600_000, idle: 3_600_000, log })
  const image = imageWith(providers)
  let clients = clientsOf(options)
  const login = createLogin({
    store,
    sessions,
    settings: {
      get clients() {
        return clients
      },
    },
    image: () => image,
    clock,
    log,
    around: { reasonText: (code) => LOGIN_REASONS[code] ?? { text: code, help: '' }, theme: PLAIN },
    keys,
    onTrouble: ({ code }) => troubles.push(code),
  })
  return {
    login,
    sessions,
    store,
    clock,
    image,
    records,
    troubles,
    failures,
    browser: (origin = ORIGIN) => createBrowser(login.endpoints, clock, origin),
    startAt: (browser, target, asked = {}) => locationFor(login, image, browser.request(target))(asked),
    configure: (client) => {
      clients = clientsOf({ providers, client })
    },
    close: async () => {
      await sessions.close()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
