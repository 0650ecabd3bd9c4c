// Logins on a store in memory of which tests say what it does not answer, with the real endpoints, sessions and provider.
import { createSecretKey } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { LogRecord, PolicyImage, ProviderImage, Remedy } from '../../packages/core/src/kit.ts'
import { PLAIN } from '../../packages/core/src/kit.ts'
import { exampleImage } from '../../packages/core/src/testing/example-facts.ts'
import { createLogin } from '../../packages/server/src/login/login.ts'
import { LOGIN_REASONS } from '../../packages/server/src/login/reasons.ts'
import { createSeals } from '../../packages/server/src/login/seal.ts'
import type { LoginClient } from '../../packages/server/src/login/settings.ts'
import { createSessions } from '../../packages/server/src/session/sessions.ts'
import { challenged, evaluationWith, payments } from './evaluations.ts'
import { createBrowser, locationOf } from './login-browser.ts'
import type { ScriptedProvider } from './login-provider.ts'
import { clientNamed, createTestClock, ORIGIN } from './login-stage.ts'
import { scriptedStore } from './store-in-memory.ts'

const LOGIN: Remedy = { login: { maxAge: null } }
const KEYS = [createSecretKey(Buffer.alloc(32, 1))]

export const imageOf = (providers: Readonly<Record<string, ProviderImage>>): PolicyImage => {
  const names = Object.keys(providers)
  const service = { ...payments, hosts: ['pay.example.com'], providers: names, login: names, credentials: ['session'] as const }
  return { ...exampleImage, providers, services: { payments: service } }
}

export const loginInMemory = (
  provider: ScriptedProvider,
  { client = {} as Partial<LoginClient>, clock = createTestClock() } = {},
) => {
  const scripted = scriptedStore(clock)
  const records: LogRecord[] = []
  const append = (record: LogRecord) => {
    records.push(record)
    return { accepted: true, durable: () => Promise.resolve(true) }
  }
  const log = { append }
  const sessions = createSessions({ store: scripted.store, clock, absolute: 12 * 3_600_000, idle: 3_600_000, log })
  let image: PolicyImage | null = imageOf({ corp: provider.entry() })
  const troubles: (readonly [code: string, detail: string])[] = []
  const login = createLogin({
    store: scripted.store,
    sessions,
    settings: { clients: { corp: clientNamed('corp', client), partner: clientNamed('partner', client) } },
    image: () => image,
    clock,
    log,
    around: { reasonText: (code) => LOGIN_REASONS[code] ?? { text: code, help: '' }, theme: PLAIN },
    keys: KEYS,
    onTrouble: ({ code, detail }) => void troubles.push([code, detail]),
  })
  onTestFinished(() => sessions.close())
  const browser = (origin = ORIGIN) => createBrowser(login.endpoints, clock, origin)
  const startAt = (at: ReturnType<typeof browser>, target: string, remedy = LOGIN): string => {
    const service = image?.services['payments'] ?? null
    const evaluation = evaluationWith({ decision: challenged(remedy, 'login.required'), image, service })
    const way = login.start.wayOf(evaluation, at.request(target), null)
    if (way.way !== 'redirect') throw new Error(way.way)
    return way.location
  }
  return {
    ...scripted,
    login,
    sessions,
    clock,
    records,
    troubles,
    /** Seals as those of the login do. */
    seals: createSeals(KEYS),
    browser,
    startAt,
    /** Where the provider sends a browser that began a login and logged in. */
    returnOf: async (at: ReturnType<typeof browser>, target = '/orders'): Promise<string> =>
      provider.logIn(locationOf(await at.go(startAt(at, target)))),
    setImage: (next: PolicyImage | null) => {
      image = next
    },
    /** Code of the latest record of a login that failed. */
    failure: (): string | undefined =>
      records.flatMap((record) => (record.kind === 'authentication' && record.who?.session == null ? [record.code] : [])).at(-1),
  }
}
