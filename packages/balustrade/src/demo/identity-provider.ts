// The demo: a gateway, a sample service and an identity provider on loopback. For trying things out; never for production.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { closeServer, listenOn } from './listen.ts'

/** A person of the demo: who, and what they proved how long ago. */
export interface DemoPerson {
  readonly name: string
  readonly groups: readonly string[]
  /** `password`, `otp` or `passkey`. */
  readonly acr: string
  readonly provedSecondsAgo: number
}

export interface DemoProvider {
  readonly issuer: string
  readonly port: number
  /** An access token of a person, from the token endpoint. */
  readonly tokenOf: (person: DemoPerson) => Promise<string>
  /** An access token of the workload, by client credentials (RFC 6749 section 4.4). */
  readonly tokenOfWorkload: () => Promise<string>
  readonly close: () => Promise<void>
}

const PERSON_GRANT = 'urn:balustrade:demo:person'
const DESK = 'login-desk'
const WORKLOAD = 'reporter'
const LIFE_SECONDS = 3_600

interface Secrets {
  readonly desk: string
  readonly workload: string
}

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomBytes(8).toString('hex') }
}

const clientOf = (id: string, secret: string, grant: string) => ({
  client_id: id,
  client_secret: secret,
  grant_types: [grant],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_post',
  id_token_signed_response_alg: 'ES256',
})

/** Access tokens by RFC 9068. */
const resourceOf = (audience: string) => ({
  scope: '',
  audience,
  accessTokenTTL: LIFE_SECONDS,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
})

/** Keeps nothing: access tokens are signed and not looked up, and nobody logs in with a browser. */
const createNoStore = () => ({
  upsert: async () => {},
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
})

const createProvider = (issuer: string, audience: string, secrets: Secrets): Provider =>
  new Provider(issuer, {
    adapter: createNoStore,
    clients: [clientOf(DESK, secrets.desk, PERSON_GRANT), clientOf(WORKLOAD, secrets.workload, 'client_credentials')],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    ttl: { AccessToken: LIFE_SECONDS, ClientCredentials: LIFE_SECONDS },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_context: unknown, token: { readonly extra?: Record<string, unknown> }) => token.extra,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => resourceOf(audience),
      },
    },
  } as never)

interface TokenContext {
  readonly oidc: { readonly params: Readonly<Record<string, string>>; readonly client: unknown }
  body: unknown
}

/** What the provider offers beyond its published types. */
interface Internals {
  readonly AccessToken: new (options: object) => { resourceServer: unknown; readonly save: () => Promise<string> }
  readonly ResourceServer: new (audience: string, info: object) => unknown
  readonly registerGrantType: (
    name: string,
    handler: (context: TokenContext) => Promise<void>,
    parameters: readonly string[],
  ) => void
}

/**
 * The demo's stand-in for a login in a browser: who knows the secret of the desk, which is made at start and leaves this process in
 * no output, gets the token of a person. Everything else about the token is the provider's own doing.
 */
const offerPeople = (provider: Provider, audience: string): void => {
  const internals = provider as unknown as Internals
  const handler = async (context: TokenContext): Promise<void> => {
    const { person = '', groups = '', acr = '', auth_time: proved = '0' } = context.oidc.params
    const extra = { groups: groups.split(' ').filter((name) => name !== ''), acr, auth_time: Number(proved) }
    const token = new internals.AccessToken({ accountId: person, client: context.oidc.client, gty: PERSON_GRANT, extra })
    token.resourceServer = new internals.ResourceServer(audience, resourceOf(audience))
    context.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: LIFE_SECONDS }
  }
  internals.registerGrantType(PERSON_GRANT, handler, ['person', 'groups', 'acr', 'auth_time'])
}

const requestToken = async (issuer: string, form: Readonly<Record<string, string>>): Promise<string> => {
  const body = new URLSearchParams(form)
  const response = await fetch(`${issuer}/token`, { method: 'POST', body, signal: AbortSignal.timeout(5_000) })
  const answer = (await response.json()) as { readonly access_token?: string; readonly error?: string }
  if (answer.access_token !== undefined) return answer.access_token
  throw new Error(`the identity provider of the demo gave no token: ${answer.error ?? response.status}`)
}

const personForm = (secret: string, person: DemoPerson) => ({
  grant_type: PERSON_GRANT,
  client_id: DESK,
  client_secret: secret,
  person: person.name,
  groups: person.groups.join(' '),
  acr: person.acr,
  auth_time: String(Math.floor(Date.now() / 1000) - person.provedSecondsAgo),
})

/** Starts the provider. The issuer names the port, so the server listens before there is a provider. */
export const startIdentityProvider = async (port: number, audience: string): Promise<DemoProvider> => {
  const server = createServer()
  const actual = await listenOn(server, port)
  const issuer = `http://127.0.0.1:${actual}`
  const secrets = { desk: randomBytes(24).toString('base64url'), workload: randomBytes(24).toString('base64url') }
  const provider = createProvider(issuer, audience, secrets)
  offerPeople(provider, audience)
  const answer = provider.callback()
  server.on('request', (message, response) => void answer(message, response))
  const workload = { grant_type: 'client_credentials', client_id: WORKLOAD, client_secret: secrets.workload }
  return {
    issuer,
    port: actual,
    tokenOf: (person) => requestToken(issuer, personForm(secrets.desk, person)),
    tokenOfWorkload: () => requestToken(issuer, workload),
    close: () => closeServer(server),
  }
}
