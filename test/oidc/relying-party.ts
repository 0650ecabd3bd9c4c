// A gateway that is a client of the hostile provider, an application behind it, and a browser in front.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthenticationRecord } from '../../packages/core/src/model/log-record.ts'
import type { ServiceLog } from '../../packages/server/src/observe/service-log.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type Browser, createBrowser } from './browser.ts'
import { type HostileProvider, startHostileProvider } from './hostile-provider.ts'

export const CLIENT_ID = 'gateway'
/** Looked for everywhere it must not be. */
export const CLIENT_SECRET = 'CANARY-client-secret'

export interface Stage {
  readonly gateway: TestGateway
  readonly provider: HostileProvider
  readonly origin: string
  /** Requests that reached the application, as `METHOD target body`. */
  readonly served: string[]
  readonly browser: () => Browser
  /** A browser that is logged in. */
  readonly loggedIn: () => Promise<Browser>
  /** Where configuration, store and log are. */
  readonly folder: string
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

const policyOf = (issuer: string, upstream: string, { service = '', rules = RULES }: StageOptions): string => `balustrade: 1
service: app
services:
  app:
    hosts: [localhost, app.example.com]
    upstream: ${upstream}
    audience: https://app.example
    providers: op
    login: [op]
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
groups: [members]
${rules}`

const startApplication = async (served: string[]) => {
  const server = createServer((message, response) => {
    let body = ''
    message.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    message.on('end', () => {
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

const configOf = (secrets: string, { client = '', sessions }: StageOptions): string =>
  `state: { file: ./state.db, keys: [{ file: ${secrets}/state.key }] }
login: { providers: { op: { client-id: ${CLIENT_ID}, client-secret: { file: ${secrets}/client.secret }${client === '' ? '' : `, ${client}`} } } }
${sessions === undefined ? '' : `sessions: ${sessions}\n`}`

/** Opens everything on free ports of loopback. */
export const openStage = async (options: StageOptions = {}): Promise<Stage> => {
  const served: string[] = []
  const secrets = mkdtempSync(join(tmpdir(), 'balustrade-oidc-'))
  writeFileSync(join(secrets, 'state.key'), randomBytes(32).toString('base64'), { mode: 0o600 })
  writeFileSync(join(secrets, 'client.secret'), CLIENT_SECRET, { mode: 0o600 })
  const provider = await startHostileProvider(CLIENT_ID)
  const application = await startApplication(served)
  const gateway = await startGateway({
    policy: { 'policy.yaml': policyOf(provider.issuer, options.upstream ?? application.url, options) },
    config: configOf(secrets, options),
    ...(options.serviceLog === undefined ? {} : { serviceLog: options.serviceLog }),
  })
  const origin = `http://localhost:${gateway.port}`
  const browser = () => createBrowser('localhost')
  return {
    gateway,
    provider,
    origin,
    served,
    browser,
    loggedIn: async () => {
      const made = browser()
      const shown = await made.go(`${origin}/`)
      if (shown.status !== 200) throw new Error(`the login came to ${shown.status}: ${shown.body}`)
      return made
    },
    folder: gateway.folder,
    authentications: async () =>
      (await gateway.records()).filter((record): record is AuthenticationRecord => record.kind === 'authentication'),
    close: async () => {
      await gateway.close()
      await application.close()
      await provider.close()
      rmSync(secrets, { recursive: true, force: true })
    },
  }
}
