import { suggestion } from './check-path.ts'
import type { Call, Expr, ExpressionFault } from './syntax.ts'
import { callsOf } from './names.ts'
import { pathOf, type Vocabulary } from './vocabulary.ts'

const COMPARES = new Set(['_==_', '_!=_', '@in'])

const textsOf = (expr: Expr): readonly Expr[] => (expr.op === 'list' ? expr.items.map(({ value }) => value) : [expr])

const checkCall = <F>(call: Call, vocabulary: Vocabulary<F>): readonly ExpressionFault[] => {
  const [left, right] = call.args as readonly [Expr, Expr]
  return [
    [left, right],
    [right, left],
  ].flatMap(([named, written]) => {
    const path = pathOf(named as Expr, () => false)
    const values = path === null ? null : (vocabulary.variable(path)?.values ?? null)
    if (path === null || values === null) return []
    return textsOf(written as Expr).flatMap((expr) => checkText(expr, path, values))
  })
}

const checkText = (expr: Expr, path: readonly string[], values: readonly string[]): readonly ExpressionFault[] => {
  if (expr.op !== 'literal' || typeof expr.value !== 'string' || values.includes(expr.value)) return []
  const message = `${path.join('.')} never has the value '${expr.value}'`
  const help = suggestion(expr.value, values, 'No such name is declared.')
  return [{ code: 'if.value', from: expr.from, to: expr.to, message, help }]
}

/** Texts that are compared with a variable of fixed values and are none of them: a misspelt name would be no error otherwise. */
export const valueFaults = <F>(expr: Expr, vocabulary: Vocabulary<F>): readonly ExpressionFault[] =>
  callsOf(expr).flatMap((call) => (COMPARES.has(call.name) ? checkCall(call, vocabulary) : []))
