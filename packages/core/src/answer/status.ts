import type { Evaluation } from '../model/engine.ts'
import type { Reason } from '../model/reason.ts'
import type { Remedy } from '../model/remedy.ts'
import type { Surroundings } from './answer.ts'
import type { Refusal } from './problem.ts'

const NOT_FOUND = new Set(['service.none'])
const FAILED = new Set(['engine.failed_closed'])

const onlyScopes = (remedy: Remedy): boolean =>
  remedy.scopes !== undefined && remedy.login === undefined && remedy.stepUp === undefined && remedy.acr === undefined

/** RFC 6750 section 3.1 for credentials, RFC 9470 section 3 for step-up; 403 where nothing the caller proves would help. */
const challengeStatus = (evaluation: Evaluation): number => {
  const { remedy } = evaluation.decision
  return remedy !== null && evaluation.identity !== null && onlyScopes(remedy) ? 403 : 401
}

const denyStatus = (evaluation: Evaluation): number => {
  const { decision, rejected } = evaluation
  const codes = decision.reasons.map((reason) => reason.code)
  if (codes.some((code) => NOT_FOUND.has(code))) return 404
  if (codes.some((code) => FAILED.has(code))) return 500
  if (decision.class === 'unavailable') return 503
  if (decision.class === 'refused') return rejected?.http ?? 400
  return 403
}

export const statusOf = (evaluation: Evaluation): number =>
  evaluation.decision.outcome === 'challenge' ? challengeStatus(evaluation) : denyStatus(evaluation)

/**
 * What the caller is told. An anonymous caller learns that signing in is needed, or that nothing helps; not which rules
 * stood in the way. An authenticated one learns the reasons' public texts. Nobody learns names of rules, groups or networks.
 */
const toldReasons = (evaluation: Evaluation): readonly string[] => {
  const { decision, identity, rejected } = evaluation
  if (rejected !== null && decision.class === 'refused') return [rejected.code]
  if (decision.outcome === 'challenge' && identity === null) return [rejected?.code ?? 'login.required']
  const codes = [...new Set(decision.reasons.map((reason: Reason) => reason.code))]
  return codes.length > 0 ? codes : ['grant.none']
}

export const refusalOf = (evaluation: Evaluation, around: Surroundings): Refusal => ({
  status: statusOf(evaluation),
  decision: evaluation.id,
  outcome: evaluation.decision.outcome === 'challenge' ? 'challenge' : 'deny',
  reasons: toldReasons(evaluation).map((code) => ({ code, ...around.reasonText(code) })),
  remedy: evaluation.decision.remedy,
})
