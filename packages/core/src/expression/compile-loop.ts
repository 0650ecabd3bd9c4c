import { FAULT } from './fault.ts'
import { bounded, type Compiled, type Compiling, type Frame, innerSlot, type Run, type Slot, spend } from './program.ts'
import type { Bind, Loop } from './syntax.ts'
import {
  isList,
  isTagged,
  isVoid,
  keyOf,
  leastKnown,
  type MapEntry,
  type MapKey,
  NONE,
  optional,
  UNKNOWN,
  type Value,
} from './value.ts'

/** What is gone over: pairs for the two names, and whether there may be more than is named. */
interface Range {
  readonly firsts: readonly Value[]
  readonly seconds: readonly Value[] | null
  readonly open: boolean
}

const indexes = (items: readonly Value[]): readonly Value[] => items.map((_, i) => i)

const rangeOf = (value: Value, names: number): Range | null => {
  if (isList(value))
    return names === 1 ? { firsts: value, seconds: null, open: false } : { firsts: indexes(value), seconds: value, open: false }
  if (!isTagged(value)) return null
  // Where an item stands in a list that may hold more is not known.
  if (value.kind === 'open') return names === 1 ? { firsts: value.items, seconds: null, open: true } : null
  if (value.kind !== 'map') return null
  const entries = [...value.entries.values()]
  return { firsts: entries.map(({ key }) => key), seconds: names === 1 ? null : entries.map((entry) => entry.value), open: false }
}

interface Parts<F> {
  readonly first: number
  readonly second: number
  readonly where: Run<F> | null
  readonly body: Run<F>
}

/** Puts the names of one turn in their slots. */
const enter = <F>(frame: Frame<F>, parts: Parts<F>, { range, turn }: { range: Range; turn: number }): void => {
  frame.slots[parts.first] = range.firsts[turn] as Value
  if (range.seconds !== null) frame.slots[parts.second] = range.seconds[turn] as Value
}

const notBool = (value: Value): Value => (value === null ? FAULT.absent : FAULT.no_overload)

type Over<F> = (frame: Frame<F>, range: Range, parts: Parts<F>) => Value

/** `exists` settles on true, `all` on false, whatever else is unknown or failed. */
const settlesOn =
  <F>(answer: boolean): Over<F> =>
  (frame, range, parts) => {
    let result: Value = range.open ? UNKNOWN : !answer
    for (let turn = 0; turn < range.firsts.length; turn++) {
      if (!spend(frame, 1)) return FAULT.budget
      enter(frame, parts, { range, turn })
      const found = parts.body(frame)
      if (found === answer) return answer
      if (found !== !answer) result = leastKnown(result, isVoid(found) ? found : notBool(found))
    }
    return result
  }

const existsOne = <F>(frame: Frame<F>, range: Range, parts: Parts<F>): Value => {
  let count = 0
  let result: Value = false
  for (let turn = 0; turn < range.firsts.length; turn++) {
    if (!spend(frame, 1)) return FAULT.budget
    enter(frame, parts, { range, turn })
    const found = parts.body(frame)
    if (found === true) count++
    else if (found !== false) result = leastKnown(result, isVoid(found) ? found : notBool(found))
  }
  if (isVoid(result)) return result
  return range.open && count < 2 ? UNKNOWN : count === 1
}

/** Whether a turn counts: true, false, or why that cannot be told. */
const passes = <F>(frame: Frame<F>, parts: Parts<F>): Value => {
  if (parts.where === null) return true
  const found = parts.where(frame)
  return typeof found === 'boolean' || isVoid(found) ? found : notBool(found)
}

/** The values of the body for the turns that count; the first thing that is void instead, and what is unknown before what failed. */
const collect = <F>(
  frame: Frame<F>,
  range: Range,
  parts: Parts<F>,
): { readonly turns: readonly number[]; readonly values: readonly Value[] } | Value => {
  const turns: number[] = []
  const values: Value[] = []
  let failed: Value = true
  for (let turn = 0; turn < range.firsts.length; turn++) {
    if (!spend(frame, 1)) return FAULT.budget
    enter(frame, parts, { range, turn })
    const counts = passes(frame, parts)
    if (counts === false) continue
    const value = counts === true ? parts.body(frame) : counts
    if (isVoid(value)) failed = leastKnown(failed, value)
    turns.push(turn)
    values.push(value)
  }
  return isVoid(failed) ? failed : { turns, values }
}

const isCollected = (
  value: Value | { readonly turns: readonly number[] },
): value is { readonly turns: readonly number[]; readonly values: readonly Value[] } =>
  typeof value === 'object' && value !== null && 'turns' in value

const listOfBodies = <F>(frame: Frame<F>, range: Range, parts: Parts<F>): Value => {
  const found = collect(frame, range, parts)
  if (!isCollected(found)) return found
  return range.open ? { kind: 'open', items: found.values } : bounded(found.values)
}

const mapOfBodies = <F>(frame: Frame<F>, range: Range, parts: Parts<F>): Value => {
  const found = collect(frame, range, parts)
  if (!isCollected(found)) return found
  return mapOfPairs(found.turns.map((turn, i) => ({ key: range.firsts[turn] as Value, value: found.values[i] as Value })))
}

const mapOfEntries = <F>(frame: Frame<F>, range: Range, parts: Parts<F>): Value => {
  const found = collect(frame, range, parts)
  if (!isCollected(found)) return found
  const pairs: MapEntry[] = []
  for (const value of found.values) {
    if (!isTagged(value) || value.kind !== 'map') return FAULT.no_overload
    pairs.push(...value.entries.values())
  }
  return mapOfPairs(pairs)
}

/** A map of entries; no key may stand twice, and double is no type of keys. */
export const mapOfPairs = (pairs: readonly MapEntry[]): Value => {
  const entries = new Map<MapKey, MapEntry>()
  for (const pair of pairs) {
    const form = isTagged(pair.key) && pair.key.kind === 'double' ? undefined : keyOf(pair.key)
    if (form === undefined) return FAULT.key_type
    if (entries.has(form)) return FAULT.repeated_key
    entries.set(form, pair)
  }
  return bounded({ kind: 'map', entries })
}

const OVER: { readonly [K in Loop['kind']]: Over<never> } = {
  all: settlesOn(false),
  exists: settlesOn(true),
  existsOne,
  list: listOfBodies,
  map: mapOfBodies,
  mapEntry: mapOfEntries,
}

export const compileLoop = <F>(compiling: Compiling<F>, expr: Loop, local: Slot | null): Compiled<F> => {
  const range = compiling.compile(expr.range, local).run
  const inner = expr.names.reduce<Slot | null>((outer, name) => innerSlot(name, outer), local) as Slot
  const first = expr.names.length === 1 ? inner.slot : inner.slot - 1
  const where = expr.where === null ? null : compiling.compile(expr.where, inner).run
  const parts: Parts<F> = { first, second: inner.slot, where, body: compiling.compile(expr.body, inner).run }
  const over = OVER[expr.kind] as unknown as Over<F>
  return {
    run: (frame) => {
      const value = range(frame)
      if (isVoid(value)) return value
      const found = rangeOf(value, expr.names.length)
      if (found !== null) return over(frame, found, parts)
      if (isTagged(value) && value.kind === 'open') return UNKNOWN
      return value === null ? FAULT.absent : FAULT.no_overload
    },
  }
}

export const compileBind = <F>(compiling: Compiling<F>, expr: Bind, local: Slot | null): Compiled<F> => {
  const inner = innerSlot(expr.name, local)
  const value = compiling.compile(expr.value, local).run
  const body = compiling.compile(expr.body, inner).run
  if (expr.optional === 'no') {
    return {
      run: (frame) => {
        frame.slots[inner.slot] = value(frame)
        return body(frame)
      },
    }
  }
  const flat = expr.optional === 'flat'
  return {
    run: (frame) => {
      const held = value(frame)
      if (isVoid(held)) return held
      if (!isTagged(held) || held.kind !== 'optional') return FAULT.no_overload
      if (held.value === undefined) return NONE
      frame.slots[inner.slot] = held.value
      const found = body(frame)
      if (isVoid(found)) return found
      if (!flat) return optional(found)
      return isTagged(found) && found.kind === 'optional' ? found : FAULT.no_overload
    },
  }
}
