import type { Value } from './value.ts'

/** A stretch of the text, in UTF-16 code units, end-exclusive. */
export interface At {
  readonly from: number
  readonly to: number
}

export interface Literal extends At {
  readonly op: 'literal'
  readonly value: Value
}
/** `rooted`: written with a leading dot, so that no local name hides it. */
export interface Ident extends At {
  readonly op: 'ident'
  readonly name: string
  readonly rooted: boolean
}
/** `optional`: `.?field`. `test`: the last step within `has()`. */
export interface Select extends At {
  readonly op: 'select'
  readonly of: Expr
  readonly field: string
  readonly fieldAt: At
  readonly optional: boolean
  readonly test: boolean
}
export interface Index extends At {
  readonly op: 'index'
  readonly of: Expr
  readonly index: Expr
  readonly optional: boolean
}
/** Operators are calls of `_+_`, `!_`, `@in` and the like. */
export interface Call extends At {
  readonly op: 'call'
  readonly name: string
  readonly nameAt: At
  readonly target: Expr | null
  readonly args: readonly Expr[]
}
export interface ListItem {
  readonly value: Expr
  readonly optional: boolean
}
export interface ListExpr extends At {
  readonly op: 'list'
  readonly items: readonly ListItem[]
}
export interface MapItem {
  readonly key: Expr
  readonly value: Expr
  readonly optional: boolean
}
export interface MapExpr extends At {
  readonly op: 'map'
  readonly entries: readonly MapItem[]
}
/** `Name{…}` of a message type: read so that it can be refused with words of its own. */
export interface Message extends At {
  readonly op: 'message'
  readonly fields: readonly Expr[]
}
/** `&&` and `||` over two or more. */
export interface Logic extends At {
  readonly op: 'and' | 'or'
  readonly parts: readonly Expr[]
}
export interface Choice extends At {
  readonly op: 'choice'
  readonly test: Expr
  readonly met: Expr
  readonly otherwise: Expr
}
export type LoopKind = 'all' | 'exists' | 'existsOne' | 'list' | 'map' | 'mapEntry'
/** One name: the item of a list or the key of a map. Two: index and item, or key and value. */
export interface Loop extends At {
  readonly op: 'loop'
  readonly kind: LoopKind
  readonly range: Expr
  readonly names: readonly string[]
  readonly where: Expr | null
  readonly body: Expr
}
/** `cel.bind`; `optional` are optMap and optFlatMap: the name stands for the value that the optional holds. */
export interface Bind extends At {
  readonly op: 'bind'
  readonly optional: 'no' | 'map' | 'flat'
  readonly name: string
  readonly value: Expr
  readonly body: Expr
}

export type Expr = Literal | Ident | Select | Index | Call | ListExpr | MapExpr | Message | Logic | Choice | Loop | Bind

/** Everything directly below a node, in the order of the text. */
export const childrenOf = (expr: Expr): readonly Expr[] => {
  switch (expr.op) {
    case 'literal':
    case 'ident':
      return []
    case 'select':
      return [expr.of]
    case 'index':
      return [expr.of, expr.index]
    case 'call':
      return expr.target === null ? expr.args : [expr.target, ...expr.args]
    default:
      return childrenOfGroup(expr)
  }
}

const childrenOfGroup = (expr: ListExpr | MapExpr | Message | Logic | Choice | Loop | Bind): readonly Expr[] => {
  switch (expr.op) {
    case 'list':
      return expr.items.map((item) => item.value)
    case 'map':
      return expr.entries.flatMap((entry) => [entry.key, entry.value])
    case 'message':
      return expr.fields
    case 'and':
    case 'or':
      return expr.parts
    case 'choice':
      return [expr.test, expr.met, expr.otherwise]
    case 'loop':
      return expr.where === null ? [expr.range, expr.body] : [expr.range, expr.where, expr.body]
    case 'bind':
      return [expr.value, expr.body]
  }
}

/** What is wrong with an expression, where, and what to do about it. */
export interface ExpressionFault extends At {
  readonly code: string
  readonly message: string
  readonly help: string
}
