// Policy decision point (NIST SP 800-162: PDP): facts to allow, challenge or deny. Pure: no clock, I/O, logger or cache.
import type { Decision } from '../model/decision.ts'
import type { Facts } from '../model/fact.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlanRule } from '../plan/rule.ts'
import { withoutCredential } from './callers.ts'
import { horizonOf, judge, type Judgement } from './judge.ts'
import { refuse } from './refuse.ts'

const NO_NAMES: readonly string[] = []

const namesOf = (judgements: readonly Judgement[]): readonly string[] => {
  const used = judgements.flatMap(({ judged }) => judged.exceptions)
  return used.length === 0 ? NO_NAMES : [...new Set(used.map(({ name }) => name))].sort()
}

const holdsUntil = (judgements: readonly Judgement[]): number => {
  let least = Number.POSITIVE_INFINITY
  for (const { matched, facts, judged } of judgements) {
    least = Math.min(least, horizonOf(matched, facts))
    if (judged.open && facts.credential !== null) least = Math.min(least, horizonOf(matched, withoutCredential(facts)))
  }
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

const allow = (judgements: readonly Judgement[], rule: PlanRule): Decision => ({
  outcome: 'allow',
  class: null,
  reasons: [],
  remedy: null,
  rule: rule.name,
  public: judgements.every(({ judged }) => judged.open),
  exceptions: namesOf(judgements),
  holdsUntil: holdsUntil(judgements),
})

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
export const decide = (plan: Plan, judgements: readonly Facts[]): Decision =>
  conclude(
    plan,
    judgements.map((facts) => {
      const matched = plan.match(facts)
      return { facts, matched, judged: judge(matched, facts) }
    }),
  )
