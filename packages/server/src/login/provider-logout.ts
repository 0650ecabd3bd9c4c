import {
  type AccessRequest,
  type Answer,
  type Endpoint,
  type EndpointRequest,
  type HeaderLine,
  isName,
  sha256Base64Url,
} from '@balustrade/core/kit'
import type { Ending } from '../session/sessions.ts'
import { recordFailure } from './failure.ts'
import type { LoginContext } from './login-context.ts'
import { checkLogoutToken, type LogoutToken } from './logout-token.ts'
import { occasionOf } from './occasion.ts'
import { readParameters } from './parameters.ts'
import { LOGIN_REASONS } from './reasons.ts'

/** Longest body: the longest token and its name. */
const LONGEST_BODY = 16_384

const COMMON: readonly HeaderLine[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
]

const DONE: Answer = { status: 200, headers: [...COMMON, ['content-length', '0']], body: '' }

/** OpenID Connect Back-Channel Logout 1.0 section 2.8. The description is our own text. */
const refuse = (context: LoginContext, request: AccessRequest, code: string): Answer => {
  recordFailure(context, request, { code })
  const isOutage = code === 'logout.unavailable'
  const { text } = context.around.reasonText(code)
  const body = JSON.stringify({ error: isOutage ? 'temporarily_unavailable' : 'invalid_request', error_description: text })
  const headers: readonly HeaderLine[] = [
    ...COMMON,
    ['content-type', 'application/json'],
    ['content-length', String(Buffer.byteLength(body))],
  ]
  return { status: LOGIN_REASONS[code]?.status === 503 ? 503 : 400, headers, body }
}

/** Ends what the provider names; false: it may live on. */
const endAll = async (context: LoginContext, request: AccessRequest, which: readonly Ending[]): Promise<boolean> => {
  const on = { ...occasionOf(context, request, null), by: 'provider' } as const
  const ended = await Promise.all(which.map((each) => context.sessions.end(each, on)))
  return ended.every(({ ok }) => ok)
}

/** Of which session the token speaks: the one it names, or else every one of the person. */
const endingsOf = ({ providers, sid, subject }: LogoutToken): readonly Ending[] =>
  providers.map((provider) => (sid === null ? { provider, subject: subject ?? '' } : { provider, sid }))

const act = async (context: LoginContext, request: AccessRequest, token: LogoutToken): Promise<Answer> => {
  const key = sha256Base64Url(JSON.stringify(['logout', token.issuer, token.id]))
  const first = await context.store.add('used', key, { value: true, expiresAt: token.expiresAt, tags: [] })
  if (!first.ok) return refuse(context, request, 'logout.unavailable')
  if (!first.value) return refuse(context, request, 'logout.token_used')
  if (await endAll(context, request, endingsOf(token))) return DONE
  // Nothing came of it: the provider may send the same token again.
  await context.store.remove('used', key)
  return refuse(context, request, 'logout.unavailable')
}

const serveBackChannel = async (context: LoginContext, { request, body }: EndpointRequest): Promise<Answer> => {
  const bytes = await body(LONGEST_BODY)
  const token = bytes === null ? undefined : readParameters(Buffer.from(bytes).toString('utf8'))?.get('logout_token')
  const image = context.image()
  if (token === undefined) return refuse(context, request, 'logout.token_malformed')
  if (image === null) return refuse(context, request, 'logout.unavailable')
  const checked = await checkLogoutToken(token, context.providers.all(image), context.clock.now())
  return 'code' in checked ? refuse(context, request, checked.code) : act(context, request, checked)
}

const serveFrontChannel = async (context: LoginContext, request: AccessRequest): Promise<Answer> => {
  const parameters = readParameters(request.query ?? '')
  const [issuer, sid] = [parameters?.get('iss'), parameters?.get('sid')]
  const image = context.image()
  const named = image === null ? [] : context.providers.all(image).filter(({ entry }) => entry.issuer === issuer)
  if (named.length === 0 || !isName(sid)) return refuse(context, request, 'logout.front_channel')
  const isEnded = await endAll(
    context,
    request,
    named.map(({ name }) => ({ provider: name, sid })),
  )
  return isEnded ? DONE : refuse(context, request, 'logout.unavailable')
}

/** `POST /.balustrade/backchannel-logout`: the provider tells by itself that somebody is logged out (Back-Channel Logout 1.0). */
export const backChannelEndpoint = (context: LoginContext): Endpoint => ({
  method: 'POST',
  segments: ['backchannel-logout'],
  serve: (asked) => serveBackChannel(context, asked),
})

/**
 * `GET /.balustrade/frontchannel-logout?iss=&sid=`: a page of the provider asks for it in a frame (Front-Channel Logout 1.0). No cookie
 * comes along there, so the session is found by `sid`, and without both parameters nothing is ended.
 */
export const frontChannelEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['frontchannel-logout'],
  serve: ({ request }) => serveFrontChannel(context, request),
})
