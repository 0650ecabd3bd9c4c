import type { Facts } from '../model/fact.ts'
import type { PlanRule } from './rule.ts'
import { type Keyed, KEYED, valuesOf, whoKeyOf } from './who-key.ts'

/** Rules of one kind at one place of the index, each with the methods it is about. */
export interface Shelf {
  readonly rules: PlanRule[]
  readonly methods: number[]
  /** Set at crowded places. A guardrail found by a fact that may be unknown would be a hole, so guardrails never have it. */
  keys: ShelfKeys | null
}

interface ShelfKeys {
  /** Rules that any caller may be selected by. */
  readonly open: Shelf
  readonly facts: readonly { readonly fact: Keyed; readonly byValue: ReadonlyMap<string, Shelf>; readonly whole: Shelf }[]
}

/** More rules than this at one place are told apart by who they are for. */
const CROWD = 8

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

/** Sorts a crowded shelf of grants or exceptions by who they are for. */
export const keyShelf = (shelf: Shelf): void => {
  if (shelf.rules.length <= CROWD) return
  const open = createShelf()
  const facts = KEYED.map((fact) => ({ fact, byValue: new Map<string, Shelf>(), whole: createShelf() }))
  shelf.rules.forEach((rule, i) => {
    const methods = shelf.methods[i] as number
    const key = whoKeyOf(rule.image.who)
    const place = facts.find(({ fact }) => fact === key?.fact)
    if (key === null || place === undefined) return putOn(open, rule, methods)
    putOn(place.whole, rule, methods)
    for (const value of key.values) putOn(sortInto(place.byValue, value), rule, methods)
  })
  shelf.keys = { open, facts: facts.filter(({ byValue }) => byValue.size > 0) }
}

const takeAll = ({ rules, methods }: Shelf, bit: number, into: PlanRule[]): void => {
  for (let i = 0; i < rules.length; i++) {
    if (((methods[i] as number) & bit) === 0) continue
    const rule = rules[i] as PlanRule
    if (!rule.repeated || !into.includes(rule)) into.push(rule)
  }
}

const takeKeyed = (keys: ShelfKeys, facts: Facts, take: (shelf: Shelf) => void): void => {
  take(keys.open)
  for (const { fact, byValue, whole } of keys.facts) {
    const values = valuesOf(fact, facts)
    if (values === null) {
      take(whole)
      continue
    }
    for (const value of values) {
      const shelf = byValue.get(value)
      if (shelf !== undefined) take(shelf)
    }
  }
}

/** What a walk over the index looks for, and what it has found. */
export interface Search {
  readonly facts: Facts
  readonly bit: number
  readonly segments: readonly string[]
}

export const takeFrom = (shelf: Shelf, { facts, bit }: Search, into: PlanRule[]): void => {
  if (shelf.keys === null) takeAll(shelf, bit, into)
  else takeKeyed(shelf.keys, facts, (part) => takeAll(part, bit, into))
}
