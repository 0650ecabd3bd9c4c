import { canonicalJson, type Facts, type PlanRule, type Tri } from '@balustrade/core/kit'
import { type Draft, judgeDraft } from './draft.ts'
import { find } from './find.ts'
import { type Inspection, rulesOfKind } from './inspection.ts'
import type { Places } from './places.ts'
import { type Callers, callersOf } from './principals.ts'
import type { FactsOf, Views } from './solve.ts'
import { both, not, settled } from './tri.ts'
import { allows, passes, type Place, type View } from './view.ts'
import { grants, type World } from './world.ts'

/** Two policies, the one judged against the other; `closed` refuses what `open` allows. */
export interface Pair {
  readonly closed: Inspection
  readonly open: Inspection
}

/** A rule as each of the two has it in force. */
export interface Suspect {
  readonly closed: PlanRule | null
  readonly open: PlanRule | null
}

/** A third policy: requests are told apart by its rules too, and it says which are wanted. */
export interface Beside {
  readonly world: World
  readonly isWanted: (draft: Draft) => boolean
}

interface Sight {
  readonly view: View
  readonly facts: Facts
}

const sightAt = (views: Views, facts: FactsOf, i: number): Sight | null => {
  const [view, seen] = [views[i] ?? null, facts[i] ?? null]
  return view === null || seen === null ? null : { view, facts: seen }
}

const ruleGrants = (rule: PlanRule | null, sight: Sight | null, final: boolean): Tri =>
  rule === null || sight === null ? 0 : settled(grants(rule, sight.facts), final)

const rulePasses = (rule: PlanRule | null, sight: Sight | null, final: boolean): Tri =>
  rule === null || sight === null ? 1 : passes(sight.view, rule, { facts: sight.facts, final })

/** What the rule itself has to do with the difference: it keeps out in one and not in the other, or lets in, or waives. */
const isInvolved = ({ closed, open }: Suspect, sights: { closed: Sight | null; open: Sight | null }, final: boolean): Tri => {
  if ((closed ?? open)?.kind === 'guardrail') {
    return both(rulePasses(open, sights.open, final), not(rulePasses(closed, sights.closed, final)))
  }
  return both(ruleGrants(open, sights.open, final), not(ruleGrants(closed, sights.closed, final)))
}

const askFor =
  (suspect: Suspect) =>
  (views: Views) =>
  (facts: FactsOf, final: boolean): Tri => {
    const sights = { closed: sightAt(views, facts, 0), open: sightAt(views, facts, 1) }
    if (sights.open === null) return 0
    const involved = isInvolved(suspect, sights, final)
    if (involved === 0) return 0
    const now = both(involved, allows(sights.open.view, sights.open.facts, final))
    if (now === 0 || sights.closed === null) return now
    return both(now, not(allows(sights.closed.view, sights.closed.facts, final)))
  }

/** Spellings of a place that some services read alike, and others do not. */
const respelled = ({ path, ...place }: Place): readonly Place[] => [
  { ...place, path: path.endsWith('/') ? path : `${path}/` },
  { ...place, path: path.replace(/[a-z]/, (letter) => letter.toUpperCase()) },
]

/** What services say of spellings differs between the two. */
const isReadOtherwise = ({ closed, open }: Pair): boolean => {
  const routingsOf = ({ world }: Inspection) =>
    canonicalJson(Object.entries(world.image.services).map(([name, { routing }]) => [name, routing]))
  return routingsOf(closed) !== routingsOf(open)
}

const joinPlaces = (all: readonly Places[], respell: boolean): Places => ({
  *list() {
    for (const places of all) yield* places.list()
    if (respell) for (const places of all) for (const place of places.list()) yield* respelled(place)
  },
  isWhole: () => all.every((places) => places.isWhole()),
})

const present = (rules: readonly (PlanRule | null)[]): readonly PlanRule[] => rules.flatMap((rule) => rule ?? [])

const rulesIn = (views: Views): readonly PlanRule[] =>
  views.flatMap((view) => (view === null ? [] : [...view.permits, ...view.guardrails, ...view.exceptions]))

interface Aim {
  readonly suspect: Suspect
  readonly callers: Callers
  /** Where to look: rules that all have to be about the request, and rules that tell requests apart. */
  readonly focus: readonly PlanRule[]
  readonly others: readonly PlanRule[]
  readonly beside: Beside | null
}

const findAt = (pair: Pair, { suspect, callers, focus, others, beside }: Aim): Draft | null => {
  const { closed, open } = pair
  return find(
    {
      worlds: [closed.world, open.world, ...(beside === null ? [] : [beside.world])],
      places: joinPlaces([open.placesFor(focus, others), closed.placesFor(focus, others)], isReadOtherwise(pair)),
      now: open.now,
      callers,
      rules: (views) => [...new Set([...present([suspect.closed, suspect.open]), ...rulesIn(views)])],
      ask: askFor(suspect),
      accept: (draft) =>
        judgeDraft(open.world, draft).decision.outcome === 'allow' &&
        judgeDraft(closed.world, draft).decision.outcome !== 'allow' &&
        (beside === null || beside.isWanted(draft)),
    },
    open.budget,
  ).found
}

/** The form of the rule by which more is allowed, where it is about the request: without it there is nothing to look for. */
const loosenedBy = ({ closed, open }: Suspect): PlanRule | null => ((closed ?? open)?.kind === 'guardrail' ? closed : open)

/** Guardrails that an exception waives: where they apply is where it matters. */
const waivedBy = (rule: PlanRule, { world }: Inspection): readonly PlanRule[] =>
  rule.kind === 'exception' ? rule.image.names.flatMap((name) => world.enforced.get(name) ?? []) : []

/** A request that one policy allows and the other does not, on account of this rule; judged by both. */
export const findDifference = (pair: Pair, suspect: Suspect, beside: Beside | null = null): Draft | null => {
  const rule = loosenedBy(suspect)
  if (rule === null) return null
  const others = present([suspect.closed, suspect.open]).filter((each) => each !== rule)
  if (rule.kind === 'grant' || rule.kind === 'public') {
    return findAt(pair, { suspect, callers: callersOf(rule), focus: [rule], others, beside })
  }
  const around = [...others, ...waivedBy(rule, pair.open)]
  for (const permit of rulesOfKind(pair.open, 'grant', 'public')) {
    const found = findAt(pair, { suspect, callers: callersOf(permit), focus: [rule, permit], others: around, beside })
    if (found !== null) return found
  }
  return null
}
