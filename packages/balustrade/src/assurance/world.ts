import {
  CONDITIONS,
  createDescribedJudge,
  type DescribedJudge,
  type Facts,
  isAlive,
  type PathPattern,
  type PlanRule,
  type PolicyImage,
  type Tri,
  trialOf,
} from '@balustrade/core/kit'
import { type HostNames, ONE_NAME } from './host-names.ts'
import { both } from './tri.ts'

/** A policy as it decides: what is shown of it is shown by its own plan. */
export interface World {
  readonly image: PolicyImage
  readonly plan: DescribedJudge['plan']
  readonly judge: DescribedJudge['judge']
  /** What it calls the services; one name where it is looked at alone. */
  readonly hosts: HostNames
  /** Patterns by which requests are told apart besides those of rules. */
  readonly patterns: readonly PathPattern[]
  /** Rules that are enforced at some time, by name. */
  readonly enforced: ReadonlyMap<string, PlanRule>
}

export const createWorld = (image: PolicyImage): World => {
  const { plan, judge } = createDescribedJudge(image, CONDITIONS)
  // A guardrail in shadow is enforced once its trial is over; what lets somebody in never is.
  const enforced = plan.rules.filter(({ image: rule }) => trialOf(rule, Number.POSITIVE_INFINITY) === null)
  return { image, plan, judge, hosts: ONE_NAME, patterns: [], enforced: new Map(enforced.map((rule) => [rule.name, rule])) }
}

/** who ∧ what ∧ when, as written and with what no policy writes, within the life of the rule. */
export const selects = (rule: PlanRule, facts: Facts): Tri => {
  if (!isAlive(rule, facts.now)) return 0
  const { who, what, when } = rule.parts
  const about = both(what.tri(facts), when.tri(facts))
  return about === 0 ? 0 : both(about, who.tri(facts))
}

/** It selects, and its `how` is met: a grant or public entry permits, an exception waives. */
export const grants = (rule: PlanRule, facts: Facts): Tri => {
  const selected = selects(rule, facts)
  return selected === 0 ? 0 : both(selected, rule.how.tri(facts))
}
