import { compile } from './compiler.ts'
import { formatValue } from './format-value.ts'
import type { Language } from './language.ts'
import { parse } from './parser.ts'
import { childrenOf, type Expr } from './syntax.ts'
import type { Value } from './value.ts'

/** A part of an expression and its value in words. `depth` 0: the whole. */
export interface Step {
  readonly text: string
  readonly value: string
  readonly depth: number
}

const MOST_STEPS = 64

/** Parts whose value says something: literals speak for themselves. */
const saysMore = (expr: Expr): boolean =>
  expr.op !== 'literal' && !(expr.op === 'list' && expr.items.every(({ value }) => value.op === 'literal'))

/**
 * The value of every part, from the whole to the parts, in the order of the text. A part that was not needed is left out; of a
 * part that was computed several times, within a loop, the last value stands. For people: slow, and it changes no answer.
 */
export const createTrace = <F>(text: string, { vocabulary, library }: Language<F>): ((input: F) => readonly Step[]) => {
  const parsed = parse(text)
  if (!parsed.ok) return () => []
  const values = new Map<Expr, Value>()
  const evaluate = compile(parsed.expr, { vocabulary, library, onValue: (expr, value) => values.set(expr, value) })
  const steps: Step[] = []
  const visit = (expr: Expr, depth: number): void => {
    const value = values.get(expr)
    if (value !== undefined && saysMore(expr) && steps.length < MOST_STEPS) {
      steps.push({ text: text.slice(expr.from, expr.to).replace(/\s+/g, ' '), value: formatValue(value), depth })
    }
    for (const child of childrenOf(expr)) visit(child, depth + 1)
  }
  return (input) => {
    values.clear()
    steps.length = 0
    evaluate(input)
    visit(parsed.expr, 0)
    return [...steps]
  }
}
