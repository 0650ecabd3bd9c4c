// Evaluation → status, headers, body; for people and for programs. One module for every HTTP point. Pure; never knows a socket.
import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import type { LoginStart } from '../model/endpoint.ts'
import type { Answer, Engine, Evaluation, MalformedRequest } from '../model/engine.ts'
import { parseMediaType } from '../lib/http-token.ts'
import { isFromOrigin } from '../model/origin.ts'
import type { ReasonText } from '../model/reason.ts'
import { challengeHeader } from './challenge.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import { bodyHeaders, COMMON, markup, pageAnswer, pageParts, seeOther, type Theme } from './document.ts'
import { refusalPage } from './page.ts'
import { problem, type Refusal } from './problem.ts'
import { refusalOf } from './status.ts'

/** What a point knows beside the evaluation. */
export interface Surroundings {
  /** Text of a reason; the catalogue's. Unknown codes get the text of `grant.none`. */
  readonly reasonText: (code: string) => ReasonText
  readonly theme: Theme
  /** Null: nobody logs in at this point. */
  readonly login: LoginStart | null
}

/**
 * A page for a navigation, JSON for everything else. With fetch metadata the browser says which it is
 * (Sec-Fetch-Mode); without, a GET that names text/html and does not prefer JSON counts as one.
 */
const isNavigation = (request: AccessRequest): boolean => {
  const mode = request.fields.get('sec-fetch-mode')?.[0]
  if (mode !== undefined) return mode === 'navigate'
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  return (request.fields.get('accept') ?? []).some((value) => /(^|,)\s*text\/html\s*(;|,|$)/.test(value.toLowerCase()))
}

/** Who is answered, and how. */
interface Towards {
  /** Null: it never became a request. */
  readonly request: AccessRequest | null
  readonly theme: Theme
  readonly signedIn: boolean
  /** Where a script may open a window to log in. */
  readonly login: string | null
}

const rendered = (refusal: Refusal, towards: Towards): { readonly body: string; readonly headers: readonly HeaderLine[] } => {
  const { request, login } = towards
  if (request !== null && isNavigation(request)) return pageParts(refusalPage(refusal, towards))
  const body = problem(refusal, login)
  return { body, headers: bodyHeaders(body, 'application/problem+json') }
}

const assemble = (refusal: Refusal, towards: Towards, extra: readonly HeaderLine[]): Answer => {
  const { request } = towards
  const { body, headers } = rendered(refusal, towards)
  return {
    status: refusal.status,
    headers: [...COMMON, ...headers, ['balustrade-decision', refusal.decision], ['vary', '*'], ...extra],
    body: request?.method === 'HEAD' ? '' : body,
  }
}

/** Who is answered. */
const caller = ({ identity }: Evaluation, request: AccessRequest, { theme, login }: Surroundings): Omit<Towards, 'login'> => ({
  request,
  theme,
  signedIn: login !== null && identity?.kind === 'session',
})

/** A refusal for one reason, which nothing the caller does would mend. */
const refusalFor = (
  { code, status, decision }: { readonly code: string; readonly status: number; readonly decision: string },
  around: Surroundings,
): Refusal => ({ status, decision, outcome: 'deny', reasons: [{ code, ...around.reasonText(code) }], remedy: null })

/** For a script of a page of this origin, or of one that the service lets bring a session. */
const windowFor = (evaluation: Evaluation, request: AccessRequest, { login }: Surroundings): string | null => {
  if (login === null || evaluation.decision.outcome !== 'challenge' || !request.fields.has('sec-fetch-mode')) return null
  const cors = evaluation.service?.cors
  return isFromOrigin(request, cors?.credentials === true ? cors.origins : []) ? login.windowFor(evaluation, request) : null
}

/**
 * The answer to a request that is not to be forwarded: a refusal, a challenge, or a CORS preflight.
 * Not for allowed requests, except their preflights.
 */
const answer = (evaluation: Evaluation, request: AccessRequest, around: Surroundings): Answer => {
  if (evaluation.preflight && evaluation.decision.outcome === 'allow') {
    return {
      status: 204,
      headers: [['cache-control', 'no-store'], ['balustrade-decision', evaluation.id], ...preflightHeaders(evaluation, request)],
      body: '',
    }
  }
  const refusal = refusalOf(evaluation, around)
  const challenge = challengeHeader(evaluation, request, refusal.status)
  const extra: HeaderLine[] = [...corsHeaders(evaluation, request)]
  if (challenge !== null) extra.push(['www-authenticate', challenge])
  if (refusal.status === 503) extra.push(['retry-after', '5'])
  const login = windowFor(evaluation, request, around)
  return assemble(refusal, { ...caller(evaluation, request, around), login }, extra)
}

/** The answer when the decision could not be recorded and the service demands a record (`audit: strict`). */
const answerUnrecorded = (evaluation: Evaluation, request: AccessRequest, around: Surroundings): Answer => {
  const refusal = refusalFor({ code: 'log.unavailable', status: 503, decision: evaluation.id }, around)
  return assemble(refusal, { ...caller(evaluation, request, around), login: null }, [['retry-after', '5']])
}

/** The answer to bytes that never became an AccessRequest, or that failed on the way. The connection is to be closed. */
export const answerMalformed = (
  malformed: { readonly code: string; readonly status: number; readonly decision: string },
  around: Surroundings,
): Answer => {
  const nobody = { request: null, theme: around.theme, signedIn: false, login: null }
  return assemble(refusalFor(malformed, around), nobody, [['connection', 'close']])
}

/** Records what never became an AccessRequest, and gives the answer. */
export const refuseMalformed = (
  engine: Pick<Engine, 'refuse'>,
  malformed: MalformedRequest & { readonly status: number },
  around: Surroundings,
): Answer => answerMalformed({ ...malformed, decision: engine.refuse(malformed) }, around)

/** Whether a login may be offered for this: what a browser shows in place of the page it was on. */
const challengesBrowser = (evaluation: Evaluation, request: AccessRequest): boolean =>
  evaluation.decision.outcome === 'challenge' && isNavigation(request)

/** A form that a browser sent from a page of ours and that is challenged: kept, it can be sent again after the login. */
export const isKeepable = (evaluation: Evaluation, request: AccessRequest): boolean =>
  challengesBrowser(evaluation, request) &&
  request.method === 'POST' &&
  isFromOrigin(request, []) &&
  parseMediaType(request.fields.get('content-type')?.[0] ?? '')?.subtype === 'x-www-form-urlencoded'

/**
 * After a form: a page that goes on by itself, with a link for browsers that do not. No redirect: browsers hold `form-action` of the
 * page with the form against wherever it leads to, and the provider is another origin (CSP Level 3 section 6.4.1).
 */
const goOnToLogin = (evaluation: Evaluation, request: AccessRequest, { location, theme }: OnTheWay): Answer => {
  const body = markup`<p>This needs proof of who you are. Your form was kept for ten minutes and has not been sent on.</p><p><a class="button" href="${location}">Sign in</a></p>`
  const challenge = challengeHeader(evaluation, request, 401)
  return pageAnswer(401, { title: 'Sign in to send your form', body, theme, forms: "'none'" }, [
    ['balustrade-decision', evaluation.id],
    ['vary', '*'],
    ['refresh', `0; url=${location}`],
    ...(challenge === null ? [] : [['www-authenticate', challenge] as const]),
  ])
}

interface OnTheWay {
  readonly location: string
  readonly theme: Theme
}

/**
 * Sends a browser to log in. Only a navigation is redirected, and one that was no GET only where its form was kept; everything
 * else gets the challenge itself, which a program can read and a redirect would hide.
 */
const offerLogin = (evaluation: Evaluation, request: AccessRequest, { around, form }: Answering): Answer | null => {
  if (around.login === null || !challengesBrowser(evaluation, request)) return null
  if (form === null && request.method !== 'GET' && request.method !== 'HEAD') return null
  const way = around.login.wayOf(evaluation, request, form)
  if (way.way === 'redirect' && form !== null)
    return goOnToLogin(evaluation, request, { location: way.location, theme: around.theme })
  if (way.way === 'redirect')
    return seeOther(way.location, [
      ['balustrade-decision', evaluation.id],
      ['vary', '*'],
    ])
  if (way.way === 'none') return null
  const refusal = refusalFor({ code: 'challenge.no_progress', status: 403, decision: evaluation.id }, around)
  return assemble(refusal, { ...caller(evaluation, request, around), login: null }, [])
}

/** How a request is answered. */
export interface Answering {
  /** The decision is recorded as its service demands. */
  readonly recorded: boolean
  readonly around: Surroundings
  /** Id of the kept form; null: none was kept. */
  readonly form: string | null
}

/** The answer a point sends itself; null: the request is allowed, recorded as its service demands, and goes on. */
export const answerUnlessAllowed = (evaluation: Evaluation, request: AccessRequest, answering: Answering): Answer | null => {
  const { recorded, around } = answering
  if (!recorded) return answerUnrecorded(evaluation, request, around)
  if (evaluation.decision.outcome === 'allow' && !evaluation.preflight) return null
  return offerLogin(evaluation, request, answering) ?? answer(evaluation, request, around)
}
