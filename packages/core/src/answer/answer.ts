// Evaluation → status, headers, body; for people and for programs. One module for every HTTP point. Pure; never knows a socket.
import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import type { Answer, Engine, Evaluation, MalformedRequest } from '../model/engine.ts'
import type { ReasonText } from '../model/reason.ts'
import { challengeHeader } from './challenge.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import { page } from './page.ts'
import { problem, type Refusal } from './problem.ts'
import { refusalOf } from './status.ts'

/** What a point knows beside the evaluation. */
export interface Surroundings {
  /** Text of a reason; the catalogue's. Unknown codes get the text of `grant.none`. */
  readonly reasonText: (code: string) => ReasonText
}

const COMMON: readonly HeaderLine[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
]

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/**
 * A page for a navigation, JSON for everything else. With fetch metadata the browser says which it is
 * (Sec-Fetch-Mode); without, a GET that names text/html and does not prefer JSON counts as one.
 */
const wantsPage = (request: AccessRequest): boolean => {
  const mode = request.fields.get('sec-fetch-mode')?.[0]
  if (mode !== undefined) return mode === 'navigate'
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  return (request.fields.get('accept') ?? []).some((value) => /(^|,)\s*text\/html\s*(;|,|$)/.test(value.toLowerCase()))
}

const bodyHeaders = (body: string, type: string): readonly HeaderLine[] => [
  ['content-type', type],
  ['content-length', String(utf8Length(body))],
]

/** Length in bytes of a string of ours, without Buffer: this module also runs in a browser. */
const utf8Length = (text: string): number => new TextEncoder().encode(text).length

const rendered = (
  refusal: Refusal,
  request: AccessRequest | null,
): { readonly body: string; readonly headers: readonly HeaderLine[] } => {
  if (request !== null && wantsPage(request)) {
    const body = page(refusal)
    return { body, headers: [...bodyHeaders(body, 'text/html; charset=utf-8'), ['content-security-policy', PAGE_POLICY]] }
  }
  const body = problem(refusal)
  return { body, headers: bodyHeaders(body, 'application/problem+json') }
}

const assemble = (refusal: Refusal, request: AccessRequest | null, extra: readonly HeaderLine[]): Answer => {
  const { body, headers } = rendered(refusal, request)
  return {
    status: refusal.status,
    headers: [...COMMON, ...headers, ['balustrade-decision', refusal.decision], ['vary', '*'], ...extra],
    body: request?.method === 'HEAD' ? '' : body,
  }
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
  return assemble(refusal, request, extra)
}

/** The answer when the decision could not be recorded and the service demands a record (`audit: strict`). */
const answerUnrecorded = (evaluation: Evaluation, request: AccessRequest, around: Surroundings): Answer =>
  assemble(refusal503(evaluation.id, around), request, [['retry-after', '5']])

const refusal503 = (decision: string, around: Surroundings): Refusal => ({
  status: 503,
  decision,
  outcome: 'deny',
  reasons: [{ code: 'log.unavailable', ...around.reasonText('log.unavailable') }],
  remedy: null,
})

/** The answer to bytes that never became an AccessRequest, or that failed on the way. The connection is to be closed. */
export const answerMalformed = (
  malformed: { readonly code: string; readonly status: number; readonly decision: string },
  around: Surroundings,
): Answer => {
  const refusal: Refusal = {
    status: malformed.status,
    decision: malformed.decision,
    outcome: 'deny',
    reasons: [{ code: malformed.code, ...around.reasonText(malformed.code) }],
    remedy: null,
  }
  return assemble(refusal, null, [['connection', 'close']])
}

/** Records what never became an AccessRequest, and gives the answer. */
export const refuseMalformed = (
  engine: Pick<Engine, 'refuse'>,
  malformed: MalformedRequest & { readonly status: number },
  around: Surroundings,
): Answer => answerMalformed({ ...malformed, decision: engine.refuse(malformed) }, around)

/** The answer a point sends itself; null: the request is allowed, recorded as its service demands, and goes on. */
export const answerUnlessAllowed = (
  evaluation: Evaluation,
  request: AccessRequest,
  { recorded, around }: { readonly recorded: boolean; readonly around: Surroundings },
): Answer | null => {
  if (!recorded) return answerUnrecorded(evaluation, request, around)
  return evaluation.decision.outcome === 'allow' && !evaluation.preflight ? null : answer(evaluation, request, around)
}
