import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CodedError, createLogKey } from '@balustrade/core/kit'
import { createServiceLog, type Running, runServer } from '@balustrade/server'
import { type DemoPerson, type DemoProvider, startIdentityProvider } from './identity-provider.ts'
import { type SampleService, startSampleService } from './sample-service.ts'

export interface DemoOptions {
  /** Port of the gateway; the service, the provider and metrics take the next ones. 0: free ones. */
  readonly port: number
  /** Where policy, keys and log are kept; null: a temporary folder that is removed at the end. */
  readonly folder: string | null
}

/** A request to try, and what must come of it. */
export interface DemoRequest {
  readonly note: string
  readonly family: 4 | 6
  readonly url: string
  readonly token: string | null
  readonly websocket: boolean
  readonly status: number
  /** In words. */
  readonly expect: string
}

export interface StartedDemo {
  readonly requests: readonly DemoRequest[]
  /** Where things are, by name. */
  readonly places: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly close: () => Promise<void>
}

/** What the demo's policy names as audience. */
const AUDIENCE = 'http://localhost:8080'
const MINUTE = 60
const MEMBER: DemoPerson = { name: 'mia', groups: ['members'], acr: 'password', provedSecondsAgo: MINUTE }
const ADMIN: DemoPerson = { name: 'ada', groups: ['administrators'], acr: 'passkey', provedSecondsAgo: MINUTE }
const STALE_ADMIN: DemoPerson = { ...ADMIN, provedSecondsAgo: 40 * MINUTE }

/** A port that is free on both loopback addresses, or on IPv4 alone where there is no IPv6. */
const tryPort = (host: string, port: number): Promise<number | null> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(null))
    probe.listen({ host, port }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })

const hasIPv6 = async (): Promise<boolean> => (await tryPort('::1', 0)) !== null

const choosePort = async (asked: number): Promise<number> => {
  if (asked !== 0) return asked
  const free = await tryPort('127.0.0.1', 0)
  if (free === null) throw new CodedError('demo.port', 'no free port on 127.0.0.1')
  return free
}

interface Ports {
  readonly gateway: number
  readonly service: number
  readonly provider: number
  readonly observe: number
}

const writePolicy = (folder: string, ports: Ports): void => {
  const policy = join(folder, 'policy')
  if (!existsSync(policy)) cpSync(fileURLToPath(new URL('../../demo-policy', import.meta.url)), policy, { recursive: true })
  mkdirSync(join(policy, 'environments'), { recursive: true })
  writeFileSync(
    join(policy, 'environments', 'demo.yaml'),
    `balustrade: 1\nservices: { demo: { upstream: 'http://127.0.0.1:${ports.service}' } }\nproviders: { demo: { issuer: 'http://127.0.0.1:${ports.provider}' } }\n`,
  )
}

const writeConfig = (folder: string, ports: Ports, addresses: readonly string[]): string => {
  for (const name of ['log.pem', 'assertion.pem']) {
    const file = join(folder, name)
    if (!existsSync(file)) writeFileSync(file, createLogKey().pem, { mode: 0o600 })
  }
  const file = join(folder, 'balustrade.yaml')
  const listeners = addresses.map((address) => `  - address: '${address}:${ports.gateway}'`).join('\n')
  const text = `balustrade: 1
policy: ./policy
environment: demo
listeners:
${listeners}
observe: { address: '127.0.0.1:${ports.observe}' }
log: { folder: ./log, origin: localhost/demo, key: { file: ./log.pem } }
assertion: { issuer: 'http://localhost:${ports.gateway}', key: { file: ./assertion.pem } }
`
  writeFileSync(file, text)
  return file
}

const BASE = { family: 4, token: null, websocket: false } as const

const forNobody = (origin: string): readonly DemoRequest[] => [
  { ...BASE, note: 'the front page, for everybody', url: `${origin}/`, status: 200, expect: '200' },
  {
    ...BASE,
    note: 'the API without a credential',
    url: `${origin}/api/notes`,
    status: 401,
    expect: '401 with a Bearer challenge',
  },
]

const forMembers = (origin: string, token: string): readonly DemoRequest[] => [
  {
    ...BASE,
    note: 'the API as a member',
    url: `${origin}/api/notes`,
    token,
    status: 200,
    expect: '200; the service sees demo/mia',
  },
  { ...BASE, note: 'administration as a member', url: `${origin}/admin/users`, token, status: 403, expect: '403' },
  {
    ...BASE,
    note: 'a WebSocket as a member',
    url: `${origin}/socket`,
    token,
    websocket: true,
    status: 101,
    expect: '101 Switching Protocols',
  },
]

const STEP_UP = '401: step up, max_age="900", acr_values="passkey"'

const forAdministrators = (origin: string, fresh: string, stale: string): readonly DemoRequest[] => {
  const administration = { ...BASE, url: `${origin}/admin/users` }
  return [
    { ...administration, note: 'administration with proof from forty minutes ago', token: stale, status: 401, expect: STEP_UP },
    { ...administration, note: 'administration with fresh proof, from the office', token: fresh, status: 200, expect: '200' },
    {
      ...administration,
      family: 6,
      note: 'the same from elsewhere',
      token: fresh,
      status: 403,
      expect: '403: not from this network',
    },
  ]
}

const requestsOf = async (provider: DemoProvider, origin: string, withIPv6: boolean): Promise<readonly DemoRequest[]> => {
  const [member = '', fresh = '', stale = ''] = await Promise.all([MEMBER, ADMIN, STALE_ADMIN].map(provider.tokenFor))
  const all = [...forNobody(origin), ...forMembers(origin, member), ...forAdministrators(origin, fresh, stale)]
  return all.filter(({ family }) => withIPv6 || family === 4)
}

const placesOf = (folder: string, ports: Ports): StartedDemo['places'] => ({
  gateway: `http://localhost:${ports.gateway}`,
  provider: `http://127.0.0.1:${ports.provider}`,
  metrics: `http://127.0.0.1:${ports.observe}/metrics`,
  policy: join(folder, 'policy'),
  log: join(folder, 'log'),
})

interface Neighbours {
  readonly service: SampleService
  readonly provider: DemoProvider
  readonly close: () => Promise<void>
}

const startNeighbours = async (port: number): Promise<Neighbours> => {
  const next = (offset: number) => (port === 0 ? 0 : port + offset)
  const service = await startSampleService(next(1))
  const provider = await startIdentityProvider(next(2), AUDIENCE)
  return { service, provider, close: async () => void (await Promise.all([service.close(), provider.close()])) }
}

const startGateway = async (configPath: string): Promise<Running> => {
  const started = await runServer({ configPath, serviceLog: createServiceLog() })
  if (started.ok) return started.running
  const problems = [...started.faults, ...started.diagnostics].map(({ message, help }) => `${message} ${help}`)
  throw new CodedError('demo.refused', problems.join('\n'))
}

/** Starts everything and fetches the tokens. Rejects when a port is taken or the policy in `folder` is refused. */
export const startDemo = async (options: DemoOptions): Promise<StartedDemo> => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'balustrade-demo-'))
  mkdirSync(folder, { recursive: true })
  const withIPv6 = await hasIPv6()
  const neighbours = await startNeighbours(options.port)
  const ports: Ports = {
    gateway: await choosePort(options.port),
    service: neighbours.service.port,
    provider: neighbours.provider.port,
    observe: await choosePort(options.port === 0 ? 0 : 9090),
  }
  writePolicy(folder, ports)
  const running = await startGateway(writeConfig(folder, ports, withIPv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']))
  const origin = `http://localhost:${ports.gateway}`
  return {
    requests: await requestsOf(neighbours.provider, origin, withIPv6),
    places: placesOf(folder, ports),
    notes: withIPv6 ? [] : ['This machine has no IPv6 loopback: the request from elsewhere is left out.'],
    close: async () => {
      await running.close()
      await neighbours.close()
      if (options.folder === null) rmSync(folder, { recursive: true, force: true })
    },
  }
}
