import {
  type AccessRequest,
  type Answer,
  type Endpoint,
  type HeaderLine,
  isFromOrigin,
  markup,
  originOf,
  RESERVED_SEGMENT,
  sha256Base64Url,
} from '@balustrade/core/kit'
import { clearSessionCookie, loginSecretOf, makeSecret, sessionSecretOf, setLoginCookie } from './browser-cookie.ts'
import { endSessionUrl, type ReadyProvider } from './exchange.ts'
import { answerFailure } from './failure.ts'
import { LOGIN_TIME, type LoginContext } from './login-context.ts'
import { occasionOf } from './occasion.ts'
import { sayPage } from './pages.ts'
import { readParameters } from './parameters.ts'
import { readyProvider } from './ready-provider.ts'

const ask = (context: LoginContext): Answer => {
  const form = markup`<form method="post" action="/${RESERVED_SEGMENT}/logout"><button>Sign out</button></form>`
  return sayPage(context, {
    title: 'Sign out',
    body: markup`<p>You will be signed out in this browser.</p>${form}`,
    hasForm: true,
  })
}

/** What the provider has to be told to end its session as well. */
interface AtProvider {
  readonly ready: ReadyProvider
  readonly idToken: string
}

/** Read before the session is ended: afterwards nobody knows whose it was. Null: there is nothing to end at a provider. */
const findAtProvider = async (context: LoginContext, secret: string): Promise<AtProvider | null> => {
  const now = context.clock.now()
  const found = await context.sessions.reader.find(secret, { now, lenient: true })
  const tokens = await context.sessions.tokensOf(secret, now)
  const idToken = tokens.ok ? (tokens.value?.idToken ?? null) : null
  if (found.status !== 'found' || idToken === null) return null
  const ready = await readyProvider(context, found.session.provider)
  return 'fault' in ready || ready.metadata.endSessionEndpoint === null ? null : { ready, idToken }
}

interface Leaving {
  readonly secret: string
  readonly cookies: readonly HeaderLine[]
}

/** OpenID Connect RP-Initiated Logout 1.0 section 2. */
const providerLogout = (context: LoginContext, request: AccessRequest, to: AtProvider & Pick<Leaving, 'secret'>): string =>
  endSessionUrl(to.ready, {
    id_token_hint: to.idToken,
    post_logout_redirect_uri: `${originOf(request)}/${RESERVED_SEGMENT}/logged-out`,
    state: context.seals.seal('logout', { browser: sha256Base64Url(to.secret), at: context.clock.now() }),
  })

/**
 * A page that goes on to the provider by itself, with a link for browsers that do not. No redirect: browsers hold `form-action` of the
 * page with the button against what its form leads to, and the provider is another origin.
 */
const goToProvider = (context: LoginContext, request: AccessRequest, leaving: Leaving & { readonly to: AtProvider }): Answer => {
  const url = providerLogout(context, request, { ...leaving.to, secret: leaving.secret })
  const { name } = leaving.to.ready.provider.client
  return sayPage(context, {
    title: 'You are signed out here',
    body: markup`<p>To be signed out at ${name} as well, go on.</p><p><a class="button" href="${url}">Sign out at ${name}</a></p>`,
    headers: [...leaving.cookies, ['refresh', `0; url=${url}`]],
  })
}

const signedOut = (context: LoginContext, headers: readonly HeaderLine[]): Answer =>
  sayPage(context, { title: 'You are signed out', body: markup`<p>You are signed out in this browser.</p>`, headers })

const leave = async (context: LoginContext, request: AccessRequest): Promise<Answer> => {
  if (!isFromOrigin(request, [])) return answerFailure(context, request, { code: 'logout.cross_origin' })
  const { scheme } = request.transport
  const session = sessionSecretOf(request)
  if (session === null) return signedOut(context, [clearSessionCookie(scheme)])
  const to = await findAtProvider(context, session)
  const ended = await context.sessions.end({ secret: session }, { ...occasionOf(context, request, null), by: 'logout' })
  const known = loginSecretOf(request)
  const secret = known ?? makeSecret()
  const cookies = [clearSessionCookie(scheme), ...(known === null && to !== null ? [setLoginCookie(scheme, secret)] : [])]
  if (!ended.ok) return answerFailure(context, request, { code: 'logout.unavailable', headers: cookies })
  return to === null ? signedOut(context, cookies) : goToProvider(context, request, { secret, cookies, to })
}

/** Whether the provider sends the browser back from a logout that was begun here, in this browser. */
const isOurs = (context: LoginContext, request: AccessRequest): boolean => {
  const sealed = readParameters(request.query ?? '')?.get('state')
  const opened = sealed === undefined ? null : context.seals.open('logout', sealed)
  const secret = loginSecretOf(request)
  const at = opened?.['at']
  if (opened === null || secret === null || typeof at !== 'number') return false
  return opened['browser'] === sha256Base64Url(secret) && context.clock.now() - at <= LOGIN_TIME
}

/** `GET /.balustrade/logout`: asks. A logout changes something, so no link or picture of another page may do it. */
export const logoutPageEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['logout'],
  serve: () => Promise.resolve(ask(context)),
})

/** `POST /.balustrade/logout`: ends the session, here and then at the provider. */
export const logoutEndpoint = (context: LoginContext): Endpoint => ({
  method: 'POST',
  segments: ['logout'],
  serve: ({ request }) => leave(context, request),
})

/** `GET /.balustrade/logged-out`: the browser is back from the provider. */
export const loggedOutEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['logged-out'],
  serve: ({ request }) =>
    Promise.resolve(
      isOurs(context, request) ? signedOut(context, []) : answerFailure(context, request, { code: 'logout.state' }),
    ),
})
