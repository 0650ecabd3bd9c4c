import { closest } from '../lib/closest.ts'
import { type Checking, type Local, localOf } from './checking.ts'
import type { At, Expr, Index, Select } from './syntax.ts'
import { BOOL, DYN, formatType, INT, optionalOf, type Type, TYPE_NAMES, typeOf } from './type.ts'
import { settle } from './unify.ts'
import { pathOf } from './vocabulary.ts'

const isLocalIn = (local: Local | null) => (name: string) => localOf(name, local) !== null

/** "Did you mean 'x'?", or what there is. */
export const suggestion = (name: string, candidates: readonly string[], otherwise: string): string => {
  const near = closest(name, candidates)
  if (near !== null) return `Did you mean '${near}'?`
  return candidates.length === 0 ? otherwise : `There are: ${candidates.slice(0, 16).join(', ')}.`
}

/** Why a path that names no variable names nothing; null when it may be a value with fields. */
const refusePath = (checking: Checking, at: At, path: readonly string[]): Type | null => {
  const { vocabulary, report } = checking
  const instead = vocabulary.instead(path)
  if (instead !== null) return report('if.undeclared', at, { message: `${path.join('.')} is not offered`, help: instead })
  const members = vocabulary.members(path)
  if (members !== null) {
    const help = members.length === 0 ? 'Nothing of it is declared here.' : `It has: ${members.slice(0, 24).join(', ')}.`
    return report('if.undeclared', at, { message: `${path.join('.')} is no value; name something of it`, help })
  }
  const above = path.slice(0, -1)
  const siblings = vocabulary.members(above)
  if (siblings === null || (above.length === 0 && path.length > 1)) return null
  const name = path.at(-1) as string
  const message = above.length === 0 ? `nothing is called ${name}` : `${above.join('.')} has no ${name}`
  return report('if.undeclared', at, { message, help: suggestion(name, siblings, 'Nothing of it is declared here.') })
}

const lastStep = (expr: Expr): At => {
  if (expr.op === 'select') return expr.fieldAt
  return expr.op === 'index' ? expr.index : expr
}

/** The type of what a path names: a variable, or a type as a value. Null when it names nothing and nothing was reported. */
export const checkName = (checking: Checking, expr: Expr, local: Local | null): Type | null => {
  const path = pathOf(expr, isLocalIn(local))
  if (path === null) return null
  const variable = checking.vocabulary.variable(path)
  if (variable !== null) return variable.type
  const named = expr.op === 'index' ? undefined : path.join('.')
  if (named !== undefined && Object.hasOwn(TYPE_NAMES, named)) return typeOf(TYPE_NAMES[named] as Type)
  return refusePath(checking, lastStep(expr), path)
}

/** What a type holds under a text key; null: it has no fields. */
const fieldOf = (type: Type): Type | null => {
  if (type.is === 'map') return type.value
  return type.is === 'dyn' || type.is === 'error' || type.is === 'param' ? DYN : null
}

const heldBy = (type: Type): Type | null =>
  type.is === 'opaque' && type.name === 'optional_type' ? (type.params[0] as Type) : null

interface Access {
  readonly optional: boolean
  readonly at: At
  /** What the container gives for a key; null when it cannot be asked. */
  readonly of: (container: Type) => Type | null
  readonly what: string
}

const readsPart = (checking: Checking, container: Type, access: Access): Type => {
  const held = heldBy(container)
  const found = access.of(checking.types.apply(held ?? container))
  if (found === null) {
    return checking.report('if.type', access.at, {
      message: `${formatType(settle(held ?? container))} has no ${access.what}`,
      help: 'Only maps have fields, only lists and maps are indexed.',
    })
  }
  return held !== null || access.optional ? optionalOf(found) : found
}

/** A field of a map, or a step of a name. */
export const checkSelect = (checking: Checking, expr: Select, local: Local | null): Type => {
  const named = checkName(checking, expr, local)
  const wrapped = named === null ? partOfSelect(checking, expr, local) : named
  if (expr.test) return BOOL
  return named !== null && expr.optional ? optionalOf(unwrapped(named)) : wrapped
}

const unwrapped = (type: Type): Type => (type.is === 'wrapper' ? type.of : type)

const partOfSelect = (checking: Checking, expr: Select, local: Local | null): Type => {
  const container = checking.types.apply(checking.typeOf(expr.of, local))
  return readsPart(checking, container, { optional: expr.optional, at: expr.fieldAt, of: fieldOf, what: `field ${expr.field}` })
}

const itemOf =
  (checking: Checking, index: Type) =>
  (container: Type): Type | null => {
    if (container.is === 'wrapper') return itemOf(checking, index)(container.of)
    if (container.is === 'list') return checking.types.assign(INT, index) ? container.of : null
    if (container.is === 'map') return checking.types.assign(container.key, index) ? container.value : null
    return container.is === 'dyn' || container.is === 'error' || container.is === 'param' ? DYN : null
  }

export const checkIndex = (checking: Checking, expr: Index, local: Local | null): Type => {
  const named = expr.optional ? null : checkName(checking, expr, local)
  if (named !== null) return named
  const container = checking.types.apply(checking.typeOf(expr.of, local))
  const index = checking.types.apply(checking.typeOf(expr.index, local))
  const what = `item at ${formatType(settle(index))}`
  return readsPart(checking, container, { optional: expr.optional, at: expr.index, of: itemOf(checking, index), what })
}
