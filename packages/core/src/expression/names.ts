import type { Call, Expr } from './syntax.ts'
import { childrenOf } from './syntax.ts'
import { pathOf, type Variable, type Vocabulary } from './vocabulary.ts'

/** Goes through an expression with the local names at each place; false from `visit`: not below this node. */
const walk = (expr: Expr, locals: readonly string[], visit: (expr: Expr, locals: readonly string[]) => boolean): void => {
  if (!visit(expr, locals)) return
  if (expr.op === 'loop') {
    const inner = [...locals, ...expr.names]
    walk(expr.range, locals, visit)
    for (const part of expr.where === null ? [expr.body] : [expr.where, expr.body]) walk(part, inner, visit)
  } else if (expr.op === 'bind') {
    walk(expr.value, locals, visit)
    walk(expr.body, [...locals, expr.name], visit)
  } else for (const child of childrenOf(expr)) walk(child, locals, visit)
}

export interface Named<F> {
  readonly path: readonly string[]
  readonly variable: Variable<F>
}

/** Every variable an expression reads, wherever it stands in it. */
export const variablesOf = <F>(expr: Expr, vocabulary: Vocabulary<F>): readonly Named<F>[] => {
  const found: Named<F>[] = []
  walk(expr, [], (part, locals) => {
    const path = pathOf(part, (name) => locals.includes(name))
    const variable = path === null ? null : vocabulary.variable(path)
    if (path === null || variable === null) return true
    found.push({ path, variable })
    return false
  })
  return found
}

/** Every call of a function or operator. */
export const callsOf = (expr: Expr): readonly Call[] => {
  const found: Call[] = []
  walk(expr, [], (part) => {
    if (part.op === 'call') found.push(part)
    return true
  })
  return found
}
