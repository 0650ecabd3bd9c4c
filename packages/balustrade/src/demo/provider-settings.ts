import { createPrivateKey, randomBytes } from 'node:crypto'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { sendRequest, sha256Base64Url } from '@balustrade/core/kit'
import { LOGIN_LIFE_SECONDS } from './login-answers.ts'
import { DESK, PERSON_GRANT, resourceOf, TOKEN_LIFE_SECONDS, WORKLOAD } from './login-desk.ts'
import { ACR_VALUES, createLoginPolicy } from './login-policy.ts'
import type { Person } from './people.ts'
import { logoutForm, type MakePage, paragraph } from './provider-pages.ts'
import { createProviderStores } from './provider-store.ts'

/** How the gateway is known to the provider. */
export const GATEWAY_CLIENT = 'balustrade'

/** What the provider is started with. */
export interface ProviderSetup {
  readonly people: readonly Person[]
  /** Audience of access tokens for the service. */
  readonly audience: string
  /** Where the gateway is reached; the first is where it hears of logouts. */
  readonly gatewayOrigins: readonly string[]
  /** Trust anchors for these in PEM; null: the platform's. */
  readonly gatewayCa: string | null
  readonly secrets: { readonly gateway: string; readonly desk: string; readonly workload: string }
  /** PEM of the key that signs tokens, on P-256. */
  readonly signingKey: string
}

const SESSION_SECONDS = 8 * 3_600
const SCOPES = 'openid profile'

const signingJwk = (pem: string) => ({
  ...createPrivateKey(pem).export({ format: 'jwk' }),
  alg: 'ES256',
  use: 'sig',
  kid: sha256Base64Url(pem).slice(0, 16),
})

const machine = (id: string, secret: string, grant: string) => ({
  client_id: id,
  client_secret: secret,
  grant_types: [grant],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_post',
  id_token_signed_response_alg: 'ES256',
})

const gateway = (origins: readonly string[], secret: string) => ({
  client_id: GATEWAY_CLIENT,
  client_secret: secret,
  client_name: 'Balustrade demo',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: origins.map((origin) => `${origin}/.balustrade/callback`),
  post_logout_redirect_uris: origins.map((origin) => `${origin}/.balustrade/logged-out`),
  backchannel_logout_uri: `${origins[0] ?? ''}/.balustrade/backchannel-logout`,
  backchannel_logout_session_required: true,
  token_endpoint_auth_method: 'client_secret_basic',
  id_token_signed_response_alg: 'ES256',
  require_auth_time: true,
})

/** oidc-provider keeps away from loopback on its own; here the gateway it tells of logouts is on loopback and nowhere else. */
const fetchOnLoopback = (ca: string | null) => async (url: string | URL, options: RequestInit) => {
  const { method = 'GET', body, headers } = options
  const answer = await sendRequest(
    {
      url: String(url),
      method: method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(new Headers(headers)),
      body: body == null ? null : new Uint8Array(await new Response(body).arrayBuffer()),
    },
    { maxBytes: 65_536, deadlineMs: 2_500, allowLoopback: true, ...(ca === null ? {} : { ca }) },
  )
  if (!answer.ok) throw new Error(answer.why)
  return new Response(answer.status === 204 ? null : Buffer.from(answer.bytes), { status: answer.status })
}

/** The gateway may know what it asks for: it and the provider are one party, and nobody is asked. */
const grantOf = async (context: KoaContextWithOIDC) => {
  const { session, client, provider } = context.oidc
  const clientId = client?.clientId ?? ''
  const kept = session?.grantIdFor(clientId)
  const found = kept === undefined ? undefined : await provider.Grant.find(kept)
  if (found !== undefined) return found
  const grant = new provider.Grant({ clientId, accountId: session?.accountId ?? '' })
  grant.addOIDCScope(SCOPES)
  await grant.save()
  return grant
}

interface PageContext {
  readonly response: { readonly status: number }
  readonly set: (name: string, value: string) => void
  body: unknown
}

const logoutPages = (page: MakePage) => {
  const show = (context: PageContext, { headers, body }: ReturnType<MakePage>): void => {
    for (const [name, value] of headers) context.set(name, value)
    context.body = body
  }
  const shown = (status: number) => ({ status, fault: null, person: null })
  return {
    ask: (context: KoaContextWithOIDC): void => {
      const state = context.oidc.session?.state as { readonly secret: string }
      show(context, page('Sign out', logoutForm(context.oidc.urlFor('end_session_confirm'), state.secret), shown(200)))
    },
    done: (context: KoaContextWithOIDC): void =>
      show(context, page('Signed out', paragraph('You are signed out. Close the window.'), shown(200))),
    failed: (context: PageContext, out: { readonly error_description?: string | undefined }): void =>
      show(
        context,
        page(
          'This did not work',
          paragraph(`Go back to the application, and begin again. ${out.error_description ?? ''}`),
          shown(400),
        ),
      ),
  }
}

/** Configuration of oidc-provider: logins by a policy of ours, refresh, logout begun by either side, everything in memory. */
export const providerSettings = (setup: ProviderSetup, page: MakePage): Configuration => {
  const { people, audience, secrets, gatewayOrigins } = setup
  const pages = logoutPages(page)
  return {
    adapter: createProviderStores(Date.now),
    clients: [
      machine(DESK, secrets.desk, PERSON_GRANT),
      machine(WORKLOAD, secrets.workload, 'client_credentials'),
      gateway(gatewayOrigins, secrets.gateway),
    ],
    jwks: { keys: [signingJwk(setup.signingKey)] },
    // Cookies are of a host and not of a port, and the gateway is on this host too.
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: { session: 'demo-provider', interaction: 'demo-provider-login', resume: 'demo-provider-resume' },
    },
    acrValues: [...ACR_VALUES],
    claims: { openid: ['sub', 'groups', 'acr', 'amr', 'auth_time'], profile: ['name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    ttl: {
      AccessToken: TOKEN_LIFE_SECONDS,
      ClientCredentials: TOKEN_LIFE_SECONDS,
      IdToken: TOKEN_LIFE_SECONDS,
      AuthorizationCode: 60,
      Interaction: LOGIN_LIFE_SECONDS,
      Session: SESSION_SECONDS,
      Grant: SESSION_SECONDS,
      RefreshToken: SESSION_SECONDS,
    },
    interactions: { policy: createLoginPolicy(), url: (_context, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: grantOf,
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    findAccount: (_context, id) => {
      const person = people.find(({ name }) => name === id)
      return person && { accountId: id, claims: () => ({ sub: id, groups: person.groups, name: person.fullName }) }
    },
    extraTokenClaims: (_context, token) => (token as { readonly extra?: Record<string, unknown> }).extra,
    fetch: fetchOnLoopback(setup.gatewayCa),
    renderError: pages.failed,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: pages.ask, postLogoutSuccessSource: pages.done },
      resourceIndicators: {
        enabled: true,
        // The gateway asks about people at userinfo, which takes tokens for no other audience.
        defaultResource: (_context, client) => (client.clientId === GATEWAY_CLIENT ? [] : audience),
        getResourceServerInfo: () => resourceOf(audience),
      },
    },
  } as Configuration
}
