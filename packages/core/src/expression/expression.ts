// Expressions: the Common Expression Language with a front end of our own. Knows values and names that are handed in; never HTTP, YAML or policy.
import { valueFaults } from './check-values.ts'
import { check } from './checker.ts'
import { compile, type Evaluate } from './compiler.ts'
import { constantFaults } from './constants.ts'
import { parse } from './parser.ts'
import type { Language } from './language.ts'
import type { Expr, ExpressionFault } from './syntax.ts'
import { BOOL, formatType, type Type, wrapperOf } from './type.ts'
import { createSubstitution } from './unify.ts'
import { zonesOf } from './zones.ts'
import type { Vocabulary } from './vocabulary.ts'

export type Opened =
  | { readonly ok: true; readonly expr: Expr; readonly type: Type }
  | { readonly ok: false; readonly faults: readonly ExpressionFault[] }

/** Reads and checks an expression; all faults of its types at once, but only the first of its syntax. Never throws. */
export const openExpression = <F>(text: string, { vocabulary, library }: Language<F>): Opened => {
  const parsed = parse(text)
  if (!parsed.ok) return { ok: false, faults: [parsed.fault] }
  const { type, faults } = check(parsed.expr, vocabulary as Vocabulary<never>, library)
  return faults.length === 0 ? { ok: true, expr: parsed.expr, type } : { ok: false, faults }
}

/** What is wrong with an expression that must be true or false; empty: nothing. */
export const faultsOfCondition = <F>(text: string, language: Language<F>): readonly ExpressionFault[] => {
  const opened = openExpression(text, language)
  if (!opened.ok) return opened.faults
  const { expr, type } = opened
  const faults = [...zonesOf(expr).faults, ...valueFaults(expr, language.vocabulary), ...constantFaults(expr, language)]
  if (!createSubstitution().assign(wrapperOf(BOOL), type)) {
    const message = `a condition is true or false, and this is ${formatType(type)}`
    faults.push({ code: 'if.type', from: expr.from, to: expr.to, message, help: 'Compare it with something: ==, !=, <, in.' })
  }
  return faults.toSorted((a, b) => a.from - b.from)
}

/** Compiles a text that was checked before; null when it cannot be read. */
export const compileExpression = <F>(text: string, { vocabulary, library }: Language<F>): Evaluate<F> | null => {
  const parsed = parse(text)
  return parsed.ok ? compile(parsed.expr, { vocabulary, library, onValue: null }) : null
}
