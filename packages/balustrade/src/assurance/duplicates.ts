import { canonicalJson, type Diagnostic, type PlanRule } from '@balustrade/core/kit'
import { findingAt } from './finding.ts'
import { type Inspection, rulesOfKind } from './inspection.ts'
import { findSelected } from './never-selected.ts'

/** All that a rule does, without what it is called and who answers for it. */
const meaningOf = ({ image }: PlanRule): string => {
  const { kind, zone, who, what, when, how, from, until, names } = image
  return canonicalJson({ kind, zone, who, what, when, how, from, until, names })
}

export interface Duplicate {
  readonly rule: PlanRule
  readonly other: PlanRule
}

/** Rules that say what an earlier one by name says. */
export const findDuplicates = (inspection: Inspection): readonly Duplicate[] => {
  const rules = rulesOfKind(inspection, 'grant', 'public', 'guardrail', 'exception')
  return [...Map.groupBy(rules, meaningOf).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : more.map((rule) => ({ rule, other: first })),
  )
}

/** `rule.duplicate`. */
export const reportDuplicates = (inspection: Inspection, duplicates: readonly Duplicate[]): readonly Diagnostic[] =>
  duplicates.map(({ rule, other }) => {
    const draft = findSelected(inspection, rule) ?? null
    const shown =
      draft === null ? null : { by: { draft, note: `${rule.name} and ${other.name} select this` }, world: inspection.world }
    return findingAt(rule, { code: 'rule.duplicate', details: { name: rule.name, other: other.name } }, shown)
  })
