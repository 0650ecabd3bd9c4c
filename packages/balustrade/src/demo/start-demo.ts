import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { attemptAsync, CodedError } from '@balustrade/core/kit'
import { type Running, runServer, type ServiceLog } from '@balustrade/server'
import { makeCertificates } from './certificates.ts'
import { startIdentityProvider } from './identity-provider.ts'
import { type DemoFolder, type DemoPorts, type DemoSetup, layDemoFolder, layProviderKeys, originAt } from './lay-folder.ts'
import { choosePort, hasIPv6Loopback } from './listen.ts'
import { type Account, loadPeople } from './people.ts'
import { type DemoRequest, demoRequests } from './requests.ts'
import { startSampleService } from './sample-service.ts'
import { base32, totpCode } from './totp.ts'

export interface DemoOptions {
  /** Port of the gateway; the others follow. 0: free ones. */
  readonly port: number
  /** Where policy, keys and log are kept; null: a temporary folder that is removed at the end. */
  readonly folder: string | null
  /** Over TLS, with certificates of an authority that is made at start. Default: false. */
  readonly tls?: boolean
  readonly serviceLog: ServiceLog
}

/** A person as the demo prints them. */
export interface ShownPerson {
  readonly name: string
  readonly groups: readonly string[]
  readonly password: string
  /** Secret for an authenticator app, base32. */
  readonly totpSecret: string
  /** What such an app shows at this moment. */
  readonly code: string
}

const shown = ({ name, groups, password, totpSecret }: Account): ShownPerson => ({
  name,
  groups,
  password,
  totpSecret: base32(totpSecret),
  code: totpCode(totpSecret, Date.now()),
})

export interface StartedDemo {
  readonly requests: readonly DemoRequest[]
  readonly people: () => readonly ShownPerson[]
  readonly urls: {
    readonly gateway: string
    /** The gateway from another network; null where this machine has no IPv6 loopback, and so no other network to come from. */
    readonly elsewhere: string | null
    readonly service: string
    readonly provider: string
    readonly metrics: string
  }
  readonly folder: DemoFolder
  readonly close: () => Promise<void>
}

const USUAL_PORT = 8_080
const OBSERVE_PORT = 9_090
/** What the policy of the demo names as audience, whatever the port. */
const AUDIENCE = 'http://localhost:8080'

/** Things that are open, closed in reverse. */
interface Opened {
  readonly keep: (close: () => Promise<void> | void) => void
  readonly close: () => Promise<void>
}

const createOpened = (): Opened => {
  const closers: (() => Promise<void> | void)[] = []
  return {
    keep: (close) => void closers.push(close),
    close: async () => {
      for (const close of closers.splice(0).toReversed()) await close()
    },
  }
}

const openFolder = (asked: string | null, opened: Opened): string => {
  if (asked !== null) {
    mkdirSync(asked, { recursive: true, mode: 0o700 })
    return resolve(asked)
  }
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-demo-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  opened.keep(remove)
  // Also where the end is not an orderly one: nobody reads our output any more.
  process.once('exit', remove)
  return folder
}

const startGateway = async (configPath: string, serviceLog: ServiceLog): Promise<Running> => {
  const started = await runServer({ configPath, serviceLog })
  if (started.ok) return started.running
  const problems = [...started.faults, ...started.diagnostics].map(
    ({ file, line, message, help }) => `${file}:${line}: ${message} ${help}`,
  )
  throw new CodedError('demo.refused', problems.join('\n'))
}

/** The neighbours of `port`, or free ones. */
const portAfter = (port: number, offset: number): number => (port === 0 ? 0 : port + offset)

const observePort = (port: number): Promise<number> =>
  choosePort(port === USUAL_PORT ? OBSERVE_PORT : portAfter(port, 3), ['127.0.0.1'])

/** Where the gateway is reached: from the office by IPv4, from elsewhere by IPv6 and another port, since browsers choose IPv6 first. */
const chooseDoors = async (port: number, elsewhere: boolean) => ({
  gateway: await choosePort(port, elsewhere ? ['127.0.0.1', '::1'] : ['127.0.0.1']),
  elsewhere: elsewhere ? await choosePort(portAfter(port, 4), ['127.0.0.1', '::1']) : null,
})

type DoorPorts = Awaited<ReturnType<typeof chooseDoors>>

const originsOf = ({ tls, ports }: { readonly tls: DemoSetup['tls']; readonly ports: DoorPorts }) => ({
  office: originAt({ tls }, ports.gateway),
  elsewhere: ports.elsewhere === null ? null : originAt({ tls }, ports.elsewhere),
})

interface ProviderStart {
  readonly folder: string
  readonly port: number
  readonly tls: DemoSetup['tls']
  readonly ports: DoorPorts
}

const startProvider = async ({ folder, port, tls, ports }: ProviderStart) => {
  const keys = layProviderKeys(folder)
  const people = loadPeople(keys.peopleFile)
  const { office, elsewhere } = originsOf({ tls, ports })
  const provider = await startIdentityProvider({
    port,
    hosts: elsewhere === null ? ['127.0.0.1'] : ['127.0.0.1', '::1'],
    people,
    passkeyFile: keys.passkeyFile,
    audience: AUDIENCE,
    gatewayOrigins: elsewhere === null ? [office] : [office, elsewhere],
    gatewayCa: tls?.ca ?? null,
    signingKey: keys.signingKey,
    secrets: {
      gateway: keys.gatewaySecret,
      desk: randomBytes(24).toString('base64url'),
      workload: randomBytes(24).toString('base64url'),
    },
  })
  return { provider, people }
}

const startAll = async (options: DemoOptions, opened: Opened): Promise<Omit<StartedDemo, 'close'>> => {
  const path = openFolder(options.folder, opened)
  const doors = await chooseDoors(options.port, await hasIPv6Loopback())
  const tls = options.tls === true ? await makeCertificates(Date.now()) : null
  const service = await startSampleService(portAfter(options.port, 1))
  opened.keep(service.close)
  const start = { folder: path, port: portAfter(options.port, 2), tls, ports: doors }
  const { provider, people } = await startProvider(start)
  opened.keep(provider.close)
  const ports: DemoPorts = {
    ...doors,
    service: service.port,
    provider: provider.port,
    observe: await observePort(options.port),
  }
  const folder = layDemoFolder(path, { ports, tls })
  const running = await startGateway(folder.config, options.serviceLog)
  opened.keep(running.close)
  const { office, elsewhere } = originsOf(start)
  return {
    requests: await demoRequests(provider, { office, elsewhere, ca: folder.ca }),
    people: () => people.map(shown),
    urls: {
      gateway: office,
      elsewhere,
      service: `http://127.0.0.1:${service.port}`,
      provider: provider.issuer,
      metrics: `http://127.0.0.1:${ports.observe}/metrics`,
    },
    folder,
  }
}

/**
 * Starts everything and fetches the tokens. Rejects with a CodedError when a port is taken or the policy in `folder` is refused, and
 * then leaves nothing open.
 */
export const startDemo = async (options: DemoOptions): Promise<StartedDemo> => {
  const opened = createOpened()
  const started = await attemptAsync(() => startAll(options, opened))
  if (started.ok) return { ...started.value, close: opened.close }
  await opened.close()
  throw started.error
}
