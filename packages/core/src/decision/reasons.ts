import type { CredentialKind, Facts } from '../model/fact.ts'
import type { Reason } from '../model/reason.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Node } from '../plan/node.ts'
import { isAlive, type Matched, type PlanRule } from '../plan/rule.ts'
import { applies, permitFound, waiversOf } from './judge.ts'
import { waysPastByLogin } from './prospects.ts'
import { OPEN } from './ways.ts'

/** More would say nothing more to anybody, and would let a crowded policy make long records. */
export const MOST_REASONS = 16

const compareText = (a = '', b = ''): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const compareReasons = (a: Reason, b: Reason): number =>
  compareText(a.code, b.code) || compareText(a.rule, b.rule) || compareText(a.condition, b.condition)

/** Sorted by code, rule and condition, each once, bounded. */
export const sortReasons = (reasons: readonly Reason[]): readonly Reason[] =>
  reasons
    .toSorted(compareReasons)
    .filter((reason, i, sorted) => i === 0 || compareReasons(reason, sorted[i - 1] as Reason) !== 0)
    .slice(0, MOST_REASONS)

type Gather = (verdict: Verdict) => boolean

const isNotMet: Gather = ({ tri }) => tri !== 1
const isUnknown: Gather = ({ tri }) => tri === -1

/** Verdicts of the leaves that keep a node from being met. */
export const verdictsAgainst = (node: Node, facts: Facts, which: Gather = isNotMet): readonly Verdict[] => {
  if (node.type === 'atom') {
    const verdict = node.test(facts)
    return which(verdict) ? [verdict] : []
  }
  return node.tri(facts) === 1 ? [] : node.parts.flatMap((part) => verdictsAgainst(part, facts, which))
}

const reasonsOf = (rule: PlanRule, verdicts: readonly Verdict[]): readonly Reason[] =>
  verdicts.map(({ code, condition }) => ({ code, rule: rule.name, condition }))

/** What is unknown of the selection of a rule, and what keeps its demand from being met. */
const reasonsAgainst = (rule: PlanRule, facts: Facts): readonly Reason[] =>
  reasonsOf(rule, [...verdictsAgainst(rule.select, facts, isUnknown), ...verdictsAgainst(rule.how, facts)])

const NO_GRANT: readonly Reason[] = [{ code: 'grant.none' }]
const LOGIN: readonly Reason[] = [{ code: 'login.required' }]

const reasonsOfPermits = ({ permits }: Matched, facts: Facts): readonly Reason[] => {
  if (permitFound(permits, facts)) return []
  const reasons = permits.flatMap((rule) => (applies(rule, facts) ? reasonsAgainst(rule, facts) : []))
  return reasons.length === 0 ? NO_GRANT : reasons
}

/** Why guardrails refuse, whatever was granted. */
export const reasonsOfGuardrails = ({ guardrails, exceptions }: Matched, facts: Facts): readonly Reason[] =>
  guardrails.flatMap((rule) => {
    const passes = !applies(rule, facts) || rule.how.tri(facts) === 1 || waiversOf(rule, exceptions, facts).length > 0
    return passes ? [] : reasonsAgainst(rule, facts)
  })

/** Why a caller with a credential is not allowed. */
export const reasonsForCaller = (matched: Matched, facts: Facts): readonly Reason[] => [
  ...reasonsOfGuardrails(matched, facts),
  ...reasonsOfPermits(matched, facts),
]

/** Kinds of credential that are accepted, and those of them with which there may be a way. */
interface Kinds {
  readonly kinds: readonly CredentialKind[]
  readonly helpful: readonly CredentialKind[]
}

/**
 * Why an anonymous caller is not allowed: says nothing of grants, so that it does not depend on them. Of guardrails it names those
 * that ask something whichever kind of credential helps; where none helps, all that stand in the way of some kind.
 */
export const reasonsForAnybody = (matched: Matched, facts: Facts, { kinds, helpful }: Kinds): readonly Reason[] => {
  const passes = (helpful.length > 0 ? helpful : kinds).map((kind) => waysPastByLogin(matched, facts, kind))
  const isAsked = (rule: PlanRule): boolean =>
    helpful.length > 0 ? passes.every((pass) => pass(rule) !== OPEN) : passes.some((pass) => pass(rule) !== OPEN)
  const asked = matched.guardrails.filter((rule) => isAlive(rule, facts.now) && isAsked(rule))
  return [...asked.flatMap((rule) => reasonsAgainst(rule, facts)), ...(helpful.length > 0 ? LOGIN : [])]
}
