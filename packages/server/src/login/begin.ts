import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client'
import {
  type AccessRequest,
  type Answer,
  attemptAsync,
  type Endpoint,
  markup,
  originOf,
  pageAnswer,
  RESERVED_SEGMENT,
  seeOther,
  sha256Base64Url,
} from '@balustrade/core/kit'
import { browserMarks, loginSecretOf, makeSecret, setLoginCookie } from './browser-cookie.ts'
import { askedOf } from './demand.ts'
import { authorizationUrl, type ReadyProvider } from './exchange.ts'
import { answerFailure } from './failure.ts'
import { LOGIN_TIME, type LoginContext } from './login-context.ts'
import { offeredProviders } from './offered.ts'
import { readParameters } from './parameters.ts'
import type { LoginProvider } from './providers.ts'
import { readStart, type Start } from './start.ts'
import { keepTransaction } from './transaction.ts'

/** Where the provider sends the browser back to. One for all providers; registered exactly. */
export const redirectUriOf = (origin: string): string => `${origin}/${RESERVED_SEGMENT}/callback`

/** The start that the link carries, if it was made by us, for this origin, less than ten minutes ago. */
const openStart = (context: LoginContext, request: AccessRequest, sealed: string): Start | null => {
  const opened = context.seals.open('start', sealed)
  const start = opened === null ? null : readStart(opened)
  if (start === null || start.origin !== originOf(request)) return null
  const age = context.clock.now() - start.at
  return age >= -LOGIN_TIME && age <= LOGIN_TIME ? start : null
}

const offeredFor = (context: LoginContext, { service: name, demand, present }: Start): readonly LoginProvider[] => {
  const image = context.image()
  const service = image !== null && Object.hasOwn(image.services, name) ? image.services[name] : undefined
  if (image === null || service === undefined) return []
  return offeredProviders(context.providers, { service, image, demand, present: present?.provider ?? null })
}

const chooser = (context: LoginContext, sealed: string, offered: readonly LoginProvider[]): Answer => {
  const links = offered.map(
    ({ name, client }) =>
      markup`<li><a class="button" href="/${RESERVED_SEGMENT}/login?start=${sealed}&amp;provider=${encodeURIComponent(name)}">${client.name}</a></li>`,
  )
  const body = markup`<p>With whom do you have an account?</p><ul class="choice">${links}</ul>`
  return pageAnswer(200, { title: 'Sign in', body, theme: context.around.theme, forms: "'none'" })
}

/** Asks for the claim that dates the login where the provider lets claims be asked for: without it nothing of an age can be met. */
const AUTH_TIME = JSON.stringify({ id_token: { auth_time: { essential: true } } })

interface Secrets {
  readonly state: string
  readonly nonce: string
  readonly challenge: string
}

/** The authorization request (OpenID Connect Core section 3.1.2.1, RFC 7636). */
const parametersOf = (
  { provider, metadata }: ReadyProvider,
  start: Start,
  secrets: Secrets,
): Readonly<Record<string, string>> => {
  const { maxAge, acrValues } = askedOf(provider.entry, start.demand)
  return {
    response_type: 'code',
    redirect_uri: redirectUriOf(start.origin),
    scope: provider.client.scopes.join(' '),
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: secrets.challenge,
    code_challenge_method: 'S256',
    ...(maxAge === null ? {} : { max_age: String(maxAge) }),
    ...(maxAge === 0 ? { prompt: 'login' } : {}),
    ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
    ...(metadata.takesClaims ? { claims: AUTH_TIME } : {}),
  }
}

/** Keeps the transaction, then sends the browser away: no half of it happens. */
const sendToProvider = async (
  context: LoginContext,
  request: AccessRequest,
  begun: { readonly ready: ReadyProvider; readonly start: Start },
): Promise<Answer> => {
  const { ready, start } = begun
  const address = request.transport.client.text
  if (!context.allowances.logins.take(address, context.clock.now()))
    return answerFailure(context, request, { code: 'login.too_many', service: start.service, target: start.target })
  const { scheme } = request.transport
  const known = loginSecretOf(request)
  const secret = known ?? makeSecret()
  const nonce = makeSecret()
  const verifier = randomPKCECodeVerifier()
  const state = await keepTransaction(context, {
    browser: sha256Base64Url(secret),
    provider: ready.provider.name,
    nonce,
    verifier,
    begunAt: context.clock.now(),
    start,
  })
  const { service, target } = start
  if (state === null) return answerFailure(context, request, { code: 'login.unavailable', service, target })
  const challenge = await calculatePKCECodeChallenge(verifier)
  const location = await attemptAsync(() => authorizationUrl(ready, parametersOf(ready, start, { state, nonce, challenge })))
  if (!location.ok) return answerFailure(context, request, { code: 'login.provider_fault', service, target })
  return seeOther(location.value, known === null ? [setLoginCookie(scheme, secret)] : [])
}

/** Of the same browser, where a form is to be sent again. */
const isSameBrowser = (request: AccessRequest, { form, marks }: Start): boolean =>
  form === null || browserMarks(request).some((mark) => marks.includes(mark))

const goOn = async (
  context: LoginContext,
  request: AccessRequest,
  { start, provider }: { readonly start: Start; readonly provider: LoginProvider },
): Promise<Answer> => {
  const metadata = await provider.metadata()
  if (metadata !== null) return sendToProvider(context, request, { ready: { provider, metadata }, start })
  const { service, target } = start
  return answerFailure(context, request, { code: 'login.provider_unavailable', service, provider: provider.name, target })
}

const serve = async (context: LoginContext, request: AccessRequest): Promise<Answer> => {
  const parameters = readParameters(request.query ?? '')
  const sealed = parameters?.get('start') ?? ''
  const start = openStart(context, request, sealed)
  if (start === null) return answerFailure(context, request, { code: 'login.start' })
  const { service } = start
  if (!isSameBrowser(request, start)) return answerFailure(context, request, { code: 'login.browser', service })
  const chosen = parameters?.get('provider')
  const open = offeredFor(context, start).filter(({ name }) => chosen === undefined || name === chosen)
  const [provider] = open
  if (provider === undefined) return answerFailure(context, request, { code: 'login.not_offered', service })
  return open.length > 1 ? chooser(context, sealed, open) : goOn(context, request, { start, provider })
}

/** `GET /.balustrade/login?start=`: begins a login. */
export const beginEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['login'],
  serve: ({ request }) => serve(context, request),
})
