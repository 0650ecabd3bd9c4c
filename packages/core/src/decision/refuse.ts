import type { Decision } from '../model/decision.ts'
import { type CredentialKind, UNKNOWN } from '../model/fact.ts'
import type { Reason } from '../model/reason.ts'
import type { Plan } from '../plan/plan.ts'
import type { Judgement } from './judge.ts'
import { waysByLogin, waysOf, waysOfPublic } from './prospects.ts'
import { reasonsForAnybody, reasonsForCaller, reasonsOfGuardrails, sortReasons } from './reasons.ts'
import { both, either, OPEN, SHUT, type Ways } from './ways.ts'

interface Answer {
  readonly ways: Ways
  readonly reasons: readonly Reason[]
}

const NO_GRANT: readonly Reason[] = [{ code: 'grant.none' }]

const NO_KINDS: readonly CredentialKind[] = []

const answerAnybody = (plan: Plan, { matched, facts }: Judgement): Answer => {
  // A login that the service would not accept is not offered. No grant is about this caller, so none is spoken of.
  const kinds = plan.image.services[facts.service]?.credentials ?? NO_KINDS
  if (kinds.length === 0) {
    return { ways: waysOfPublic(matched, facts), reasons: reasonsForCaller(matched, facts) }
  }
  const byKind = kinds.map((kind) => ({ kind, ways: waysByLogin(matched, facts, kind) }))
  const ways = byKind.reduce<Ways>((all, each) => either(all, each.ways), SHUT)
  const helpful = byKind.filter((each) => each.ways.length > 0).map(({ kind }) => kind)
  return { ways, reasons: reasonsForAnybody(matched, facts, { kinds, helpful }) }
}

const answerOne = (plan: Plan, judgement: Judgement): Answer => {
  const { judged, matched, facts } = judgement
  if (judged.rule !== null) return { ways: judged.open ? OPEN : waysOf(matched, facts), reasons: [] }
  if (facts.credential === null) return answerAnybody(plan, judgement)
  return { ways: waysOf(matched, facts), reasons: reasonsForCaller(matched, facts) }
}

/** With identity unknown, a final refusal is the guardrails' alone: what is unknown of the caller had no part in it. */
const whoever = (judgements: readonly Judgement[]): { readonly reasons?: readonly Reason[] } => {
  if (!judgements.every(({ facts }) => facts.credential === UNKNOWN)) return {}
  const reasons = judgements.flatMap(({ matched, facts }) => reasonsOfGuardrails(matched, facts))
  return reasons.length === 0 ? {} : { reasons: sortReasons(reasons) }
}

/** Ways are in the order of burden: what rests on an unknown fact comes last, so the first tells. */
export const refuse = (plan: Plan, judgements: readonly Judgement[], holdsUntil: number): Decision => {
  const answers = judgements.map((judgement) => answerOne(plan, judgement))
  const [best] = answers.length === 0 ? SHUT : answers.reduce<Ways>((ways, answer) => both(ways, answer.ways), OPEN)
  const reasons = sortReasons(answers.length === 0 ? NO_GRANT : answers.flatMap((answer) => answer.reasons))
  const refused = { reasons, rule: null, public: false, exceptions: [], holdsUntil }
  if (best === undefined) return { ...refused, ...whoever(judgements), outcome: 'deny', class: 'forbidden', remedy: null }
  if (best.unknown) return { ...refused, outcome: 'deny', class: 'unavailable', remedy: null }
  return { ...refused, outcome: 'challenge', class: null, remedy: best.remedy }
}
