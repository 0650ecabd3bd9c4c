import type { Facts } from '../model/fact.ts'
import type { PlanRule } from './rule.ts'
import { type Keyed, KEYED, valuesOf, whoKeyOf } from './who-key.ts'

/** Rules at one place of the index, each with the methods it is about. */
export interface Shelf {
  readonly rules: PlanRule[]
  readonly methods: number[]
  /** Set at crowded places. */
  keys: ShelfKeys | null
}

interface ShelfKeys {
  /**
   * Rules that any caller may be selected by, every guardrail (one found by a fact that may be unknown would be a hole), and every
   * exception: a caller who has not signed in may turn out to be one that it waives something for.
   */
  readonly open: Shelf
  readonly facts: readonly { readonly fact: Keyed; readonly byValue: ReadonlyMap<string, Shelf>; readonly whole: Shelf }[]
}

/** More rules than this at one place are told apart by who they are for. */
export const CROWD = 8

export const createShelf = (): Shelf => ({ rules: [], methods: [], keys: null })

export const putOn = (shelf: Shelf, rule: PlanRule, methods: number): void => {
  shelf.rules.push(rule)
  shelf.methods.push(methods)
}

const sortInto = (shelves: Map<string, Shelf>, value: string): Shelf => {
  const known = shelves.get(value)
  if (known !== undefined) return known
  const made = createShelf()
  shelves.set(value, made)
  return made
}

/** Who a grant is for: everybody else may leave it out. */
const keyOf = ({ kind, image }: PlanRule) => (kind === 'grant' ? whoKeyOf(image.who) : null)

/** Sorts the grants of a crowded shelf by who they are for. */
export const keyShelf = (shelf: Shelf): void => {
  const open = createShelf()
  const facts = KEYED.map((fact) => ({ fact, byValue: new Map<string, Shelf>(), whole: createShelf() }))
  shelf.rules.forEach((rule, i) => {
    const methods = shelf.methods[i] as number
    const key = keyOf(rule)
    const place = facts.find(({ fact }) => fact === key?.fact)
    if (key === null || place === undefined) return putOn(open, rule, methods)
    putOn(place.whole, rule, methods)
    for (const value of key.values) putOn(sortInto(place.byValue, value), rule, methods)
  })
  shelf.keys = { open, facts: facts.filter(({ byValue }) => byValue.size > 0) }
}

/** What a walk over the index looks for, and what it has found. */
export interface Search {
  readonly facts: Facts
  readonly bit: number
  readonly segments: readonly string[]
  /** So far the path is spelled as the patterns are, without a trailing slash. */
  readonly asWritten: boolean
  readonly found: Found
}

export interface Found {
  permits: PlanRule[]
  guardrails: PlanRule[]
  exceptions: PlanRule[]
}

const NONE: PlanRule[] = []

export const createFound = (): Found => ({ permits: NONE, guardrails: NONE, exceptions: NONE })

/** Most requests find nothing of some kind: an empty list is shared until something is found. */
const append = (rules: PlanRule[], rule: PlanRule): PlanRule[] => {
  if (rules === NONE) return [rule]
  if (!rule.repeated || !rules.includes(rule)) rules.push(rule)
  return rules
}

const note = (found: Found, rule: PlanRule): void => {
  if (rule.kind === 'guardrail') found.guardrails = append(found.guardrails, rule)
  else if (rule.kind === 'exception') found.exceptions = append(found.exceptions, rule)
  else found.permits = append(found.permits, rule)
}

const takeAll = ({ rules, methods }: Shelf, { bit, asWritten, found }: Search): void => {
  for (let i = 0; i < rules.length; i++) {
    if (((methods[i] as number) & bit) === 0) continue
    const rule = rules[i] as PlanRule
    note(found, asWritten || rule.whole === null ? rule : rule.whole())
  }
}

const takeKeyed = (keys: ShelfKeys, search: Search): void => {
  takeAll(keys.open, search)
  for (const { fact, byValue, whole } of keys.facts) {
    const values = valuesOf(fact, search.facts)
    if (values === null) {
      takeAll(whole, search)
      continue
    }
    for (const value of values) {
      const shelf = byValue.get(value)
      if (shelf !== undefined) takeAll(shelf, search)
    }
  }
}

export const takeFrom = (shelf: Shelf, search: Search): void => {
  if (shelf.keys === null) takeAll(shelf, search)
  else takeKeyed(shelf.keys, search)
}
