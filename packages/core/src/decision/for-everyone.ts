import type { Facts } from '../model/fact.ts'
import type { Plan } from '../plan/plan.ts'
import { isAlive } from '../plan/rule.ts'

/**
 * Whether a refusal of this request could be final whoever calls: some guardrail that asks nothing of the caller applies and is not
 * satisfied. Null when the policy has none of them. Cheap and never wrong in saying no; when it says yes, `decide` with identity unknown tells.
 */
export const createRefusalForEveryone = ({ impersonal, match }: Plan): ((facts: Facts) => boolean) | null => {
  if (impersonal.size === 0) return null
  return (facts) =>
    match(facts).guardrails.some(
      (rule) => impersonal.has(rule.id) && isAlive(rule, facts.now) && rule.select.tri(facts) !== 0 && rule.how.tri(facts) !== 1,
    )
}
