// Assurance: what a policy means, shown by requests made up from its own words and judged by its own plan. A search for witnesses, not
// a proof; it enforces nothing and changes no answer.
import type { Diagnostic, PolicyImage } from '@balustrade/core/kit'
import { type Budget, createBudget, MOST_JUDGEMENTS } from './budget.ts'
import { findBypasses, reportBypasses } from './bypassed-demands.ts'
import { findDuplicates, reportDuplicates } from './duplicates.ts'
import { reportExceptions } from './idle-exceptions.ts'
import { createInspection, type Inspection, rulesOfKind } from './inspection.ts'
import { reportIfNeverSelected } from './never-selected.ts'
import { reportPartialMethods } from './partial-methods.ts'
import { findFates, reportIfShadowed } from './permit-fates.ts'
import { createWorld } from './world.ts'

/** How far a search went. */
export interface SearchReport {
  readonly judgements: number
  /** False: a bound was reached, and there may be more to find. */
  readonly complete: boolean
}

export interface Assurance {
  readonly diagnostics: readonly Diagnostic[]
  readonly search: SearchReport
}

export const searchReport = (budget: Budget): SearchReport => ({
  judgements: budget.spent(),
  complete: !budget.exhausted(),
})

/** One diagnostic for one fact of life: what has no use is not told to be a copy, what is a copy not to be in another's shadow. */
const inspectPermits = (inspection: Inspection): readonly Diagnostic[] => {
  const bypasses = findBypasses(inspection)
  const duplicates = findDuplicates(inspection)
  const fates = findFates(inspection)
  const told = new Set([...bypasses.map(({ strict }) => strict), ...duplicates.flatMap(({ rule, other }) => [rule, other])])
  const useless = new Set(fates.flatMap(({ rule, diagnostic }) => (diagnostic === null ? [] : [rule])))
  return [
    ...reportBypasses(inspection, bypasses),
    ...fates.flatMap(({ diagnostic }) => diagnostic ?? []),
    ...reportDuplicates(
      inspection,
      duplicates.filter(({ rule }) => !useless.has(rule)),
    ),
    ...fates.filter(({ rule }) => !told.has(rule)).flatMap((fate) => reportIfShadowed(inspection, fate)),
  ]
}

/**
 * Looks for rules that do not do what they seem to do. Every diagnostic comes with a request where there is one; that nothing is to
 * be found is claimed only where the search was whole. In no order. `now`: epoch ms from which times are looked at.
 */
export const inspectPolicy = (image: PolicyImage, now: number): Assurance => {
  const budget = createBudget(MOST_JUDGEMENTS)
  const inspection = createInspection(createWorld(image), now, budget)
  const diagnostics = [
    ...inspectPermits(inspection),
    ...rulesOfKind(inspection, 'guardrail').flatMap((rule) => reportIfNeverSelected(inspection, rule) ?? []),
    ...reportExceptions(inspection),
    ...reportPartialMethods(inspection),
  ]
  return { diagnostics, search: searchReport(budget) }
}
