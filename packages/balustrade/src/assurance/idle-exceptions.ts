import { type Diagnostic, type Facts, isAlive, type PlanRule, type Tri } from '@balustrade/core/kit'
import type { Draft } from './draft.ts'
import { findingAt } from './finding.ts'
import { findRequest, type Inspection, rulesOfKind } from './inspection.ts'
import { findSelected, reportIfNeverSelected } from './never-selected.ts'
import type { Search } from './solve.ts'
import { both, not, settled } from './tri.ts'
import { refuses } from './view.ts'
import { grants } from './world.ts'

interface Pair {
  readonly exception: PlanRule
  readonly guardrail: PlanRule
}

const search = (inspection: Inspection, focus: readonly PlanRule[], ask: (facts: Facts, final: boolean) => Tri): Search =>
  findRequest(inspection, {
    focus,
    callers: 'signed-in',
    among: [],
    outcome: null,
    ask: (_view, facts, final) => ask(facts, final),
  })

/** A request that the guardrail refuses and the exception waives it for. */
const findWaived = (inspection: Inspection, { exception, guardrail }: Pair): Search =>
  search(inspection, [exception, guardrail], (facts, final) => both(grants(exception, facts), refuses(guardrail, facts, final)))

/** A request that the guardrail refuses while the exception lasts, and goes on to refuse. */
const findRefused = (inspection: Inspection, { exception, guardrail }: Pair): Search =>
  findRequest(inspection, {
    focus: [guardrail],
    callers: 'signed-in',
    among: ['exception'],
    outcome: null,
    ask: (_view, facts, final) => {
      if (!isAlive(exception, facts.now)) return 0
      return both(refuses(guardrail, facts, final), not(settled(grants(exception, facts), final)))
    },
  })

const reportPair = (inspection: Inspection, pair: Pair, selected: Draft | null): readonly Diagnostic[] => {
  const { exception, guardrail } = pair
  const { world } = inspection
  const details = { name: exception.name, guardrail: guardrail.name }
  const waived = findWaived(inspection, pair)
  if (waived.found === null) {
    const note = `${exception.name} has nothing to waive here`
    const shown = selected === null ? null : { by: { draft: selected, note }, world }
    return waived.complete ? [findingAt(exception, { code: 'exception.no_effect', details }, shown)] : []
  }
  const refused = findRefused(inspection, pair)
  if (refused.found !== null || !refused.complete) return []
  const note = `${exception.name} waives ${guardrail.name} here, and everywhere else`
  const by = { draft: waived.found, note }
  return [findingAt(exception, { code: 'exception.removes_guardrail', details }, { by, world })]
}

/** Exceptions that waive nothing, or everything. */
export const reportExceptions = (inspection: Inspection): readonly Diagnostic[] =>
  rulesOfKind(inspection, 'exception').flatMap((exception) => {
    const never = reportIfNeverSelected(inspection, exception)
    if (never !== null) return [never]
    const selected = findSelected(inspection, exception) ?? null
    const waived = exception.image.names.flatMap((name) => inspection.world.enforced.get(name) ?? [])
    return waived.flatMap((guardrail) => reportPair(inspection, { exception, guardrail }, selected))
  })
