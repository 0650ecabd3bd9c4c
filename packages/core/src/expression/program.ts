import type { Library } from './signature.ts'
import type { Expr } from './syntax.ts'
import { FAULT } from './fault.ts'
import { isList, isTagged, type Value } from './value.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Steps that one evaluation may take: turns of loops, and lengths of what is searched, compared or joined. */
export const MOST_STEPS = 10_000
/** Longest text (code units) or bytes, and most items of a list or map, that an evaluation may make. */
export const MOST_LENGTH = 16_384
const MOST_ITEMS = 4_096

/** What one evaluation works on. One at a time: nothing called from an evaluation evaluates. */
export interface Frame<F> {
  input: F
  steps: number
  readonly slots: Value[]
}

export type Run<F> = (frame: Frame<F>) => Value

/** `constant`: the value, where it is known when the expression is compiled. */
export interface Compiled<F> {
  readonly run: Run<F>
  readonly constant?: Value
}

/** Local names, innermost first, and the slot that holds the value of each. */
export interface Slot {
  readonly name: string
  readonly slot: number
  readonly outer: Slot | null
}

export interface Compiling<F> {
  readonly vocabulary: Vocabulary<F>
  readonly library: Library
  readonly compile: (expr: Expr, local: Slot | null) => Compiled<F>
}

export const slotOf = (name: string, local: Slot | null): Slot | null => {
  for (let here = local; here !== null; here = here.outer) if (here.name === name) return here
  return null
}

export const innerSlot = (name: string, outer: Slot | null): Slot => ({ name, slot: outer === null ? 0 : outer.slot + 1, outer })

export const constant = <F>(value: Value): Compiled<F> => ({ run: () => value, constant: value })

/** How much there is to go through. */
export const sizeOf = (value: Value): number => {
  if (typeof value === 'string') return value.length >> 4
  if (isList(value)) return value.length
  if (!isTagged(value)) return 0
  if (value.kind === 'map') return value.entries.size
  if (value.kind === 'open') return value.items.length
  return value.kind === 'bytes' ? value.octets.length >> 4 : 0
}

/** Refuses what has grown too large to be kept. */
export const bounded = (value: Value): Value => {
  if (typeof value === 'string') return value.length > MOST_LENGTH ? FAULT.budget : value
  return sizeOf(value) > MOST_ITEMS ? FAULT.budget : value
}

/** Takes steps; false when there are no more. */
export const spend = (frame: { steps: number }, steps: number): boolean => {
  frame.steps -= steps
  return frame.steps >= 0
}
