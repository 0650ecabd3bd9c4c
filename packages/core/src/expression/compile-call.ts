import { parseRegex } from '../lib/regex.ts'
import { compare, equals, isIn } from './equality.ts'
import { FAULT } from './fault.ts'
import { bounded, type Compiled, type Compiling, constant, type Run, sizeOf, type Slot, slotOf, spend } from './program.ts'
import { dispatch, type Overload } from './signature.ts'
import type { Call } from './syntax.ts'
import { isList, isTagged, isVoid, leastKnown, typeNameOf, type Value } from './value.ts'
import { namespaced } from './vocabulary.ts'

type Binary<F> = (left: Run<F>, right: Run<F>, frameless: { readonly right: Value | undefined }) => Run<F>

const equalOrVoid = (a: Value, b: Value): Value => (isVoid(a) || isVoid(b) ? leastKnown(a, b) : equals(a, b))

const equality =
  <F>(equal: boolean): Binary<F> =>
  (left, right, { right: known }) => {
    const turned = (found: Value): Value => (typeof found === 'boolean' ? found === equal : found)
    if (typeof known === 'string') {
      return (frame) => {
        const a = left(frame)
        return typeof a === 'string' ? (a === known) === equal : turned(equalOrVoid(a, known))
      }
    }
    return (frame) => {
      const a = left(frame)
      const b = right(frame)
      if ((typeof a === 'string' && typeof b === 'string') || (typeof a === 'number' && typeof b === 'number'))
        return (a === b) === equal
      if (!spend(frame, Math.min(sizeOf(a), sizeOf(b)))) return FAULT.budget
      return turned(equalOrVoid(a, b))
    }
  }

type Holds = (a: number, b: number) => boolean

const HOLDS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const

const orderOrVoid = (a: Value, b: Value, holds: Holds): Value => {
  if (isVoid(a) || isVoid(b)) return leastKnown(a, b)
  const order = compare(a, b)
  if (order === undefined) return a === null || b === null ? FAULT.absent : FAULT.no_overload
  // NaN comes neither before nor after anything.
  return order !== null && holds(order, 0)
}

/** An int that is safe, or a double; undefined for whatever takes longer to compare. */
const quickNumber = (value: Value): number | undefined => {
  if (typeof value === 'number') return value
  return isTagged(value) && value.kind === 'double' ? value.value : undefined
}

const comparison =
  <F>(holds: Holds): Binary<F> =>
  (left, right) => {
    return (frame) => {
      const a = left(frame)
      const b = right(frame)
      const x = quickNumber(a)
      const y = quickNumber(b)
      return x === undefined || y === undefined ? orderOrVoid(a, b, holds) : holds(x, y)
    }
  }

const isText = (value: Value): boolean => typeof value === 'string'

const membership = <F>(left: Run<F>, right: Run<F>, { right: known }: { readonly right: Value | undefined }): Run<F> => {
  const texts = known !== undefined && isList(known) && known.every(isText) ? known : null
  return (frame) => {
    const a = left(frame)
    if (texts !== null && typeof a === 'string') return texts.includes(a)
    const b = right(frame)
    if (isVoid(a) || isVoid(b)) return leastKnown(a, b)
    return spend(frame, sizeOf(b)) ? isIn(a, b) : FAULT.budget
  }
}

const OPERATORS: Readonly<Record<string, Binary<never>>> = {
  '_==_': equality(true),
  '_!=_': equality(false),
  '_<_': comparison(HOLDS['<']),
  '_<=_': comparison(HOLDS['<=']),
  '_>_': comparison(HOLDS['>']),
  '_>=_': comparison(HOLDS['>=']),
  '@in': membership,
}

const negation =
  <F>(of: Run<F>): Run<F> =>
  (frame) => {
    const value = of(frame)
    if (typeof value === 'boolean') return !value
    if (isVoid(value)) return value
    return value === null ? FAULT.absent : FAULT.no_overload
  }

/** The literal pattern of `matches` is compiled once; text and pattern together say what a match costs. */
const matching = <F>(text: Run<F>, pattern: string): Run<F> => {
  const parsed = parseRegex(pattern)
  if (!parsed.ok) return () => FAULT.pattern
  const { regex } = parsed
  return (frame) => {
    const value = text(frame)
    if (typeof value !== 'string') return isVoid(value) ? value : value === null ? FAULT.absent : FAULT.no_overload
    return spend(frame, (value.length * regex.size) >> 3) ? regex.matches(value) : FAULT.budget
  }
}

/** Evaluates every argument; a value that is void is the answer, and what is unknown before what failed. */
const strict = <F>(args: readonly Run<F>[], call: (values: readonly Value[]) => Value): Run<F> => {
  return (frame) => {
    const values: Value[] = []
    let empty: Value = true
    let size = 1
    for (const arg of args) {
      const value = arg(frame)
      if (isVoid(value)) empty = leastKnown(empty, value)
      size += sizeOf(value)
      values.push(value)
    }
    if (isVoid(empty)) return empty
    return spend(frame, size) ? bounded(call(values)) : FAULT.budget
  }
}

const overloadsOf = <F>(
  compiling: Compiling<F>,
  expr: Call,
  local: Slot | null,
): { readonly overloads: readonly Overload[]; readonly spaced: boolean } => {
  const { library } = compiling
  const name = expr.target === null ? null : namespaced(expr.target, expr.name, (each) => slotOf(each, local) !== null)
  if (name !== null && Object.hasOwn(library, name)) return { overloads: library[name] as readonly Overload[], spaced: true }
  const all = Object.hasOwn(library, expr.name) ? (library[expr.name] as readonly Overload[]) : []
  return { overloads: all.filter(({ method }) => method === (expr.target !== null)), spaced: false }
}

const compileBuiltin = <F>(name: string, args: readonly Compiled<F>[]): Run<F> | null => {
  const [first, second] = args
  if (first === undefined) return null
  if (name === '!_') return negation(first.run)
  if (second === undefined || args.length > 2) return null
  if (Object.hasOwn(OPERATORS, name))
    return (OPERATORS[name] as unknown as Binary<F>)(first.run, second.run, { right: second.constant })
  return name === 'matches' && typeof second.constant === 'string' ? matching(first.run, second.constant) : null
}

const typeOfValue = (values: readonly Value[]): Value => ({ kind: 'type', name: typeNameOf(values[0] as Value) })

const compileOverloads = <F>(args: readonly Compiled<F>[], overloads: readonly Overload[], name: string): Run<F> => {
  const fitting = overloads.filter(({ params }) => params.length === args.length)
  const runs = args.map(({ run }) => run)
  if (name === 'type' && args.length === 1) return strict(runs, typeOfValue)
  return strict(runs, overloads.length === 0 ? () => FAULT.undeclared : (values) => dispatch(fitting, values))
}

export const compileCall = <F>(compiling: Compiling<F>, expr: Call, local: Slot | null): Compiled<F> => {
  const { overloads, spaced } = overloadsOf(compiling, expr, local)
  const parts = expr.target === null || spaced ? expr.args : [expr.target, ...expr.args]
  const args = parts.map((part) => compiling.compile(part, local))
  const run = compileBuiltin(expr.name, args) ?? compileOverloads(args, overloads, expr.name)
  if (args.some((arg) => arg.constant === undefined)) return { run }
  // What depends on nothing is computed once: texts of instants, networks and the like.
  const value = run({ input: undefined as F, steps: 10_000, slots: [] })
  return isVoid(value) ? { run } : constant(value)
}
