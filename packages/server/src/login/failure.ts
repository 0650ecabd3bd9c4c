import { type AccessRequest, type Answer, attempt, type HeaderLine, markup, type Markup, pageAnswer } from '@balustrade/core/kit'
import { type LoginContext, POINT } from './login-context.ts'
import { LOGIN_REASONS } from './reasons.ts'

/** Something that came to nothing: what the person is told, and what the log keeps. */
export interface Failure {
  readonly code: string
  /** Name of the service it was for, where that is known. */
  readonly service?: string | null
  readonly provider?: string
  readonly subject?: string
  /** For the operator. */
  readonly detail?: string
  /** The page the person wanted: parsed. */
  readonly target?: string | null
  readonly headers?: readonly HeaderLine[]
}

const titleOf = (code: string): string => (code.startsWith('logout.') ? 'Signing out did not work' : 'Signing in did not work')

const again = (target: string | null | undefined): Markup =>
  target == null ? markup`` : markup`<p><a class="button" href="${target}">Try again</a></p>`

const STATUS_UNKNOWN = 500
const BAD_GATEWAY = 502
const statusOf = (code: string): number => LOGIN_REASONS[code]?.status ?? STATUS_UNKNOWN

/** Keeps a record of it; gives its id. */
export const recordFailure = (context: LoginContext, request: AccessRequest, failure: Failure): string => {
  const now = context.clock.now()
  const id = context.makeId(now)
  const { code, service = null, provider, subject = '' } = failure
  context.log.append({
    kind: 'authentication',
    at: now,
    id,
    point: POINT,
    service,
    peer: request.transport.peer.text,
    client: request.transport.client.text,
    outcome: statusOf(code) === 503 ? 'unavailable' : 'failed',
    code,
    ...(provider === undefined ? {} : { who: { provider, subject, session: null } }),
  })
  return id
}

/** Tells the operator of what only they or the provider can mend. A listener that throws must not keep the person from an answer. */
const report = ({ onTrouble }: LoginContext, { code, provider, detail }: Failure): void => {
  if (provider === undefined || statusOf(code) < BAD_GATEWAY) return
  attempt(() => onTrouble({ provider, code, detail: detail ?? LOGIN_REASONS[code]?.text ?? code }))
}

/** A page of our own words: nothing that came from outside is shown (RFC 9207 section 2.4; a response may be an attacker's). */
export const answerFailure = (context: LoginContext, request: AccessRequest, failure: Failure): Answer => {
  const id = recordFailure(context, request, failure)
  report(context, failure)
  const { text, help } = context.around.reasonText(failure.code)
  const status = statusOf(failure.code)
  const body = markup`<p>${text} ${help}</p>${again(failure.target)}<p class="id">Record <code>${id}</code></p>`
  const retry: readonly HeaderLine[] = status === 503 ? [['retry-after', '5']] : []
  return pageAnswer(status, { title: titleOf(failure.code), body, theme: context.around.theme, forms: "'none'" }, [
    ...retry,
    ...(failure.headers ?? []),
  ])
}
