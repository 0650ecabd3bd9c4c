import type { Facts } from '../model/fact.ts'
import { atomsOf } from '../plan/node.ts'
import type { Plan } from '../plan/plan.ts'
import { isAlive, type PlanRule } from '../plan/rule.ts'

const isFree = (rule: PlanRule): boolean => {
  const { who, what, when } = rule.parts
  return rule.kind === 'guardrail' && atomsOf(who, what, when, rule.how).every((atom) => !atom.ofCaller)
}

/**
 * Whether a refusal of this request could be final whoever calls: some guardrail that asks nothing of the caller applies and is not
 * satisfied. Cheap and never wrong in saying no; when it says yes, `decide` with identity unknown tells.
 */
export const createRefusalForEveryone = (plan: Plan): ((facts: Facts) => boolean) => {
  const free: ReadonlySet<number> = new Set(plan.rules.filter(isFree).map(({ id }) => id))
  if (free.size === 0) return () => false
  return (facts) =>
    plan
      .match(facts)
      .guardrails.some(
        (rule) => free.has(rule.id) && isAlive(rule, facts.now) && rule.select.tri(facts) !== 0 && rule.how.tri(facts) !== 1,
      )
}
