import type { Formula, PolicyImage } from '../model/policy-image.ts'
import { type Facts, type Factor, type MfaLevel } from '../model/fact.ts'
import type { Remedy } from '../model/remedy.ts'
import { durationOf, LEVELS } from './reference-conditions.ts'

/** One thing of each kind that a caller may do. Ages in ms; null: of any age. */
export interface Attempt {
  readonly login: { readonly maxAge: number | null } | null
  readonly stepUp: { readonly level: MfaLevel; readonly maxAge: number | null } | null
  readonly acr: string | null
  readonly scopes: readonly string[]
}

const longAgo = (facts: Facts, maxAge: number | null): number => (maxAge === null ? 0 : facts.now - maxAge)

const listOf = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as readonly T[]) : [])

/** The facts of a caller who did no more than was asked: a login and a factor as old, and as weak, as was allowed. */
export const perform = (facts: Facts, { login, stepUp, acr, scopes }: Attempt): Facts => {
  const factor: readonly Factor[] = stepUp === null ? [] : [{ level: stepUp.level, at: longAgo(facts, stepUp.maxAge) }]
  const held = facts.scopes instanceof Set ? [...(facts.scopes as ReadonlySet<string>)] : []
  return {
    ...facts,
    loginAt: login === null ? facts.loginAt : longAgo(facts, login.maxAge),
    factors: factor.length === 0 ? facts.factors : [...listOf<Factor>(facts.factors), ...factor],
    acr: acr ?? facts.acr,
    scopes: scopes.length === 0 ? facts.scopes : new Set([...held, ...scopes]),
  }
}

/** Every attempt that does what a remedy says: one for each class of login it leaves open. */
export const attemptsOf = ({ login, stepUp, acr, scopes = [] }: Remedy): readonly Attempt[] =>
  (acr ?? [null]).map((each) => ({ login: login ?? null, stepUp: stepUp ?? null, acr: each, scopes }))

/**
 * How much an attempt asks, the first difference deciding: the heaviest thing (log in again < step up by level < another class of
 * login < another credential), how many things, the shortest age, then each age.
 */
export const burdenOf = ({ login, stepUp, acr, scopes }: Attempt): readonly number[] => {
  const weights = [
    login === null ? 0 : 1,
    stepUp === null ? 0 : 2 + LEVELS.indexOf(stepUp.level),
    acr === null ? 0 : 5,
    scopes.length === 0 ? 0 : 6,
  ]
  const things = weights.slice(0, 3).filter((weight) => weight > 0).length + scopes.length
  const ages = [login?.maxAge ?? Number.POSITIVE_INFINITY, stepUp?.maxAge ?? Number.POSITIVE_INFINITY]
  return [Math.max(...weights), things, ...[Math.min(...ages), ...ages].map((age) => -age)]
}

const compare = (a: readonly number[], b: readonly number[]): number => {
  const i = a.findIndex((value, place) => value !== b[place])
  return i < 0 ? 0 : (a[i] as number) - (b[i] as number)
}

const specsOf = (formula: Formula | null, is: string): readonly unknown[] => {
  if (formula === null) return []
  if ('is' in formula) return formula.is === is ? [formula.spec] : []
  if ('not' in formula) return specsOf(formula.not, is)
  return 'all' in formula || 'any' in formula
    ? ('all' in formula ? formula.all : formula.any).flatMap((part) => specsOf(part, is))
    : []
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]
const agesOf = (specs: readonly unknown[]): readonly (number | null)[] =>
  unique([
    null,
    ...specs.flatMap((spec) => (typeof spec === 'object' ? [durationOf((spec as { 'max-age': string })['max-age'])] : [])),
  ])

const subsets = <T>(values: readonly T[]): readonly (readonly T[])[] =>
  values.reduce<readonly (readonly T[])[]>((sets, value) => [...sets, ...sets.map((set) => [...set, value])], [[]])

/** What operations ask for is among these. */
const OF_OPERATIONS = ['charges.read', 'charges.write', 'refunds.write']

const scopesIn = (spec: unknown): readonly string[] => {
  if (typeof spec === 'string') return [spec]
  return 'of' in (spec as object) ? OF_OPERATIONS : (Object.values(spec as object).flat() as string[])
}

/** Everything that the demands of a policy may ask for, least burden first. */
export const attemptsFor = (image: PolicyImage): readonly Attempt[] => {
  const demands = (is: string) => image.rules.flatMap(({ how }) => specsOf(how, is))
  const texts = (specs: readonly unknown[]) =>
    unique(specs.flatMap((spec) => (typeof spec === 'string' ? [spec] : (Object.values(spec as object).flat() as string[]))))
  const stepUps = agesOf(demands('how.mfa')).flatMap((maxAge) => LEVELS.map((level) => ({ level: level as MfaLevel, maxAge })))
  const logins = agesOf(demands('how.login')).map((maxAge) => ({ maxAge }))
  const attempts = subsets(unique(demands('how.scope').flatMap(scopesIn))).flatMap((scopes) =>
    [null, ...texts(demands('how.acr'))].flatMap((acr) =>
      [null, ...stepUps].flatMap((stepUp) => [null, ...logins].map((login) => ({ login, stepUp, acr, scopes }))),
    ),
  )
  const burdens = new Map(attempts.map((attempt) => [attempt, burdenOf(attempt)]))
  return attempts.toSorted((a, b) => compare(burdens.get(a) ?? [], burdens.get(b) ?? []))
}
