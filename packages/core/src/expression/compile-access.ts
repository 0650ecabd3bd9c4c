import { entryOf } from './equality.ts'
import { FAULT } from './fault.ts'
import { type Compiled, type Compiling, constant, type Run, type Slot, slotOf } from './program.ts'
import type { Expr, Index, Select } from './syntax.ts'
import { TYPE_NAMES } from './type.ts'
import { isList, isTagged, isVoid, leastKnown, NONE, numberOf, optional, type Value } from './value.ts'
import { pathOf, type Variable } from './vocabulary.ts'

const isLocalIn = (local: Slot | null) => (name: string) => slotOf(name, local) !== null

/** What is asked of a variable: its value, whether it is there, or an optional of it. */
const readVariable = <F>({ read }: Variable<F>, as: 'value' | 'test' | 'optional'): Run<F> => {
  if (as === 'value') return ({ input }) => read(input)
  return ({ input }) => {
    const value = read(input)
    if (isVoid(value)) return value
    if (as === 'test') return value !== null
    return value === null ? NONE : optional(value)
  }
}

const formOf = (expr: Expr): 'value' | 'test' | 'optional' => {
  if (expr.op !== 'select') return 'value'
  if (expr.test) return 'test'
  return expr.optional ? 'optional' : 'value'
}

/** What a whole path names: a variable, or a type. Null when it must be read step by step. */
export const compileName = <F>(compiling: Compiling<F>, expr: Expr, local: Slot | null): Compiled<F> | null => {
  const path = pathOf(expr, isLocalIn(local))
  if (path === null) return null
  const variable = compiling.vocabulary.variable(path)
  if (variable !== null) return { run: readVariable(variable, formOf(expr)) }
  const name = expr.op === 'index' ? '' : path.join('.')
  return Object.hasOwn(TYPE_NAMES, name) ? constant({ kind: 'type', name }) : null
}

/** The entry of a container; undefined when it has none; a fault when it cannot be asked. */
type Look = (container: Value) => Value | undefined

const listItem = (list: readonly Value[], index: Value): Value | undefined => {
  const at = numberOf(index)
  if (at === undefined || (typeof at === 'number' && !Number.isInteger(at))) return FAULT.argument
  return at >= 0 && at < list.length ? list[Number(at)] : undefined
}

const lookUp = (container: Value, key: Value): Value | undefined => {
  if (isList(container)) return listItem(container, key)
  if (container === null) return FAULT.absent
  if (!isTagged(container)) return FAULT.no_overload
  if (container.kind === 'map') return entryOf(container, key)?.value
  // Where a value stands in a list that may hold more is not known.
  return container.kind === 'open' ? FAULT.index : FAULT.no_overload
}

/** Through an optional, what is looked up is optional as well. */
const throughOptional = (container: Value, look: Look, whether: boolean): Value => {
  if (!isTagged(container) || container.kind !== 'optional') return present(look(container), whether)
  return container.value === undefined ? NONE : present(look(container.value), true)
}

const present = (found: Value | undefined, whether: boolean): Value => {
  if (found === undefined) return whether ? NONE : FAULT.no_key
  return isVoid(found) || !whether ? found : optional(found)
}

const hasField = (container: Value, field: string): Value => {
  if (isTagged(container) && container.kind === 'optional') {
    return container.value === undefined ? false : hasField(container.value, field)
  }
  const found = isList(container) ? FAULT.no_overload : lookUp(container, field)
  return found !== undefined && isVoid(found) ? found : found !== undefined
}

export const compileSelect = <F>(compiling: Compiling<F>, expr: Select, local: Slot | null): Compiled<F> => {
  const named = compileName(compiling, expr, local)
  if (named !== null) return named
  const { run } = compiling.compile(expr.of, local)
  const { field, test, optional: whether } = expr
  const look: Look = (container) => (isList(container) ? FAULT.no_overload : lookUp(container, field))
  return {
    run: (frame) => {
      const container = run(frame)
      if (isVoid(container)) return container
      return test ? hasField(container, field) : throughOptional(container, look, whether)
    },
  }
}

export const compileIndex = <F>(compiling: Compiling<F>, expr: Index, local: Slot | null): Compiled<F> => {
  const named = expr.optional ? null : compileName(compiling, expr, local)
  if (named !== null) return named
  const of = compiling.compile(expr.of, local).run
  const index = compiling.compile(expr.index, local).run
  return {
    run: (frame) => {
      const container = of(frame)
      const key = index(frame)
      if (isVoid(container) || isVoid(key)) return leastKnown(container, key)
      return throughOptional(container, (each) => lookUp(each, key), expr.optional)
    },
  }
}
