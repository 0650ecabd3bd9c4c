import { compileCall } from './compile-call.ts'
import { compileIndex, compileName, compileSelect } from './compile-access.ts'
import { compileBind, compileLoop, mapOfPairs } from './compile-loop.ts'
import { FAULT } from './fault.ts'
import {
  bounded,
  type Compiled,
  type Compiling,
  constant,
  type Frame,
  MOST_STEPS,
  type Run,
  type Slot,
  slotOf,
  spend,
} from './program.ts'
import type { Library } from './signature.ts'
import type { Choice, Expr, ListExpr, Logic, MapExpr } from './syntax.ts'
import { isTagged, isVoid, leastKnown, type MapEntry, type Value } from './value.ts'
import type { Vocabulary } from './vocabulary.ts'

const notBool = (value: Value): Value => {
  if (isVoid(value)) return value
  return value === null ? FAULT.absent : FAULT.no_overload
}

/** `||` settles on true and `&&` on false, whatever else is unknown or failed. */
const compileLogic = <F>(compiling: Compiling<F>, expr: Logic, local: Slot | null): Compiled<F> => {
  const answer = expr.op === 'or'
  const parts = expr.parts.map((part) => compiling.compile(part, local).run)
  return {
    run: (frame) => {
      let result: Value = !answer
      for (const part of parts) {
        const found = part(frame)
        if (found === answer) return answer
        if (found !== !answer) result = leastKnown(result, notBool(found))
      }
      return result
    },
  }
}

const compileChoice = <F>(compiling: Compiling<F>, expr: Choice, local: Slot | null): Compiled<F> => {
  const test = compiling.compile(expr.test, local).run
  const then = compiling.compile(expr.met, local).run
  const otherwise = compiling.compile(expr.otherwise, local).run
  return {
    run: (frame) => {
      const found = test(frame)
      if (found === true) return then(frame)
      return found === false ? otherwise(frame) : notBool(found)
    },
  }
}

interface Entry<F> {
  readonly run: Run<F>
  readonly optional: boolean
}

/** The value of an entry; undefined for an optional one that holds none. */
const valueOf = <F>(entry: Entry<F>, frame: Frame<F>): Value | undefined => {
  const value = entry.run(frame)
  if (!entry.optional || isVoid(value)) return value
  return isTagged(value) && value.kind === 'optional' ? value.value : FAULT.no_overload
}

const compileList = <F>(compiling: Compiling<F>, expr: ListExpr, local: Slot | null): Compiled<F> => {
  const compiled = expr.items.map(({ value }) => compiling.compile(value, local))
  const items = expr.items.map(({ optional }, i) => ({ run: (compiled[i] as Compiled<F>).run, optional }))
  const run: Run<F> = (frame) => {
    const values: Value[] = []
    let failed: Value = true
    for (const item of items) {
      const value = valueOf(item, frame)
      if (value === undefined) continue
      if (isVoid(value)) failed = leastKnown(failed, value)
      values.push(value)
    }
    if (isVoid(failed)) return failed
    return spend(frame, values.length) ? bounded(values) : FAULT.budget
  }
  const fixed = items.every(({ optional }, i) => !optional && (compiled[i] as Compiled<F>).constant !== undefined)
  return fixed ? constant(compiled.map((each) => each.constant as Value)) : { run }
}

const compileMap = <F>(compiling: Compiling<F>, expr: MapExpr, local: Slot | null): Compiled<F> => {
  const entries = expr.entries.map(({ key, value, optional }) => ({
    key: compiling.compile(key, local).run,
    value: { run: compiling.compile(value, local).run, optional },
  }))
  return {
    run: (frame) => {
      const pairs: MapEntry[] = []
      let failed: Value = true
      for (const entry of entries) {
        const key = entry.key(frame)
        const value = valueOf(entry.value, frame)
        if (isVoid(key)) failed = leastKnown(failed, key)
        if (value !== undefined && isVoid(value)) failed = leastKnown(failed, value)
        if (value !== undefined) pairs.push({ key, value })
      }
      if (isVoid(failed)) return failed
      return spend(frame, pairs.length) ? mapOfPairs(pairs) : FAULT.budget
    },
  }
}

const compileIdent = <F>(compiling: Compiling<F>, expr: Expr & { readonly op: 'ident' }, local: Slot | null): Compiled<F> => {
  const found = expr.rooted ? null : slotOf(expr.name, local)
  if (found === null) return compileName(compiling, expr, local) ?? { run: () => FAULT.undeclared }
  const { slot } = found
  return { run: (frame) => frame.slots[slot] as Value }
}

const compileGroup = <F>(compiling: Compiling<F>, expr: Expr, local: Slot | null): Compiled<F> => {
  switch (expr.op) {
    case 'list':
      return compileList(compiling, expr, local)
    case 'map':
      return compileMap(compiling, expr, local)
    case 'choice':
      return compileChoice(compiling, expr, local)
    case 'loop':
      return compileLoop(compiling, expr, local)
    case 'bind':
      return compileBind(compiling, expr, local)
    case 'and':
    case 'or':
      return compileLogic(compiling, expr, local)
    default:
      return { run: () => FAULT.undeclared }
  }
}

const compileOne = <F>(compiling: Compiling<F>, expr: Expr, local: Slot | null): Compiled<F> => {
  switch (expr.op) {
    case 'literal':
      return constant(expr.value)
    case 'ident':
      return compileIdent(compiling, expr, local)
    case 'select':
      return compileSelect(compiling, expr, local)
    case 'index':
      return compileIndex(compiling, expr, local)
    case 'call':
      return compileCall(compiling, expr, local)
    default:
      return compileGroup(compiling, expr, local)
  }
}

export type Evaluate<F> = (input: F) => Value

/** What a compiled expression may name and call, and who is told of the value of every part. */
export interface CompileOptions<F> {
  readonly vocabulary: Vocabulary<F>
  readonly library: Library
  /** Null: nobody, and then nothing of it costs anything. */
  readonly onValue: ((expr: Expr, value: Value) => void) | null
}

/** The expression as closures. It never throws and takes a bounded number of steps; what it cannot do is a fault or UNKNOWN. */
export const compile = <F>(expr: Expr, { vocabulary, library, onValue }: CompileOptions<F>): Evaluate<F> => {
  const told = (part: Expr, compiled: Compiled<F>): Compiled<F> => {
    if (onValue === null) return compiled
    const { run } = compiled
    const tell: Run<F> = (frame) => {
      const value = run(frame)
      onValue(part, value)
      return value
    }
    return compiled.constant === undefined ? { run: tell } : { run: tell, constant: compiled.constant }
  }
  const compiling: Compiling<F> = {
    vocabulary,
    library,
    compile: (part, local) => told(part, compileOne(compiling, part, local)),
  }
  const { run } = compiling.compile(expr, null)
  const frame: Frame<F> = { input: undefined as F, steps: 0, slots: [] }
  return (input) => {
    frame.input = input
    frame.steps = MOST_STEPS
    return run(frame)
  }
}
