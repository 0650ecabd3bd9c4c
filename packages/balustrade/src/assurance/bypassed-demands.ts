import type { Diagnostic, Facts, Formula, PlanRule, Spec, Tri } from '@balustrade/core/kit'
import { UNKNOWN } from '@balustrade/core/kit'
import type { Draft } from './draft.ts'
import { findingAt } from './finding.ts'
import { findRequest, type Inspection, rulesOfKind } from './inspection.ts'
import { literalsIn, textsFor, textsOf } from './literals.ts'
import { both, every, not, settled, some } from './tri.ts'
import { guarded, type View } from './view.ts'
import { grants, selects } from './world.ts'

const membershipsNamed = (is: string, spec: Spec): readonly string[] | null => {
  const texts = is === 'who.group' || is === 'who.role' ? textsOf(spec) : []
  return texts.length === 0 || texts.some((text) => text.startsWith('$')) ? null : texts.map((text) => `${is} ${text}`)
}

/** Groups and roles of which every caller of this `who` holds one; null when there are none such. */
const membershipsOf = (who: Formula | null): readonly string[] | null => {
  if (who === null) return null
  if ('is' in who) return membershipsNamed(who.is, who.spec)
  if ('all' in who) return who.all.map(membershipsOf).find((names) => names !== null) ?? null
  if (!('any' in who)) return null
  const each = who.any.map(membershipsOf)
  return each.includes(null) ? null : each.flatMap((names) => names ?? [])
}

/** Only somebody with two memberships is selected by both: two kinds of people, each with the demands made of them. */
const areApart = (a: PlanRule, b: PlanRule): boolean => {
  const [left, right] = [membershipsOf(a.image.who), membershipsOf(b.image.who)]
  return left !== null && right !== null && !left.some((name) => right.includes(name))
}

const pathsOf = ({ image }: PlanRule): readonly string[] => {
  const literals = literalsIn(image.what)
  return [...textsFor(literals, 'what.path'), ...textsFor(literals, 'what.operation'), ...textsFor(literals, 'what.tag')]
}

const isEverywhere = (rule: PlanRule): boolean => pathsOf(rule).every((path) => path === '/**')

/** A grant over a whole service is not about its public entries: each of them is registered as the exception that it is. */
const isRegistered = (lax: PlanRule, strict: PlanRule): boolean =>
  lax.kind === 'public' && isEverywhere(strict) && !isEverywhere(lax)

const without = (facts: Facts, fact: 'groups' | 'roles', name: string): Facts => {
  const held = facts[fact]
  if (held === null || held === UNKNOWN) return facts
  return { ...facts, [fact]: { ...held, names: new Set([...held.names].filter((each) => each !== name)) } }
}

const heldIn = (facts: Facts): readonly (readonly ['groups' | 'roles', string])[] =>
  (['groups', 'roles'] as const).flatMap((fact) => {
    const held = facts[fact]
    return held === null || held === UNKNOWN ? [] : [...held.names].map((name) => [fact, name] as const)
  })

/** The caller holds nothing but what this rule, or some guardrail, selects by. */
const isPlainCaller = (rule: PlanRule, view: View, facts: Facts): Tri =>
  every(heldIn(facts), ([fact, name]) => {
    const less = without(facts, fact, name)
    return rule.parts.who.tri(less) === 1 && guarded(view, less, false) !== 0 ? 0 : 1
  })

interface Pair {
  readonly lax: PlanRule
  readonly strict: PlanRule
}

/** A request allowed by the one without meeting what the other asks for; whoever sends it is an ordinary caller of either. */
const findBypass = (inspection: Inspection, { lax, strict }: Pair): Draft | null =>
  findRequest(inspection, {
    focus: [lax, strict],
    callers: 'signed-in',
    outcome: 'allow',
    ask: (view, facts, final) => {
      const selected = both(grants(lax, facts), selects(strict, facts))
      if (selected === 0) return 0
      const left = both(selected, not(settled(strict.how.tri(facts), final)))
      if (left === 0 || some([lax, strict], (rule) => isPlainCaller(rule, view, facts)) === 0) return 0
      return both(left, guarded(view, facts, final))
    },
  }).found

const mayBypass = ({ lax, strict }: Pair): boolean =>
  lax !== strict && strict.image.how !== null && lax.how !== strict.how && !areApart(lax, strict) && !isRegistered(lax, strict)

export interface Bypass extends Pair {
  readonly draft: Draft
}

/** Every pair of which one can be used to leave out what the other asks for; of two that each ask something else, one. */
export const findBypasses = (inspection: Inspection, among: (lax: PlanRule) => boolean = () => true): readonly Bypass[] => {
  const strict = rulesOfKind(inspection, 'grant').filter(({ image }) => image.how !== null)
  const found: Bypass[] = []
  for (const lax of rulesOfKind(inspection, 'grant', 'public').filter(among)) {
    for (const other of strict) {
      const pair = { lax, strict: other }
      const known = found.some((each) => each.lax === other && each.strict === lax)
      const draft = known || !mayBypass(pair) ? null : findBypass(inspection, pair)
      if (draft !== null) found.push({ ...pair, draft })
    }
  }
  return found
}

const listOf = (names: readonly string[]): string => names.join("', '")

/** `demand.bypassed`, once for each lax rule. */
export const reportBypasses = ({ world }: Inspection, bypasses: readonly Bypass[]): readonly Diagnostic[] =>
  [...Map.groupBy(bypasses, ({ lax }) => lax)].flatMap(([lax, found]) => {
    const [first] = found
    if (first === undefined) return []
    const details = { lax: lax.name, strict: listOf(found.map(({ strict }) => strict.name)) }
    const note = `${lax.name} allows this without what ${first.strict.name} asks for`
    return [findingAt(lax, { code: 'demand.bypassed', details }, { by: { draft: first.draft, note }, world })]
  })
