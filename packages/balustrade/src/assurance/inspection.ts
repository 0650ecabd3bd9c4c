import type { Facts, Method, PlanRule, RuleKind, Tri } from '@balustrade/core/kit'
import type { Budget } from './budget.ts'
import { type Draft, judgeDraft } from './draft.ts'
import { find } from './find.ts'
import { createPlaceFinder, type PlaceFinder, type Places } from './places.ts'
import type { Callers } from './principals.ts'
import { factsOf, type Search } from './solve.ts'
import { type View, viewOf } from './view.ts'
import type { World } from './world.ts'

/** One policy under inspection. */
export interface Inspection {
  readonly world: World
  readonly now: number
  readonly budget: Budget
  readonly placesFor: PlaceFinder
}

export const createInspection = (world: World, now: number, budget: Budget): Inspection => ({
  world,
  now,
  budget,
  placesFor: createPlaceFinder(world),
})

/** What is asked of one policy about some of its rules. */
export interface Wanted {
  /** The request is about all of these. */
  readonly focus: readonly PlanRule[]
  readonly callers: Callers
  /** Kinds of rules that may decide as well; guardrails and exceptions when left out. */
  readonly among?: readonly RuleKind[]
  /** Methods that are looked at; all when left out. */
  readonly methods?: readonly Method[]
  readonly ask: (view: View, facts: Facts, final: boolean) => Tri
  /** The outcome the request must get in the end; null: any. */
  readonly outcome: 'allow' | null
}

const AROUND: readonly RuleKind[] = ['guardrail', 'exception']

export const rulesOfKind = ({ world, now }: Inspection, ...kinds: readonly RuleKind[]): readonly PlanRule[] =>
  [...world.enforced.values()].filter(({ kind, until }) => kinds.includes(kind) && until > now)

const rulesIn = ({ permits, guardrails, exceptions }: View, kinds: readonly RuleKind[]): readonly PlanRule[] =>
  [...permits, ...guardrails, ...exceptions].filter(({ kind }) => kinds.includes(kind))

const withMethods = (places: Places, methods: readonly Method[] | undefined): Places =>
  methods === undefined
    ? places
    : { ...places, list: () => Iterator.from(places.list()).filter(({ method }) => methods.includes(method)) }

/** Looks for a request of one policy. */
export const findRequest = (inspection: Inspection, wanted: Wanted): Search => {
  const { world, now, budget } = inspection
  const { focus, callers, ask, outcome, methods, among = AROUND } = wanted
  const others = rulesOfKind(inspection, ...among)
  return find(
    {
      worlds: [world],
      places: withMethods(inspection.placesFor(focus, others), methods),
      now,
      callers,
      rules: ([view]) => [...new Set([...focus, ...(view === null || view === undefined ? [] : rulesIn(view, among))])],
      ask:
        ([view]) =>
        ([facts], final) =>
          view === null || view === undefined || facts === null || facts === undefined ? 0 : ask(view, facts, final),
      accept: (draft) => outcome === null || judgeDraft(world, draft).decision.outcome === outcome,
    },
    budget,
  )
}

/** The place and the facts of a draft, as the policy sees them; null when no service claims it. */
export const seenOf = ({ world }: Inspection, draft: Draft): { readonly view: View; readonly facts: Facts } | null => {
  const view = viewOf(world, draft.place, draft.at)
  return view === null ? null : { view, facts: factsOf(view, draft) }
}
