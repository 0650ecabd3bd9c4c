import type { Decision } from '../model/decision.ts'
import type { TraceStep } from '../model/condition.ts'
import { FACTS, type FactName, type Facts } from '../model/fact.ts'
import type { Verdict } from '../model/verdict.ts'
import { type Atom, atomsOf, type Node, type Tri } from '../plan/node.ts'
import type { Plan } from '../plan/plan.ts'
import { isAlive, type PlanRule, type Trial, trialOf } from '../plan/rule.ts'
import { decide } from './decide.ts'
import { waiversOf } from './judge.ts'

/** How one condition came out. */
export interface ConditionExplained {
  /** `place.key`. */
  readonly condition: string
  readonly negated: boolean
  readonly result: 'met' | 'unmet' | 'unknown'
  readonly code: string
  /** The caller can do something about it. */
  readonly remedy: boolean
  /** Facts that are unknown, where that is why: their source did not answer. */
  readonly reads: readonly FactName[]
  /** The value of every part, for conditions that have parts. */
  readonly parts?: readonly TraceStep[]
}

export interface RuleExplained {
  readonly rule: string
  readonly kind: PlanRule['kind']
  /** Null: it is enforced. */
  readonly shadow: Trial
  /** `out of life`: before `from`, or from `until` on. */
  readonly selected: 'yes' | 'no' | 'unknown' | 'out of life'
  /** The first condition that kept the rule from being selected; null when it was. */
  readonly stopped: ConditionExplained | null
  /** Conditions of `how`; empty when the rule was not selected or demands nothing. */
  readonly demands: readonly ConditionExplained[]
  readonly demand: 'met' | 'unmet' | 'unknown'
  /** Guardrails: exceptions that waive it for this request. */
  readonly waivedBy: readonly string[]
  /** Exceptions: names of the guardrails it would waive. */
  readonly waives: readonly string[]
}

export interface Explanation {
  readonly decision: Decision
  /** One list a judgement, rules by name. Only those whose `what` may concern the request. */
  readonly rules: readonly (readonly RuleExplained[])[]
  /** Rules left out because they are about something else. */
  readonly elsewhere: number
}

const wordOf = (tri: Tri): 'met' | 'unmet' | 'unknown' => {
  if (tri === 1) return 'met'
  return tri === 0 ? 'unmet' : 'unknown'
}

const explainAtom = (atom: Atom, facts: Facts): ConditionExplained => {
  const verdict: Verdict = atom.test(facts)
  return {
    condition: atom.condition,
    negated: atom.negated,
    result: wordOf(verdict.tri),
    code: verdict.code,
    remedy: verdict.remedy !== undefined && verdict.remedy(facts) !== null,
    reads: verdict.tri === -1 ? atom.reads.filter((name) => !FACTS[name].total) : [],
    ...(atom.trace == null ? {} : { parts: atom.trace(facts) }),
  }
}

/** The first leaf, in the order who, what, when, that is not met. */
const firstAgainst = (nodes: readonly Node[], facts: Facts): ConditionExplained | null => {
  for (const node of nodes) {
    if (node.tri(facts) === 1) continue
    const leaf = atomsOf(node).find((atom) => atom.tri(facts) !== 1)
    if (leaf !== undefined) return explainAtom(leaf, facts)
  }
  return null
}

/** By the life that is written, which a guardrail has while it is tried as well. */
const livesNow = ({ image, until }: PlanRule, now: number): boolean =>
  isAlive({ from: image.from ?? Number.NEGATIVE_INFINITY, until }, now)

const selectionOf = (rule: PlanRule, facts: Facts): RuleExplained['selected'] => {
  if (!livesNow(rule, facts.now)) return 'out of life'
  const { who, what, when } = rule.parts
  const results = [who, what, when].map((node) => node.tri(facts))
  if (results.includes(0)) return 'no'
  return results.includes(-1) ? 'unknown' : 'yes'
}

const explainRule = (plan: Plan, rule: PlanRule, facts: Facts): RuleExplained => {
  const { who, what, when } = rule.parts
  const selected = selectionOf(rule, facts)
  const counts = selected === 'yes' || selected === 'unknown'
  const enforced = plan.rules.filter(({ image }) => trialOf(image, facts.now) === null)
  return {
    rule: rule.name,
    kind: rule.kind,
    shadow: trialOf(rule.image, facts.now),
    selected,
    stopped: firstAgainst([what, who, when], facts),
    demands: counts ? atomsOf(rule.how).map((atom) => explainAtom(atom, facts)) : [],
    demand: wordOf(rule.how.tri(facts)),
    waivedBy: rule.kind === 'guardrail' ? waiversOf(rule, enforced, facts).map(({ name }) => name) : [],
    waives: rule.kind === 'exception' ? rule.image.names : [],
  }
}

/**
 * Why a request is decided as it is: each rule that is about it, with the first condition that kept it out, and each demand with what
 * would meet it. For people and reports: slow, and it never changes an answer.
 */
export const explain = (plan: Plan, judgements: readonly Facts[]): Explanation => {
  const concerns = (facts: Facts) => plan.rules.filter((rule) => rule.parts.what.tri(facts) !== 0)
  return {
    decision: decide(plan, judgements),
    rules: judgements.map((facts) => concerns(facts).map((rule) => explainRule(plan, rule, facts))),
    elsewhere: plan.rules.length - concerns(judgements[0] as Facts).length,
  }
}
