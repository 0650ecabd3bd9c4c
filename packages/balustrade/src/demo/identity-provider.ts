// The demo: a gateway, a sample service and an identity provider on loopback. For trying things out; never for production.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { choosePort, closeServer, listenOn } from './listen.ts'
import { type DemoPerson, openDesk, tokenOfPerson, tokenOfWorkload } from './login-desk.ts'
import type { Account } from './people.ts'
import { createProviderPages } from './provider-pages.ts'
import { type ProviderSetup, providerSettings } from './provider-settings.ts'
import { servePages } from './provider-site.ts'

export interface DemoProvider {
  readonly issuer: string
  readonly port: number
  /** An access token of a person, for the terminal. */
  readonly tokenOf: (person: DemoPerson) => Promise<string>
  /** An access token of the workload. */
  readonly tokenOfWorkload: () => Promise<string>
  readonly close: () => Promise<void>
}

export interface IdentityProviderOptions extends ProviderSetup {
  readonly people: readonly Account[]
  /** 0: a free one. */
  readonly port: number
  /** Loopback addresses to listen on: `localhost`, which browsers and WebAuthn take it for, may be any of them. */
  readonly hosts: readonly string[]
  /** Where passkeys are kept. */
  readonly passkeyFile: string
}

/** Starts the provider. The issuer names the port, so the port is chosen before there is a provider. */
export const startIdentityProvider = async (options: IdentityProviderOptions): Promise<DemoProvider> => {
  const { hosts, people, passkeyFile, secrets } = options
  const port = await choosePort(options.port, hosts)
  const issuer = `http://localhost:${port}`
  const page = createProviderPages(options.gatewayOrigins)
  const provider = new Provider(issuer, providerSettings(options, page))
  openDesk(provider, options.audience)
  servePages(provider, { people, passkeyFile, page })
  const answer = provider.callback()
  const servers = hosts.map(() => createServer((message, response) => void answer(message, response)))
  await Promise.all(servers.map((server, index) => listenOn(server, port, hosts[index])))
  return {
    issuer,
    port,
    tokenOf: (person) => tokenOfPerson(issuer, secrets.desk, person),
    tokenOfWorkload: () => tokenOfWorkload(issuer, secrets.workload),
    close: async () => {
      await Promise.all(servers.map(closeServer))
    },
  }
}
