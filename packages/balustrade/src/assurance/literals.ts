import type { Formula, RuleImage, Spec } from '@balustrade/core/kit'

/** A condition as a rule writes it, wherever in the rule it stands. */
export interface Literal {
  /** `place.key`. */
  readonly is: string
  readonly spec: Spec
  readonly negated: boolean
}

const read = (formula: Formula | null, negated: boolean): readonly Literal[] => {
  if (formula === null || 'never' in formula) return []
  if ('is' in formula) return [{ is: formula.is, spec: formula.spec, negated }]
  if ('not' in formula) return read(formula.not, !negated)
  return ('all' in formula ? formula.all : formula.any).flatMap((part) => read(part, negated))
}

/** Every condition of a formula. */
export const literalsIn = (formula: Formula | null): readonly Literal[] => read(formula, false)

/** Every condition of a rule. */
export const literalsOf = ({ who, what, when, how }: RuleImage): readonly Literal[] =>
  [who, what, when, how].flatMap((formula) => literalsIn(formula))

/** The texts of a spec that is one value or a list. */
export const textsOf = (spec: Spec): readonly string[] =>
  (Array.isArray(spec) ? (spec as readonly Spec[]) : [spec]).flatMap((value) => (typeof value === 'string' ? [value] : []))

/** The texts written for one condition, anywhere in some rules. */
export const textsFor = (literals: readonly Literal[], is: string): readonly string[] => [
  ...new Set(literals.filter((literal) => literal.is === is).flatMap(({ spec }) => textsOf(spec))),
]
