// A gateway that is a client of the hostile provider, an application behind it, and a browser in front.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import type { AuthenticationRecord, DecisionRecord, LogRecord } from '../../packages/core/src/model/log-record.ts'
import { type Running, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { resolveConfig } from '../../packages/server/src/config/resolve-config.ts'
import type { ServiceLog } from '../../packages/server/src/observe/service-log.ts'
import { layFolder } from '../support/gateway.ts'
import { type Browser, createBrowser } from './browser.ts'
import { type HostileProvider, startHostileProvider } from './hostile-provider.ts'

export const CLIENT_ID = 'gateway'
/** Looked for everywhere it must not be. */
export const CLIENT_SECRET = 'CANARY-client-secret'

export interface Stage {
  readonly port: number
  readonly running: () => Running
  readonly provider: HostileProvider
  readonly origin: string
  /** Requests that reached the application, as `METHOD target body`. */
  readonly served: string[]
  readonly browser: () => Browser
  /** A browser that is logged in. */
  readonly loggedIn: () => Promise<Browser>
  /** Where configuration, store and log are. */
  readonly folder: string
  /** Ends the gateway and starts it on the same folder and port. */
  readonly restart: () => Promise<void>
  readonly decisions: () => Promise<readonly DecisionRecord[]>
  readonly authentications: () => Promise<readonly AuthenticationRecord[]>
  readonly close: () => Promise<void>
}

export interface StageOptions {
  /** Members of the client's entry, as they stand in a flow map: `refresh: { every: 1s }`. */
  readonly client?: string
  readonly sessions?: string
  /** Members of the service's block. */
  readonly service?: string
  readonly rules?: string
  readonly serviceLog?: ServiceLog
  /** Issuer of a second provider at which people can log in. */
  readonly partner?: string
  /** Origin of an application in place of the one here. */
  readonly upstream?: string
}

const RULES = `grants:
  members:
    who: { group: members }
    what: { path: /** }
  administrators:
    who: { group: members }
    what: { path: /admin/** }
guardrails:
  administering-needs-fresh-proof:
    what: { path: /admin/** }
    how: { mfa: { level: phishing-resistant, max-age: 15m } }
  money-needs-a-factor:
    what: { method: write }
    how: { mfa: any }
`

/** A second provider, which asks nobody anything either. */
const partnerEntry = (issuer: string): string =>
  `  partner: { issuer: ${issuer}, loopback: true, profile: plain, algorithms: [RS256], lifetime: 1h, groups-claim: groups, complete: [groups, mfa] }\n`

const policyOf = (
  issuer: string,
  upstream: string,
  { service = '', rules = RULES, partner }: StageOptions,
): string => `balustrade: 1
service: app
services:
  app:
    hosts: [localhost, app.example.com]
    upstream: ${upstream}
    audience: https://app.example
    providers: ${partner === undefined ? 'op' : '[op, partner]'}
    login: ${partner === undefined ? '[op]' : '[op, partner]'}
    routing: { case: sensitive, trailing-slash: distinct }
${service}
providers:
  op:
    issuer: ${issuer}
    loopback: true
    profile: plain
    algorithms: [RS256]
    lifetime: 1h
    groups-claim: groups
    complete: [groups, mfa]
    mfa:
      acr: { otp: any, passkey: phishing-resistant }
      proved-at: auth_time
${partner === undefined ? '' : partnerEntry(partner)}groups: [members]
${rules}`

/** A page with a form that lets nothing be sent elsewhere, as careful applications do. */
const FORM_PAGE =
  '<!doctype html><html lang="en"><title>Pay</title><main><h1>Pay</h1><form method="post" action="/pay"><label>Amount <input name="amount"></label><button>Pay</button></form></main></html>'
const FORM_HEADERS = { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'; form-action 'self'" }

const startApplication = async (served: string[]) => {
  const server = createServer((message, response) => {
    let body = ''
    message.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    message.on('end', () => {
      if (message.url === '/form') return void response.writeHead(200, FORM_HEADERS).end(FORM_PAGE)
      served.push([message.method, message.url, body].join(' ').trimEnd())
      response.end(`served ${message.url} for ${message.headers['x-balustrade-user']} cookie ${message.headers.cookie ?? '-'}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** The client and state of the configuration. */
const configOf = (secrets: string, { client = '', sessions, partner }: StageOptions): string => {
  const secret = `client-secret: { file: ${secrets}/client.secret }`
  const clients = [
    `op: { client-id: ${CLIENT_ID}, ${secret}, name: Example Ltd${client === '' ? '' : `, ${client}`} }`,
    ...(partner === undefined ? [] : [`partner: { client-id: ${CLIENT_ID}, ${secret}, name: Partner Inc }`]),
  ]
  return `state: { file: ./state.db, keys: [{ file: ${secrets}/state.key }] }
login: { providers: { ${clients.join(', ')} } }
${sessions === undefined ? '' : `sessions: ${sessions}\n`}`
}

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const QUIET: ServiceLog = { info: () => {}, warn: () => {}, error: () => {} }

const start = async (folder: string, serviceLog: ServiceLog): Promise<Running> => {
  const config = readConfig(join(folder, 'balustrade.yaml'))
  const resolved = config.ok ? resolveConfig(config.config) : config
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  const started = await startServer(resolved.settings, serviceLog)
  if (!started.ok) throw new Error(JSON.stringify({ faults: started.faults, diagnostics: started.diagnostics }, null, 1))
  return started.running
}

const recordsIn = async (folder: string): Promise<readonly LogRecord[]> => {
  const records: LogRecord[] = []
  for await (const entry of readLog(join(folder, 'log'))) records.push(entry.record)
  return records
}

const layOut = async (options: StageOptions, issuer: string, upstream: string) => {
  const secrets = mkdtempSync(join(tmpdir(), 'balustrade-oidc-'))
  writeFileSync(join(secrets, 'state.key'), randomBytes(32).toString('base64'), { mode: 0o600 })
  writeFileSync(join(secrets, 'client.secret'), CLIENT_SECRET, { mode: 0o600 })
  const port = await freePort()
  const folder = layFolder({
    policy: { 'policy.yaml': policyOf(issuer, options.upstream ?? upstream, options) },
    config: configOf(secrets, options),
    listeners: `  - address: 127.0.0.1:${port}`,
  })
  return { folder, secrets, port }
}

/** Opens everything on free ports of loopback. */
export const openStage = async (options: StageOptions = {}): Promise<Stage> => {
  const served: string[] = []
  const provider = await startHostileProvider(CLIENT_ID)
  const application = await startApplication(served)
  const { folder, secrets, port } = await layOut(options, provider.issuer, application.url)
  const serviceLog = options.serviceLog ?? QUIET
  let running = await start(folder, serviceLog)
  const origin = `http://localhost:${port}`
  const browser = () => createBrowser('localhost')
  const records = () => recordsIn(folder)
  return {
    port,
    running: () => running,
    provider,
    origin,
    served,
    folder,
    browser,
    loggedIn: async () => {
      const made = browser()
      const shown = await made.go(`${origin}/`)
      if (shown.status !== 200) throw new Error(`the login came to ${shown.status}: ${shown.body}`)
      return made
    },
    restart: async () => {
      await running.close()
      running = await start(folder, serviceLog)
    },
    decisions: async () => (await records()).filter((record): record is DecisionRecord => record.kind === 'decision'),
    authentications: async () =>
      (await records()).filter((record): record is AuthenticationRecord => record.kind === 'authentication'),
    close: async () => {
      await running.close()
      await application.close()
      await provider.close()
      for (const each of [folder, secrets]) rmSync(each, { recursive: true, force: true })
    },
  }
}
