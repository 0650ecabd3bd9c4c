// Policy decision point (NIST SP 800-162: PDP): facts to allow, challenge or deny. Pure: no clock, I/O, logger or cache.
import type { Decision } from '../model/decision.ts'
import type { Facts } from '../model/fact.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlanRule } from '../plan/rule.ts'
import { withoutCredential } from './callers.ts'
import { horizonOf, judge, type Judgement } from './judge.ts'
import { refuse } from './refuse.ts'

const NO_NAMES: readonly string[] = []
const NO_REASONS: Decision['reasons'] = []

const namesOf = (judgements: readonly Judgement[]): readonly string[] => {
  const names = judgements.flatMap(({ judged }) => judged.exceptions.map(({ name }) => name))
  return [...new Set(names)].sort()
}

const isOpen = (judgements: readonly Judgement[]): boolean => {
  for (const { judged } of judgements) if (!judged.open) return false
  return true
}

/** What is public, and what is refused, rests on what the same request would get without its credential as well. */
const horizonOfOne = ({ matched, facts, judged }: Judgement): number => {
  const horizon = horizonOf(matched, facts)
  const restsOnNobody = (judged.open || judged.rule === null) && facts.credential !== null
  return restsOnNobody ? Math.min(horizon, horizonOf(matched, withoutCredential(facts))) : horizon
}

const holdsUntil = (judgements: readonly Judgement[]): number => {
  let least = Number.POSITIVE_INFINITY
  for (const judgement of judgements) least = Math.min(least, horizonOfOne(judgement))
  return least
}

const firstRule = (judgements: readonly Judgement[]): PlanRule | null => {
  let first: PlanRule | null = null
  for (const { judged } of judgements) {
    if (judged.rule === null) return null
    if (first === null || judged.rule.id < first.id) first = judged.rule
  }
  return first
}

const allowed = (rule: PlanRule, open: boolean, until: number): Decision => ({
  outcome: 'allow',
  class: null,
  reasons: NO_REASONS,
  remedy: null,
  rule: rule.name,
  public: open,
  exceptions: NO_NAMES,
  holdsUntil: until,
})

const allow = (judgements: readonly Judgement[], rule: PlanRule): Decision => ({
  ...allowed(rule, isOpen(judgements), holdsUntil(judgements)),
  exceptions: namesOf(judgements),
})

const judgementOf = (plan: Plan, facts: Facts): Judgement => {
  const matched = plan.match(facts)
  return { facts, matched, judged: judge(matched, facts) }
}

/** Combines judgements: allowed only if every one is. None at all is refused. */
export const conclude = (plan: Plan, judgements: readonly Judgement[]): Decision => {
  const rule = firstRule(judgements)
  return rule === null ? refuse(plan, judgements, holdsUntil(judgements)) : allow(judgements, rule)
}

/**
 * Decides one request under one plan: allow, challenge or deny. Pure and total over facts; what is unknown never allows more.
 *
 * `judgements`: the facts of the request, once for each principal it must be allowed for (an agent, and the person it acts
 * for) and each thing it is about; it is allowed only if every judgement allows. With identity unknown, a deny of class
 * `forbidden` is final whoever calls. Not checked: that the facts are true, and that `service` claims the host.
 */
export const decide = (plan: Plan, judgements: readonly Facts[]): Decision => {
  const [only] = judgements
  if (only === undefined || judgements.length > 1)
    return conclude(
      plan,
      judgements.map((facts) => judgementOf(plan, facts)),
    )
  const judgement = judgementOf(plan, only)
  const { rule, open, exceptions } = judgement.judged
  // What most requests come to: nothing is gathered that an allowed request has no use for.
  return rule === null || exceptions.length > 0 ? conclude(plan, [judgement]) : allowed(rule, open, horizonOfOne(judgement))
}
