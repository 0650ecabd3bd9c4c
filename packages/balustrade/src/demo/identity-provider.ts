// The demo: a gateway, a sample service and an identity provider on loopback. For trying things out; never for production.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** What the demo's people can prove: an acr value, and how long ago. */
export interface DemoPerson {
  readonly name: string
  readonly groups: readonly string[]
  readonly acr: string
  readonly provedSecondsAgo: number
}

export interface DemoProvider {
  readonly issuer: string
  readonly port: number
  /** Obtains an access token of a person at the token endpoint. */
  readonly tokenFor: (person: DemoPerson) => Promise<string>
  readonly close: () => Promise<void>
}

const GRANT = 'urn:balustrade:demo:person'
const CLIENT = 'demo'
const LIFE_SECONDS = 3_600

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomBytes(8).toString('hex') }
}

const createProvider = (issuer: string, audience: string, secret: string): Provider =>
  new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        client_secret: secret,
        grant_types: [GRANT],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_context: unknown, token: { readonly extra?: Record<string, unknown> }) => token.extra,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenTTL: LIFE_SECONDS,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  } as never)

interface TokenContext {
  readonly oidc: { readonly params: Readonly<Record<string, string>>; readonly client: unknown }
  body: unknown
}

/**
 * The demo's stand-in for a login in a browser: whoever knows the client secret, which is made at start and leaves this process in no
 * output, gets the token of a person. Everything else about the token is the provider's own doing.
 */
const offerPeople = (provider: Provider, audience: string): void => {
  const make = provider as unknown as {
    readonly AccessToken: new (
      options: object,
    ) => { resourceServer: unknown; save: () => Promise<string>; readonly expiration: number }
    readonly ResourceServer: new (audience: string, info: object) => unknown
    readonly registerGrantType: (
      name: string,
      handler: (ctx: TokenContext) => Promise<void>,
      parameters: readonly string[],
    ) => void
  }
  const handler = async (ctx: TokenContext): Promise<void> => {
    const { person = '', groups = '', acr = '', auth_time: proved = '0' } = ctx.oidc.params
    const extra = { groups: groups.split(' ').filter((name) => name !== ''), acr, auth_time: Number(proved) }
    const token = new make.AccessToken({ accountId: person, client: ctx.oidc.client, gty: GRANT, scope: '', extra })
    token.resourceServer = new make.ResourceServer(audience, {
      scope: '',
      audience,
      accessTokenTTL: LIFE_SECONDS,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'ES256' } },
    })
    ctx.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: LIFE_SECONDS }
  }
  make.registerGrantType(GRANT, handler, ['person', 'groups', 'acr', 'auth_time'])
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => resolve((server.address() as AddressInfo).port))
  })

const requestToken = async (issuer: string, secret: string, person: DemoPerson): Promise<string> => {
  const body = new URLSearchParams({
    grant_type: GRANT,
    client_id: CLIENT,
    client_secret: secret,
    person: person.name,
    groups: person.groups.join(' '),
    acr: person.acr,
    auth_time: String(Math.floor(Date.now() / 1000) - person.provedSecondsAgo),
  })
  const response = await fetch(`${issuer}/token`, { method: 'POST', body, signal: AbortSignal.timeout(5_000) })
  const answer = (await response.json()) as { readonly access_token?: string; readonly error?: string }
  if (answer.access_token === undefined)
    throw new Error(`the demo's identity provider gave no token: ${answer.error ?? response.status}`)
  return answer.access_token
}

/** Starts the provider. The issuer's port is known only once it listens, so the server comes first. */
export const startIdentityProvider = async (port: number, audience: string): Promise<DemoProvider> => {
  const server = createServer()
  const actual = await listen(server, port)
  const issuer = `http://127.0.0.1:${actual}`
  const secret = randomBytes(24).toString('base64url')
  const provider = createProvider(issuer, audience, secret)
  offerPeople(provider, audience)
  const answer = provider.callback()
  server.on('request', (message, response) => void answer(message, response))
  return {
    issuer,
    port: actual,
    tokenFor: (person) => requestToken(issuer, secret, person),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
