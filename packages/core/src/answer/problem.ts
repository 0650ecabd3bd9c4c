import type { Remedy } from '../model/remedy.ts'

/** Everything a refusal says. */
export interface Refusal {
  readonly status: number
  /** Decision id. */
  readonly decision: string
  readonly outcome: 'challenge' | 'deny'
  readonly reasons: readonly { readonly code: string; readonly text: string; readonly help: string }[]
  readonly remedy: Remedy | null
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not acceptable',
  401: 'Proof of identity is needed',
  403: 'Not allowed',
  404: 'Nothing here',
  408: 'The request took too long',
  413: 'The request is too large',
  421: 'Wrong host for this connection',
  425: 'Too early',
  431: 'The request header is too large',
  500: 'The request could not be judged',
  501: 'Not offered',
  502: 'The service did not answer properly',
  503: 'Not available at the moment',
  504: 'The service did not answer in time',
}

export const titleOf = (refusal: Refusal): string =>
  refusal.outcome === 'challenge' && refusal.status === 401
    ? challengeTitle(refusal.remedy)
    : (TITLES[refusal.status] ?? 'Refused')

const challengeTitle = (remedy: Remedy | null): string =>
  remedy?.stepUp !== undefined || remedy?.acr !== undefined ? 'Stronger or fresher proof is needed' : 'Sign-in is needed'

const seconds = (ms: number | null): number | undefined => (ms === null ? undefined : Math.floor(ms / 1000))

/** Remedy kinds, level, age in seconds and scopes. */
export const remedyMembers = (remedy: Remedy): Readonly<Record<string, unknown>> => ({
  ...(remedy.login === undefined ? {} : { login: { max_age: seconds(remedy.login.maxAge) } }),
  ...(remedy.stepUp === undefined ? {} : { step_up: { level: remedy.stepUp.level, max_age: seconds(remedy.stepUp.maxAge) } }),
  ...(remedy.acr === undefined ? {} : { acr_values: remedy.acr }),
  ...(remedy.scopes === undefined ? {} : { scopes: remedy.scopes }),
})

/** RFC 9457 problem details as JSON text. `login`: where a script opens a window to log in; null leaves it out. */
export const problem = (refusal: Refusal, login: string | null): string =>
  JSON.stringify({
    type: `urn:balustrade:${refusal.outcome}:${refusal.reasons[0]?.code ?? 'grant.none'}`,
    title: titleOf(refusal),
    status: refusal.status,
    detail: refusal.reasons.map((reason) => reason.text).join(' '),
    instance: `urn:uuid:${refusal.decision}`,
    decision: refusal.decision,
    outcome: refusal.outcome,
    reasons: refusal.reasons.map((reason) => ({ code: reason.code, text: reason.text, help: reason.help })),
    ...(refusal.remedy === null ? {} : { remedy: remedyMembers(refusal.remedy) }),
    ...(login === null ? {} : { login }),
  })
