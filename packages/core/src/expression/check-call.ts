import { type Checking, type Local, localOf } from './checking.ts'
import { suggestion } from './check-path.ts'
import type { Overload } from './signature.ts'
import type { Call } from './syntax.ts'
import { formatType, partsOf, type Type } from './type.ts'
import { settle } from './unify.ts'
import { namespaced } from './vocabulary.ts'

interface Found {
  readonly name: string
  readonly overloads: readonly Overload[]
  /** The target is a namespace and no argument. */
  readonly spaced: boolean
}

const findFunction = (checking: Checking, expr: Call, local: Local | null): Found => {
  const { library } = checking
  if (expr.target !== null) {
    const name = namespaced(expr.target, expr.name, (each) => localOf(each, local) !== null)
    if (name !== null && Object.hasOwn(library, name))
      return { name, overloads: library[name] as readonly Overload[], spaced: true }
  }
  const overloads = Object.hasOwn(library, expr.name) ? (library[expr.name] as readonly Overload[]) : []
  return { name: expr.name, overloads: overloads.filter(({ method }) => method === (expr.target !== null)), spaced: false }
}

const OPERATOR = /^(?:_(\S+)_|(\S+)_|@(in))$/

/** How a function is called in words: `+`, `in`, or its name with parentheses. */
const spell = (name: string): string => {
  const match = OPERATOR.exec(name)
  return match === null ? `${name}()` : (match[1] ?? match[2] ?? (match[3] as string))
}

const NUMBERS = new Set(['int', 'uint', 'double'])

const helpFor = (name: string, args: readonly Type[]): string => {
  const names = args.map(formatType)
  const plain = args.map((type) => (type.is === 'wrapper' ? type.of.is : type.is))
  if (plain.includes('string') && plain.some((is) => NUMBERS.has(is)))
    return 'Numbers and text never mix: write string(x), or int(x).'
  if (plain.every((is) => NUMBERS.has(is)) && args.length === 2)
    return 'Convert one side: int(x), uint(x) or double(x); 3.0 is a double, 3u a uint.'
  if (plain.includes('timestamp') && plain.includes('string')) return 'Write timestamp("2026-12-20T00:00:00Z").'
  if (plain.includes('duration') && plain.includes('string')) return 'Write duration("15m").'
  if (name === '@in') return 'On the right of `in` stands a list of such values, or a map with such keys.'
  return `It is given ${names.join(' and ')}.`
}

const refuseName = (checking: Checking, expr: Call, found: Found): Type => {
  const { library, report } = checking
  const other = Object.hasOwn(library, expr.name) ? (library[expr.name] as readonly Overload[]) : []
  if (other.length > 0) {
    const help = expr.target === null ? `Write it after a dot: x.${expr.name}(…).` : `Write ${expr.name}(x).`
    return report('if.call', expr.nameAt, { message: `${expr.name} is not called this way`, help })
  }
  const names = Object.keys(library).filter((name) => /^[a-z]/i.test(name))
  const help = suggestion(expr.name, names, '').replace(
    /^There are:.*$/,
    'The functions are listed in docs/reference/expressions.md.',
  )
  return report('if.call', expr.nameAt, { message: `there is no function ${found.name}`, help })
}

const PLAIN = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'])

/** Types of which it is seen at once that no value has both. */
const areApart = (a: Type, b: Type | undefined): boolean => b !== undefined && a.is !== b.is && PLAIN.has(a.is) && PLAIN.has(b.is)

const isSame = (a: Type, b: Type): boolean => {
  if (a.is !== b.is || (a.is === 'opaque' && b.is === 'opaque' && a.name !== b.name)) return false
  const others = partsOf(b)
  return partsOf(a).every((part, i) => isSame(part, others[i] as Type))
}

/** What one overload gives for these arguments; null when it does not take them. */
const resultOfOne = (checking: Checking, overload: Overload, args: readonly Type[]): Type | null => {
  if (overload.params.some((param, i) => areApart(param, args[i]))) return null
  const { types } = checking
  if (overload.fixed === true) return types.assignAll(overload.params, args) ? overload.result : null
  const [given, ...params] = types.fresh([overload.result, ...overload.params]) as readonly [Type, ...Type[]]
  return types.assignAll(params, args) ? types.apply(given) : null
}

/** What the overloads that take these arguments give; where they differ it is known when it is called. */
const resultOf = (checking: Checking, overloads: readonly Overload[], args: readonly Type[]): Type | null => {
  let result: Type | null = null
  for (const each of overloads) {
    const type = resultOfOne(checking, each, args)
    if (type === null) continue
    if (result !== null && !isSame(settle(result), settle(type))) return { is: 'dyn' }
    result = type
    // A parameter takes a plain type whatever it is: no other overload says more.
    if (each.fixed !== true && args.every(({ is }) => PLAIN.has(is))) return result
  }
  return result
}

export const checkCall = (checking: Checking, expr: Call, local: Local | null): Type => {
  const found = findFunction(checking, expr, local)
  const targets = expr.target === null || found.spaced ? [] : [expr.target]
  if (found.overloads.length === 0) {
    for (const arg of expr.args) checking.typeOf(arg, local)
    return refuseName(checking, expr, found)
  }
  const args = [...targets, ...expr.args].map((arg) => checking.types.apply(checking.typeOf(arg, local)))
  const fitting = found.overloads.filter(({ params }) => params.length === args.length)
  if (fitting.length === 0) {
    const counts = [...new Set(found.overloads.map(({ params }) => params.length - targets.length))]
      .toSorted((a, b) => a - b)
      .join(' or ')
    return checking.report('if.call', expr.nameAt, {
      message: `${spell(found.name)} takes ${counts} ${counts === '1' ? 'argument' : 'arguments'}, not ${expr.args.length}`,
      help: 'See docs/reference/expressions.md for what it does.',
    })
  }
  const result = resultOf(checking, fitting, args)
  if (result !== null) return result
  const settled = args.map((type) => settle(type))
  const shown = settled.map(formatType).join(args.length === 2 ? ' and ' : ', ')
  return checking.report('if.type', expr.nameAt, {
    message: `${spell(found.name)} does not take ${shown}`,
    help: helpFor(found.name, settled),
  })
}
