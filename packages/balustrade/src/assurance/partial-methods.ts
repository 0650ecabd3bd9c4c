import { type Diagnostic, type Facts, METHODS, type Method, type PlanRule, READ_METHODS, type Spec } from '@balustrade/core/kit'
import { findingAt } from './finding.ts'
import { findRequest, type Inspection, rulesOfKind } from './inspection.ts'
import { literalsIn, textsOf } from './literals.ts'
import { both } from './tri.ts'
import { allows, refuses } from './view.ts'

const WRITES: readonly Method[] = METHODS.filter((method) => !READ_METHODS.includes(method))

/** Writing methods that a guardrail lists by name; a single one is a rule about that method. */
const listedBy = ({ image }: PlanRule): readonly Method[] => {
  const lists = literalsIn(image.what).filter(({ is, negated, spec }) => is === 'what.method' && !negated && Array.isArray(spec))
  const named = new Set(lists.flatMap(({ spec }: { readonly spec: Spec }) => textsOf(spec)))
  return WRITES.filter((method) => named.has(method))
}

const reportOne = (inspection: Inspection, guardrail: PlanRule): readonly Diagnostic[] => {
  const listed = listedBy(guardrail)
  const missing = WRITES.filter((method) => !listed.includes(method))
  const [instead] = listed
  if (instead === undefined || missing.length === 0) return []
  const { world } = inspection
  const { found } = findRequest(inspection, {
    focus: [guardrail],
    callers: 'signed-in',
    among: ['grant', 'public', 'guardrail', 'exception'],
    methods: missing,
    outcome: 'allow',
    ask: (view, facts, final) => {
      // The same request with a method that is listed would be refused.
      const listedFacts: Facts = { ...facts, method: instead }
      const refused = refuses(guardrail, listedFacts, final)
      return refused === 0 ? 0 : both(refused, allows(view, facts, final))
    },
  })
  if (found === null) return []
  const note = `${found.place.method} passes ${guardrail.name}, which lists ${listed.join(' and ')}`
  const details = { name: guardrail.name, listed: listed.join(', '), missing: found.place.method }
  return [findingAt(guardrail, { code: 'guardrail.partial_methods', details }, { by: { draft: found, note }, world })]
}

/** Guardrails that list some of the methods by which the same place can be changed. */
export const reportPartialMethods = (inspection: Inspection): readonly Diagnostic[] =>
  rulesOfKind(inspection, 'guardrail').flatMap((guardrail) => reportOne(inspection, guardrail))
