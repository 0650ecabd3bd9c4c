import type { Diagnostic, Facts, PlanRule, Tri } from '@balustrade/core/kit'
import type { Draft } from './draft.ts'
import { findingAt } from './finding.ts'
import { findRequest, type Inspection } from './inspection.ts'
import type { Callers } from './principals.ts'
import type { Search } from './solve.ts'
import { both } from './tri.ts'
import { selects } from './world.ts'

type Asked = (facts: Facts, final: boolean) => Tri

const search = (inspection: Inspection, rule: PlanRule, ask: Asked): Search => {
  const callers: Callers = rule.kind === 'guardrail' ? 'anyone' : 'signed-in'
  return findRequest(inspection, {
    focus: [rule],
    callers: rule.kind === 'public' ? 'anonymous' : callers,
    among: [],
    outcome: null,
    ask: (_view, facts, final) => ask(facts, final),
  })
}

/** A guardrail that may apply does. */
const reaches =
  (rule: PlanRule): Asked =>
  (facts, final) => {
    const selected = selects(rule, facts)
    return final && rule.kind === 'guardrail' && selected === -1 ? 1 : selected
  }

/** The request that comes nearest to being selected: who and what, what alone, or any. */
const nearest = (inspection: Inspection, rule: PlanRule): Draft | null => {
  const { who, what } = rule.parts
  const wishes: readonly Asked[] = [(facts) => both(what.tri(facts), who.tri(facts)), (facts) => what.tri(facts), () => 1]
  for (const wish of wishes) {
    const { found } = search(inspection, rule, wish)
    if (found !== null) return found
  }
  return findRequest(inspection, { focus: [], callers: 'signed-in', among: [], outcome: null, ask: () => 1 }).found
}

/** A request the rule selects; undefined when there surely is none, null when none was found. */
export const findSelected = (inspection: Inspection, rule: PlanRule): Draft | null | undefined => {
  const { found, complete } = search(inspection, rule, reaches(rule))
  return found ?? (complete ? undefined : null)
}

/** `rule.never_selects`, or null. */
export const reportIfNeverSelected = (inspection: Inspection, rule: PlanRule): Diagnostic | null => {
  if (findSelected(inspection, rule) !== undefined) return null
  const draft = nearest(inspection, rule)
  const note = `${rule.name} does not select even this`
  return findingAt(
    rule,
    { code: 'rule.never_selects', details: { name: rule.name } },
    draft === null ? null : { by: { draft, note }, world: inspection.world },
  )
}
