import type { Diagnostic, PlanRule } from '@balustrade/core/kit'
import type { Draft } from './draft.ts'
import { findingAt } from './finding.ts'
import { findRequest, type Inspection, rulesOfKind, seenOf } from './inspection.ts'
import { reportIfNeverSelected } from './never-selected.ts'
import { callersOf } from './principals.ts'
import { both, every, not, settled, some } from './tri.ts'
import { blockers, guarded, passes } from './view.ts'
import { grants } from './world.ts'

/** What a grant or public entry is good for. */
export interface Fate {
  readonly rule: PlanRule
  /** A request that it allows; null when none was found. */
  readonly use: Draft | null
  /** Why there is none, where that is sure. */
  readonly diagnostic: Diagnostic | null
}

const findMet = (inspection: Inspection, rule: PlanRule) =>
  findRequest(inspection, {
    focus: [rule],
    callers: callersOf(rule),
    among: [],
    outcome: null,
    ask: (_view, facts) => grants(rule, facts),
  })

/** A request that this guardrail alone keeps out; null when others do as well. */
const findKeptOutBy = (inspection: Inspection, rule: PlanRule, guardrail: PlanRule): Draft | null =>
  findRequest(inspection, {
    focus: [rule],
    callers: callersOf(rule),
    outcome: null,
    ask: (view, facts, final) => {
      const others = view.guardrails.filter((each) => each !== guardrail)
      const rest = every(others, (each) => passes(view, each, { facts, final }))
      return both(grants(rule, facts), both(rest, not(passes(view, guardrail, { facts, final }))))
    },
  }).found

const impossible = (inspection: Inspection, rule: PlanRule, met: Draft): Diagnostic => {
  const seen = seenOf(inspection, met)
  const against = seen === null ? [] : blockers(seen.view, seen.facts)
  const alone = against.flatMap((guardrail) => {
    const draft = findKeptOutBy(inspection, rule, guardrail)
    return draft === null ? [] : [{ names: [guardrail.name], draft }]
  })
  const { names, draft } = alone[0] ?? { names: against.map(({ name }) => name), draft: met }
  const guardrail = names.join("' with '")
  return findingAt(
    rule,
    { code: rule.kind === 'public' ? 'public.impossible' : 'grant.impossible', details: { name: rule.name, guardrail } },
    { by: { draft, note: `${rule.name} grants this, and ${names.join(' and ')} refuses it` }, world: inspection.world },
  )
}

const fateOf = (inspection: Inspection, rule: PlanRule): Fate => {
  const used = findRequest(inspection, {
    focus: [rule],
    callers: callersOf(rule),
    outcome: 'allow',
    ask: (view, facts, final) => both(grants(rule, facts), guarded(view, facts, final)),
  })
  if (used.found !== null || !used.complete) return { rule, use: used.found, diagnostic: null }
  const met = findMet(inspection, rule).found
  const diagnostic = met === null ? reportIfNeverSelected(inspection, rule) : impossible(inspection, rule, met)
  return { rule, use: null, diagnostic }
}

/** What every grant and public entry is good for. */
export const findFates = (inspection: Inspection): readonly Fate[] =>
  rulesOfKind(inspection, 'grant', 'public').map((rule) => fateOf(inspection, rule))

const EVERY_KIND = ['grant', 'public', 'guardrail', 'exception'] as const

/** Only what is open to everybody stands in for a public entry. */
const standsIn = (rule: PlanRule, other: PlanRule): boolean =>
  other !== rule && (rule.kind === 'grant' || other.kind === 'public')

/** `grant.shadowed`: whatever the rule allows, others allow as well. */
export const reportIfShadowed = (inspection: Inspection, { rule, use }: Fate): readonly Diagnostic[] => {
  const seen = use === null ? null : seenOf(inspection, use)
  if (use === null || seen === null) return []
  const others = seen.view.permits.filter((each) => standsIn(rule, each) && grants(each, seen.facts) === 1)
  if (others.length === 0) return []
  const alone = findRequest(inspection, {
    focus: [rule],
    callers: callersOf(rule),
    among: EVERY_KIND,
    outcome: 'allow',
    ask: (view, facts, final) => {
      const permits = view.permits.filter((each) => standsIn(rule, each))
      const by = some(permits, (each) => settled(grants(each, facts), final))
      return both(grants(rule, facts), both(not(by), guarded(view, facts, final)))
    },
  })
  if (alone.found !== null || !alone.complete) return []
  const names = others.map(({ name }) => `'${name}'`).join(' and ')
  const note = `${rule.name} and ${others.map(({ name }) => name).join(' and ')} allow this`
  const details = { name: rule.name, others: names }
  return [findingAt(rule, { code: 'grant.shadowed', details }, { by: { draft: use, note }, world: inspection.world })]
}
