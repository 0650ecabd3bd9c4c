import {
  allowInsecureRequests,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  type CustomFetchOptions,
  customFetch,
  fetchUserInfo,
  genericGrantRequest,
  None,
  ResponseBodyError,
} from 'openid-client'
import {
  attemptAsync,
  CodedError,
  isObject,
  type JsonObject,
  type JsonValue,
  readJsonAnswer,
  sendRequest,
} from '@balustrade/core/kit'
import { EGRESS_LIMITS, type ProviderMetadata } from './provider-metadata.ts'
import type { LoginProvider } from './providers.ts'

/** A provider whose metadata are at hand. */
export interface ReadyProvider {
  readonly provider: LoginProvider
  readonly metadata: ProviderMetadata
}

/** `unavailable`: it does not answer. `refused`: it says no. `fault`: its answer is none. */
export interface ExchangeFailure {
  readonly ok: false
  readonly why: 'unavailable' | 'refused' | 'fault'
  /** For the operator: the code of RFC 6749 section 5.2 where it is one, or of our own egress. Never the provider's words. */
  readonly error: string
}

export type Exchanged<T> = { readonly ok: true; readonly value: T } | ExchangeFailure

export interface TokenAnswer {
  /** Not verified. Null: none came. */
  readonly idToken: string | null
  readonly accessToken: string
  readonly refreshToken: string | null
}

/** Failures of the way there, not of what came back. */
const OUTAGES: readonly string[] = ['name', 'deadline', 'connection', 'status']

/** RFC 6585 section 4. */
const TOO_MANY = 429

interface Capture {
  /** Code of the failure of our own egress. */
  outage: string | null
  idToken: JsonValue | undefined
}

const bodyOf = (body: unknown): Uint8Array | null => (body instanceof URLSearchParams ? Buffer.from(body.toString()) : null)

/** The document without its ID token, which the library must not judge: it is verified in one place, by keys and algorithms of the policy. */
const withoutIdToken = (value: JsonValue, capture: Capture): string => {
  if (!isObject(value)) return JSON.stringify(value)
  const { id_token: idToken, ...rest } = value
  capture.idToken = idToken
  return JSON.stringify(rest)
}

const fail = (capture: Capture, code: string): never => {
  capture.outage = code
  throw new CodedError('login.egress', code)
}

/** A fetch for the library through our own egress: checked addresses, no redirect, strict JSON, a cap and a deadline. */
const fetchThrough =
  ({ entry, client }: LoginProvider, capture: Capture) =>
  async (url: string, { method, headers, body }: CustomFetchOptions): Promise<Response> => {
    const options = { ...EGRESS_LIMITS, allowLoopback: entry.loopback, ...(client.ca === null ? {} : { ca: client.ca }) }
    const outgoing = { url, method: method === 'POST' ? 'POST' : 'GET', headers, body: bodyOf(body) } as const
    const answer = await sendRequest(outgoing, options)
    if (!answer.ok) return fail(capture, answer.code)
    if (answer.status >= 500 || answer.status === TOO_MANY) return fail(capture, 'status')
    const read = readJsonAnswer(answer, EGRESS_LIMITS.maxBytes)
    if (!read.ok) return answer.status === 200 ? fail(capture, read.code) : new Response(null, { status: answer.status })
    return new Response(withoutIdToken(read.value, capture), {
      status: answer.status,
      headers: { 'content-type': 'application/json' },
    })
  }

const authenticationOf = ({ provider, metadata }: ReadyProvider) => {
  const { secret } = provider.client
  if (secret === null) return None()
  return metadata.basic ? ClientSecretBasic(secret.reveal()) : ClientSecretPost(secret.reveal())
}

const configurationOf = (ready: ReadyProvider, capture: Capture): Configuration => {
  const { provider, metadata } = ready
  const server = {
    issuer: metadata.issuer,
    authorization_endpoint: metadata.authorizationEndpoint,
    token_endpoint: metadata.tokenEndpoint,
    ...(metadata.userinfoEndpoint === null ? {} : { userinfo_endpoint: metadata.userinfoEndpoint }),
    ...(metadata.endSessionEndpoint === null ? {} : { end_session_endpoint: metadata.endSessionEndpoint }),
  }
  const configuration = new Configuration(server, provider.client.id, {}, authenticationOf(ready))
  configuration[customFetch] = fetchThrough(provider, capture)
  // Plain http goes to loopback only: our egress sees to that, and the metadata were read so.
  if (provider.entry.loopback) allowInsecureRequests(configuration)
  return configuration
}

/** Codes of RFC 6749 section 5.2 as they are registered: what else comes is the provider's own words. */
const ERROR_CODE = /^[a-z_]{1,64}$/

const failureOf = (error: unknown, { outage }: Capture): ExchangeFailure => {
  if (outage !== null) return { ok: false, why: OUTAGES.includes(outage) ? 'unavailable' : 'fault', error: outage }
  if (!(error instanceof ResponseBodyError)) return { ok: false, why: 'fault', error: 'answer' }
  return { ok: false, why: 'refused', error: ERROR_CODE.test(error.error) ? error.error : 'error' }
}

const run = async <T>(
  ready: ReadyProvider,
  ask: (configuration: Configuration, capture: Capture) => Promise<T>,
): Promise<Exchanged<T>> => {
  const capture: Capture = { outage: null, idToken: undefined }
  const asked = await attemptAsync(() => ask(configurationOf(ready, capture), capture))
  return asked.ok ? { ok: true, value: asked.value } : failureOf(asked.error, capture)
}

/** Asks the token endpoint (RFC 6749 sections 4.1.3 and 6). Never rejects. */
export const requestTokens = (
  ready: ReadyProvider,
  grant: 'authorization_code' | 'refresh_token',
  form: Readonly<Record<string, string>>,
): Promise<Exchanged<TokenAnswer>> =>
  run(ready, async (configuration, capture) => {
    const { access_token: accessToken, refresh_token: refreshToken = null } = await genericGrantRequest(configuration, grant, {
      ...form,
    })
    const { idToken } = capture
    return { idToken: typeof idToken === 'string' ? idToken : null, accessToken, refreshToken }
  })

/** Claims of the UserInfo endpoint, whose `sub` is this one (OpenID Connect Core section 5.3.2). Never rejects. */
export const requestUserinfo = (ready: ReadyProvider, accessToken: string, subject: string): Promise<Exchanged<JsonObject>> =>
  run(ready, async (configuration) => (await fetchUserInfo(configuration, accessToken, subject)) as unknown as JsonObject)

const NO_CAPTURE: Capture = { outage: null, idToken: undefined }

/** Where a browser is sent to log in. */
export const authorizationUrl = (ready: ReadyProvider, parameters: Readonly<Record<string, string>>): string =>
  buildAuthorizationUrl(configurationOf(ready, NO_CAPTURE), { ...parameters }).href

/** Where a browser is sent to log out (OpenID Connect RP-Initiated Logout 1.0); for a provider that has an endpoint for it. */
export const endSessionUrl = (ready: ReadyProvider, parameters: Readonly<Record<string, string>>): string =>
  buildEndSessionUrl(configurationOf(ready, NO_CAPTURE), { ...parameters }).href
