import type { Outcome, ShadowOutcomes } from '../model/decision.ts'
import type { Facts } from '../model/fact.ts'
import type { Plan } from '../plan/plan.ts'
import { type Matched, type PlanRule, trialOf } from '../plan/rule.ts'
import { conclude } from './decide.ts'
import { judge } from './judge.ts'

const only = (matched: Matched, keep: (rule: PlanRule) => boolean): Matched => ({
  permits: matched.permits.filter(keep),
  guardrails: matched.guardrails.filter(keep),
  exceptions: matched.exceptions.filter(keep),
})

const join = (a: Matched, b: Matched): Matched => ({
  permits: [...a.permits, ...b.permits],
  guardrails: [...a.guardrails, ...b.guardrails],
  exceptions: [...a.exceptions, ...b.exceptions],
})

const rulesOf = ({ permits, guardrails, exceptions }: Matched): readonly PlanRule[] => [...permits, ...guardrails, ...exceptions]

interface Seen {
  readonly facts: Facts
  readonly enforced: Matched
  readonly shadowed: Matched
}

const isTried =
  (now: number) =>
  ({ image }: PlanRule): boolean =>
    trialOf(image, now) === 'watched'

const outcomeWith = (plan: Plan, seen: readonly Seen[], keep: (rule: PlanRule) => boolean): Outcome =>
  conclude(
    plan,
    seen.map(({ facts, enforced, shadowed }) => {
      const matched = join(enforced, only(shadowed, keep))
      return { facts, matched, judged: judge(matched, facts) }
    }),
  ).outcome

/**
 * What would have been decided with shadow rules in force that are still tried: with all that match, and with each alone where that differs from what
 * was enforced. Null when no shadow rule matches. Judged after the answer; it changes nothing.
 */
export const shadow = (plan: Plan, judgements: readonly Facts[]): ShadowOutcomes | null => {
  const { matchShadow } = plan
  if (matchShadow === null) return null
  const seen = judgements.map((facts) => ({
    facts,
    enforced: plan.match(facts),
    shadowed: only(matchShadow(facts), isTried(facts.now)),
  }))
  const names = [...new Set(seen.flatMap(({ shadowed }) => rulesOf(shadowed).map(({ name }) => name)))].sort()
  if (names.length === 0) return null
  const enforced = outcomeWith(plan, seen, () => false)
  const alone = names.map((name) => [name, outcomeWith(plan, seen, (rule) => rule.name === name)] as const)
  return {
    all: outcomeWith(plan, seen, () => true),
    alone: Object.fromEntries(alone.filter(([, outcome]) => outcome !== enforced)),
  }
}
