import { checkCall } from './check-call.ts'
import { checkIndex, checkName, checkSelect } from './check-path.ts'
import { formatType, type Type } from './type.ts'
import { BOOL, BYTES, DOUBLE, DYN, ERROR, INT, listOf, mapOf, NULL, optionalOf, STRING, UINT } from './type.ts'
import { type Checking, type Local, localOf } from './checking.ts'
import type { Library } from './signature.ts'
import type { Bind, Expr, ExpressionFault, ListExpr, Loop, MapExpr } from './syntax.ts'
import { createSubstitution, settle } from './unify.ts'
import { kindOf, type Kind } from './value.ts'
import type { Vocabulary } from './vocabulary.ts'

const LITERALS: Readonly<Partial<Record<Kind, Type>>> = {
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  null: NULL,
}

/** Reports a value of another type than is needed at its place. */
const wantBool = (checking: Checking, expr: Expr, local: Local | null): void => {
  const found = checking.types.apply(checking.typeOf(expr, local))
  if (checking.types.assign(BOOL, found)) return
  checking.report('if.type', expr, {
    message: `a condition is true or false, and this is ${formatType(settle(found))}`,
    help: 'Compare it with something: ==, !=, <, in.',
  })
}

const optionalValue = (checking: Checking, expr: Expr, local: Local | null): Type => {
  const found = checking.typeOf(expr, local)
  const [held] = checking.types.fresh([{ is: 'param', name: 'O' }]) as readonly [Type]
  if (checking.types.assign(optionalOf(held), found)) return checking.types.apply(held)
  return checking.report('if.type', expr, {
    message: `an optional is needed here, and this is ${formatType(settle(found))}`,
    help: 'Write a ? before entries that have optional values only, such as m.?field or optional.of(x).',
  })
}

const entryType = (checking: Checking, item: { readonly value: Expr; readonly optional: boolean }, local: Local | null): Type =>
  item.optional ? optionalValue(checking, item.value, local) : checking.typeOf(item.value, local)

const joinAll = (checking: Checking, types: readonly Type[]): Type => {
  const [first, ...rest] = types
  if (first === undefined) return checking.types.fresh([{ is: 'param', name: 'E' }])[0] as Type
  return rest.reduce((joined, type) => checking.types.join(joined, type), first)
}

const checkList = (checking: Checking, expr: ListExpr, local: Local | null): Type =>
  listOf(
    joinAll(
      checking,
      expr.items.map((item) => entryType(checking, item, local)),
    ),
  )

const KEYS = new Set(['string', 'int', 'uint', 'bool', 'dyn', 'error', 'param'])

const checkMap = (checking: Checking, expr: MapExpr, local: Local | null): Type => {
  const keys = expr.entries.map(({ key }) => {
    const type = checking.types.apply(checking.typeOf(key, local))
    if (KEYS.has(type.is)) return type
    return checking.report('if.type', key, {
      message: `a key of a map cannot be ${formatType(settle(type))}`,
      help: 'Keys are text, integers or bool.',
    })
  })
  return mapOf(
    joinAll(checking, keys),
    joinAll(
      checking,
      expr.entries.map((entry) => entryType(checking, entry, local)),
    ),
  )
}

const checkChoice = (checking: Checking, expr: Expr & { readonly op: 'choice' }, local: Local | null): Type => {
  wantBool(checking, expr.test, local)
  const then = checking.typeOf(expr.met, local)
  const otherwise = checking.typeOf(expr.otherwise, local)
  const [both] = checking.types.fresh([{ is: 'param', name: 'C' }]) as readonly [Type]
  if (checking.types.assignAll([both, both], [then, otherwise])) return checking.types.apply(both)
  const [a, b] = [then, otherwise].map((type) => formatType(settle(checking.types.apply(type))))
  return checking.report('if.type', expr.otherwise, {
    message: `one branch is ${a} and the other ${b}`,
    help: 'Give both branches one type, for example by string(x) or int(x).',
  })
}

/** Types of the names of a loop; null when the range is neither list nor map. */
const namesOf = (range: Type, count: number): readonly Type[] | null => {
  if (range.is === 'wrapper') return namesOf(range.of, count)
  if (range.is === 'list') return count === 1 ? [range.of] : [INT, range.of]
  if (range.is === 'map') return count === 1 ? [range.key] : [range.key, range.value]
  return range.is === 'dyn' || range.is === 'error' || range.is === 'param' ? [DYN, DYN].slice(0, count) : null
}

const resultOfLoop = (checking: Checking, expr: Loop, local: { names: readonly Type[]; inner: Local | null }): Type => {
  if (expr.kind === 'all' || expr.kind === 'exists' || expr.kind === 'existsOne') {
    wantBool(checking, expr.body, local.inner)
    return BOOL
  }
  const body = checking.typeOf(expr.body, local.inner)
  if (expr.kind === 'list') return listOf(body)
  if (expr.kind === 'map') return mapOf(local.names[0] as Type, body)
  const [key, value] = checking.types.fresh([
    { is: 'param', name: 'K' },
    { is: 'param', name: 'V' },
  ]) as readonly [Type, Type]
  if (checking.types.assign(mapOf(key, value), body)) return mapOf(key, value)
  return checking.report('if.type', expr.body, {
    message: 'transformMapEntry needs a map of one entry',
    help: 'Write {key: value} as its last argument.',
  })
}

const checkLoop = (checking: Checking, expr: Loop, local: Local | null): Type => {
  const range = checking.types.apply(checking.typeOf(expr.range, local))
  const names = namesOf(range, expr.names.length)
  if (names === null) {
    return checking.report('if.type', expr.range, {
      message: `this goes over a list or a map, and not over ${formatType(settle(range))}`,
      help: 'For one value write the condition itself; for text see contains, startsWith and matches.',
    })
  }
  const inner = expr.names.reduce<Local | null>((outer, name, i) => ({ name, type: names[i] as Type, outer }), local)
  if (expr.where !== null) wantBool(checking, expr.where, inner)
  return resultOfLoop(checking, expr, { names, inner })
}

const checkBind = (checking: Checking, expr: Bind, local: Local | null): Type => {
  const type = expr.optional === 'no' ? checking.typeOf(expr.value, local) : optionalValue(checking, expr.value, local)
  const inner = { name: expr.name, type, outer: local }
  if (expr.optional !== 'flat') {
    const body = checking.typeOf(expr.body, inner)
    return expr.optional === 'no' ? body : optionalOf(body)
  }
  return optionalOf(optionalValue(checking, expr.body, inner))
}

const checkIdent = (checking: Checking, expr: Expr & { readonly op: 'ident' }, local: Local | null): Type => {
  const found = expr.rooted ? null : localOf(expr.name, local)
  return found?.type ?? checkName(checking, expr, local) ?? ERROR
}

const checkGroup = (checking: Checking, expr: Expr, local: Local | null): Type => {
  switch (expr.op) {
    case 'list':
      return checkList(checking, expr, local)
    case 'map':
      return checkMap(checking, expr, local)
    case 'loop':
      return checkLoop(checking, expr, local)
    case 'bind':
      return checkBind(checking, expr, local)
    case 'message':
      for (const field of expr.fields) checking.typeOf(field, local)
      return checking.report('if.message', expr, {
        message: 'there are no messages here',
        help: 'Write a map: {"name": value}.',
      })
    case 'choice':
      return checkChoice(checking, expr, local)
    default:
      return ERROR
  }
}

const checkOne = (checking: Checking, expr: Expr, local: Local | null): Type => {
  switch (expr.op) {
    case 'literal':
      return LITERALS[kindOf(expr.value)] as Type
    case 'ident':
      return checkIdent(checking, expr, local)
    case 'select':
      return checkSelect(checking, expr, local)
    case 'index':
      return checkIndex(checking, expr, local)
    case 'call':
      return checkCall(checking, expr, local)
    case 'and':
    case 'or':
      for (const part of expr.parts) wantBool(checking, part, local)
      return BOOL
    default:
      return checkGroup(checking, expr, local)
  }
}

export interface Checked {
  readonly type: Type
  /** In the order of the text. Empty: the expression may be evaluated. */
  readonly faults: readonly ExpressionFault[]
}

/** Finds the type of an expression and everything that is wrong with its types and names. Never throws. */
export const check = (expr: Expr, vocabulary: Vocabulary<never>, library: Library): Checked => {
  const faults: ExpressionFault[] = []
  const checking: Checking = {
    vocabulary,
    library,
    types: createSubstitution(),
    report: (code, at, texts) => {
      faults.push({ code, from: at.from, to: at.to, ...texts })
      return ERROR
    },
    typeOf: (part, local) => checkOne(checking, part, local),
  }
  const type = settle(checking.types.apply(checkOne(checking, expr, null)))
  return { type, faults: faults.toSorted((a, b) => a.from - b.from) }
}
