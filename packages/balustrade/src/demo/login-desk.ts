import type { Provider } from 'oidc-provider'

/** A person of the demo at the desk: who, and what they proved how long ago. */
export interface DemoPerson {
  readonly name: string
  readonly groups: readonly string[]
  /** `password`, `otp` or `passkey`. */
  readonly acr: string
  readonly provedSecondsAgo: number
}

export const PERSON_GRANT = 'urn:balustrade:demo:person'
export const DESK = 'login-desk'
export const WORKLOAD = 'reporter'
export const TOKEN_LIFE_SECONDS = 3_600

/** Access tokens by RFC 9068. */
export const resourceOf = (audience: string) => ({
  scope: '',
  audience,
  accessTokenTTL: TOKEN_LIFE_SECONDS,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
})

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
 * Tokens for a terminal, where nobody logs in with a browser: who knows the secret of the desk, which is made at start and leaves
 * this process in no output, gets the token of a person. Everything else about the token is the provider's own doing.
 */
export const openDesk = (provider: Provider, audience: string): void => {
  const internals = provider as unknown as Internals
  const handler = async (context: TokenContext): Promise<void> => {
    const { person = '', groups = '', acr = '', auth_time: proved = '0' } = context.oidc.params
    const extra = { groups: groups.split(' ').filter((name) => name !== ''), acr, auth_time: Number(proved) }
    const token = new internals.AccessToken({ accountId: person, client: context.oidc.client, gty: PERSON_GRANT, extra })
    token.resourceServer = new internals.ResourceServer(audience, resourceOf(audience))
    context.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: TOKEN_LIFE_SECONDS }
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

/** An access token of a person, from the token endpoint. */
export const tokenOfPerson = (issuer: string, secret: string, person: DemoPerson): Promise<string> =>
  requestToken(issuer, {
    grant_type: PERSON_GRANT,
    client_id: DESK,
    client_secret: secret,
    person: person.name,
    groups: person.groups.join(' '),
    acr: person.acr,
    auth_time: String(Math.floor(Date.now() / 1000) - person.provedSecondsAgo),
  })

/** An access token of the workload, by client credentials (RFC 6749 section 4.4). */
export const tokenOfWorkload = (issuer: string, secret: string): Promise<string> =>
  requestToken(issuer, { grant_type: 'client_credentials', client_id: WORKLOAD, client_secret: secret })
