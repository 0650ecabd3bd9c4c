// Assurance: what a policy means, shown by requests made up from its own words and judged by its own plan. A search for witnesses, not
// a proof; it enforces nothing and changes no answer.
import type { Diagnostic, PolicyImage } from '@balustrade/core/kit'
import { createBudget, MOST_JUDGEMENTS } from './budget.ts'
import { findBypasses, reportBypasses } from './bypassed-demands.ts'
import type { Inspection } from './inspection.ts'
import { createWorld } from './world.ts'

/** How far a search went. */
export interface SearchReport {
  readonly judgements: number
  /** False: the bound was reached, and there may be more to find. */
  readonly complete: boolean
}

export interface Assurance {
  readonly diagnostics: readonly Diagnostic[]
  readonly search: SearchReport
}

const byPlace = (a: Diagnostic, b: Diagnostic): number => {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1)
}

/**
 * Looks for rules that do not do what they seem to do. Every diagnostic comes with a request where there is one; none is given for
 * what was not found. `now`: epoch ms from which times are looked at.
 */
export const inspectPolicy = (image: PolicyImage, now: number): Assurance => {
  const budget = createBudget(MOST_JUDGEMENTS)
  const inspection: Inspection = { world: createWorld(image), now, budget }
  const bypasses = findBypasses(inspection)
  const diagnostics = reportBypasses(inspection, bypasses)
  return {
    diagnostics: diagnostics.toSorted(byPlace),
    search: { judgements: budget.spent(), complete: !budget.exhausted() },
  }
}
