import type { Expr } from './syntax.ts'
import type { Type } from './type.ts'
import type { Value } from './value.ts'

/** A name that stands for a value of what is judged. */
export interface Variable<F> {
  readonly type: Type
  /** Never throws. UNKNOWN where the source did not tell; null where it told that there is none. */
  readonly read: (input: F) => Value
  /** What is read, in the words of whoever made the vocabulary. */
  readonly source: string
  /** Every text it can be, or hold; left out: any. */
  readonly values?: readonly string[]
}

/** Everything an expression may name, handed in by whoever knows what is judged. */
export interface Vocabulary<F> {
  /** The variable that exactly these steps name; null: none. Steps are as written: `a.b['c d']` is a, b, c d. */
  readonly variable: (path: readonly string[]) => Variable<F> | null
  /** Names offered after these steps, where they are a group of variables and no value; null otherwise. `[]`: the roots. */
  readonly members: (path: readonly string[]) => readonly string[] | null
  /** What to do instead, for a name that is not offered for a reason; null: it is not known at all. */
  readonly instead: (path: readonly string[]) => string | null
}

/** Local names hide those of the vocabulary. */
export type IsLocal = (name: string) => boolean

/** Longer paths name nothing: whoever follows them need not look to their end. */
const MOST_STEPS = 16

/** The steps of `a.b['c']`, when its root is no local name. Null for anything else. */
export const pathOf = (expr: Expr, isLocal: IsLocal): readonly string[] | null => {
  const names: string[] = []
  let here = expr
  while (here.op !== 'ident') {
    const step = stepOf(here)
    if (step === null || names.length === MOST_STEPS) return null
    names.push(step.name)
    here = step.of
  }
  return !here.rooted && isLocal(here.name) ? null : [here.name, ...names.toReversed()]
}

/** The last step of a path. What follows an optional step is no name, but is asked of an optional. */
const stepOf = (expr: Expr): { readonly of: Expr; readonly name: string } | null => {
  if (expr.op === 'select') return expr.of.op === 'select' && expr.of.optional ? null : { of: expr.of, name: expr.field }
  if (expr.op !== 'index' || expr.optional || expr.index.op !== 'literal') return null
  const { value } = expr.index
  return typeof value === 'string' ? { of: expr.of, name: value } : null
}

/** The name of a function of a namespace, such as `math.greatest`; null when the target is a value. */
export const namespaced = (target: Expr, name: string, isLocal: IsLocal): string | null => {
  const path = target.op === 'ident' || target.op === 'select' ? pathOf(target, isLocal) : null
  return path === null ? null : `${path.join('.')}.${name}`
}
