import type { Formula } from '../model/policy-image.ts'

type Is = Extract<Formula, { readonly is: string }>

/** True when whatever meets the formula meets, outside `not`, some condition that `holds` accepts. */
export const everyAlternative = (formula: Formula, holds: (is: Is) => boolean): boolean => {
  if ('is' in formula) return holds(formula)
  if ('all' in formula) return formula.all.some((part) => everyAlternative(part, holds))
  if ('any' in formula) return formula.any.every((part) => everyAlternative(part, holds))
  return false
}

/** The values, by key, that every alternative binds alike. */
export const boundAlways = (formula: Formula, of: (is: Is) => ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  if ('is' in formula) return of(formula)
  if ('all' in formula) return new Map(formula.all.flatMap((part) => [...boundAlways(part, of)]))
  if (!('any' in formula)) return new Map()
  const [first, ...rest] = formula.any.map((part) => boundAlways(part, of))
  return new Map([...(first ?? [])].filter(([name, where]) => rest.every((other) => other.get(name) === where)))
}
