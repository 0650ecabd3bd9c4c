import { type Atom, atomsOf, FACTS, type Facts, type PlanRule, type Tri } from '@balustrade/core/kit'
import type { Budget } from './budget.ts'
import type { Setting } from './dimension.ts'
import type { Draft } from './draft.ts'
import { instantsOf } from './instants.ts'
import { areKnown } from './known-conditions.ts'
import { literalsOf } from './literals.ts'
import type { Places } from './places.ts'
import type { Callers } from './principals.ts'
import { type FactsOf, type Search, solve, type Views } from './solve.ts'
import { type Place, viewOf } from './view.ts'
import type { World } from './world.ts'

/** What is looked for, over all places and times that may matter. */
export interface Query {
  readonly worlds: readonly World[]
  readonly places: Places
  /** Epoch ms: nothing before it is looked at. */
  readonly now: number
  readonly callers: Callers
  /** Rules of a view by which requests are told apart. */
  readonly rules: (views: Views) => readonly PlanRule[]
  readonly ask: (views: Views) => (facts: FactsOf, final: boolean) => Tri
  readonly accept: (draft: Draft, views: Views) => boolean
}

/** One search may not eat up all that there is for the check. */
const MOST_A_SEARCH = 4_000

const isOfPlace = ({ reads }: Atom): boolean =>
  reads.every((name) => name !== 'now' && (FACTS[name].total || name === 'operation'))

/** Conditions that compare what the caller has with a segment or a label: for them every place is another. */
const comparesPlace = (rules: readonly PlanRule[]): boolean =>
  rules.some(({ image }) => literalsOf(image).some(({ is, spec }) => !PLACING.has(is) && JSON.stringify(spec).includes('$')))

const PLACING = new Set(['what.path', 'what.host'])

/** What the rules at hand see of a place: equal keys, equal for them. */
const placeKey = ({ place, views, rules }: Stand): string => {
  const atoms = atomsOfRules(rules).filter(isOfPlace)
  const seen = views.map((view) =>
    view === null ? '' : `${view.open.service} ${atoms.map((atom) => atom.tri(view.open)).join()}`,
  )
  return [...seen, comparesPlace(rules) ? `${place.host}${place.path}` : ''].join('|')
}

const capturedIn = (open: Facts): readonly string[] => [
  ...new Set([...open.path.segments, ...(open.host.includes('.') ? [open.host.slice(0, open.host.indexOf('.'))] : [])]),
]

const settingOf = (query: Query, views: Views, rules: readonly PlanRule[]): Omit<Setting, 'now'> | null => {
  const open = views.flatMap((view) => view?.open ?? [])
  if (open.length === 0) return null
  return {
    worlds: query.worlds,
    literals: rules.flatMap(({ image }) => literalsOf(image)),
    services: views.map((view) => view?.open.service ?? null),
    captured: [...new Set(open.flatMap(capturedIn))],
  }
}

interface Stand {
  readonly place: Place
  readonly views: Views
  readonly rules: readonly PlanRule[]
}

const searchAt = (query: Query, { place, views, rules }: Stand, budget: Budget): Search => {
  const setting = settingOf(query, views, rules)
  const open = views.find((view) => view !== null)?.open
  if (setting === null || open === undefined) return { found: null, complete: true }
  const ask = query.ask(views)
  let complete = areKnown(setting.literals)
  for (const now of instantsOf(rules, open)) {
    const accept = (draft: Draft): boolean => query.accept(draft, views)
    const search = solve({ place, now, views, setting: { ...setting, now }, callers: query.callers, rules, ask, accept }, budget)
    if (search.found !== null) return search
    complete &&= search.complete
  }
  return { found: null, complete }
}

const atomsOfRules = (rules: readonly PlanRule[]): readonly Atom[] => [
  ...new Set(rules.flatMap(({ parts, how }) => atomsOf(parts.who, parts.what, parts.when, how))),
]

/** Looks for a request that answers the query; the first in the order of the places. */
export const find = (query: Query, whole: Budget): Search => {
  const budget = whole.part(MOST_A_SEARCH)
  const seen = new Set<string>()
  let complete = true
  for (const place of query.places.list()) {
    if (!budget.take()) return { found: null, complete: false }
    const views = query.worlds.map((world) => viewOf(world, place, query.now))
    const rules = query.rules(views)
    const key = placeKey({ place, views, rules })
    if (seen.has(key)) continue
    seen.add(key)
    const search = searchAt(query, { place, views, rules }, budget)
    if (search.found !== null) return search
    complete &&= search.complete
  }
  return { found: null, complete: complete && query.places.isWhole() }
}
