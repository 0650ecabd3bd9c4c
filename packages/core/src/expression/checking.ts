import type { Library } from './signature.ts'
import type { At, Expr } from './syntax.ts'
import type { Type } from './type.ts'
import type { Substitution } from './unify.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Local names and their types, innermost first. */
export interface Local {
  readonly name: string
  readonly type: Type
  readonly outer: Local | null
}

export interface Checking {
  readonly vocabulary: Vocabulary<never>
  readonly library: Library
  readonly types: Substitution
  readonly report: (code: string, at: At, texts: { readonly message: string; readonly help: string }) => Type
  readonly typeOf: (expr: Expr, local: Local | null) => Type
}

export const localOf = (name: string, local: Local | null): Local | null => {
  for (let here = local; here !== null; here = here.outer) if (here.name === name) return here
  return null
}
