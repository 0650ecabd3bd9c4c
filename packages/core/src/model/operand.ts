import type { CompileScope } from './condition.ts'
import type { Facts } from './fact.ts'

/** `$name`, or `provider/$name`. */
const CAPTURED = /^([^\s/$]+\/)?\$([a-z][a-z0-9_-]{0,63})$/

/** The values a condition names: as written, and those a request binds by `$name`. */
export interface Operands {
  readonly literals: ReadonlySet<string>
  readonly bound: readonly ((facts: Facts) => string | undefined)[]
}

/** Names that written values compare with. */
export const comparedNames = (values: readonly unknown[]): readonly string[] =>
  values.flatMap((value) => (typeof value === 'string' ? (CAPTURED.exec(value)?.[2] ?? []) : []))

const bind = (value: string, scope: CompileScope): ((facts: Facts) => string | undefined) | null => {
  const match = CAPTURED.exec(value)
  if (match === null) return null
  const prefix = match[1] ?? ''
  // Nobody captures it: an error of the document, and never equal to anything here.
  const read = scope.capture(match[2] as string) ?? (() => undefined)
  return (facts) => {
    const captured = read(facts)
    return captured === undefined ? undefined : prefix + captured
  }
}

export const operandsOf = (values: readonly string[], scope: CompileScope): Operands => {
  const bound = values.map((value) => bind(value, scope))
  return { literals: new Set(values.filter((_, i) => bound[i] === null)), bound: bound.filter((read) => read !== null) }
}

/** 1: one of the operands is among the values; 0: none is; -1: none is, but a `$name` is bound to nothing by this request. */
export const among = (operands: Operands, has: (value: string) => boolean, facts: Facts): 1 | 0 | -1 => {
  for (const literal of operands.literals) if (has(literal)) return 1
  let open = false
  for (const read of operands.bound) {
    const value = read(facts)
    if (value === undefined) open = true
    else if (has(value)) return 1
  }
  return open ? -1 : 0
}

/** The same for a single value. */
export const equalsOne = (operands: Operands, value: string, facts: Facts): 1 | 0 | -1 => {
  if (operands.literals.has(value)) return 1
  return operands.bound.length === 0 ? 0 : among({ ...operands, literals: new Set() }, (other) => other === value, facts)
}
