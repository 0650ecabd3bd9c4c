// Decision (NIST SP 800-162: the policy decision point): facts and a plan → allow, challenge or deny, and why. Never reads a clock,
// awaits, logs, caches or catches.
import { MFA_LEVELS, type MfaLevel } from '../model/fact.ts'
import type { Remedy } from '../model/remedy.ts'

export const NO_REMEDY: Remedy = {}

const levelOf = (level: MfaLevel): number => MFA_LEVELS.indexOf(level)
const ageOf = (maxAge: number | null): number => maxAge ?? Number.POSITIVE_INFINITY
const shorter = (a: number | null, b: number | null): number | null => (ageOf(a) <= ageOf(b) ? a : b)

const joinLogin = (a: Remedy['login'], b: Remedy['login']): Remedy['login'] =>
  a === undefined || b === undefined ? (a ?? b) : { maxAge: shorter(a.maxAge, b.maxAge) }

const joinStepUp = (a: Remedy['stepUp'], b: Remedy['stepUp']): Remedy['stepUp'] =>
  a === undefined || b === undefined
    ? (a ?? b)
    : { level: levelOf(a.level) >= levelOf(b.level) ? a.level : b.level, maxAge: shorter(a.maxAge, b.maxAge) }

/** Classes that serve both. Two orders of preference cannot both be kept: different lists are joined in the order of their names. */
export const joinAcr = (a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  if (a.length === b.length && a.every((value, i) => value === b[i])) return a
  return [...new Set(a)].filter((value) => b.includes(value)).sort()
}

const joinScopes = (a: Remedy['scopes'], b: Remedy['scopes']): Remedy['scopes'] =>
  a === undefined || b === undefined ? (a ?? b) : [...new Set([...a, ...b])].sort()

const present = (parts: { readonly [K in keyof Remedy]: Remedy[K] | undefined }): Remedy =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))

/** What performs both: the stronger level, the shorter age, the union of scopes. Null: no one login can serve both. */
export const joinRemedies = (a: Remedy, b: Remedy): Remedy | null => {
  if (a === NO_REMEDY) return b
  if (b === NO_REMEDY) return a
  const acr = joinAcr(a.acr, b.acr)
  if (acr?.length === 0) return null
  return present({
    login: joinLogin(a.login, b.login),
    stepUp: joinStepUp(a.stepUp, b.stepUp),
    acr,
    scopes: joinScopes(a.scopes, b.scopes),
  })
}

const isWithinLogin = (a: Remedy['login'], b: Remedy['login']): boolean =>
  a === undefined || (b !== undefined && ageOf(a.maxAge) >= ageOf(b.maxAge))

const isWithinStepUp = (a: Remedy['stepUp'], b: Remedy['stepUp']): boolean =>
  a === undefined || (b !== undefined && levelOf(a.level) <= levelOf(b.level) && ageOf(a.maxAge) >= ageOf(b.maxAge))

const isWithinAcr = (a: Remedy['acr'], b: Remedy['acr']): boolean =>
  a === undefined || (b?.every((value) => a.includes(value)) ?? false)

/** `a` asks for nothing that `b` does not ask for. */
export const isWithin = (a: Remedy, b: Remedy): boolean =>
  isWithinLogin(a.login, b.login) &&
  isWithinStepUp(a.stepUp, b.stepUp) &&
  isWithinAcr(a.acr, b.acr) &&
  (a.scopes?.every((scope) => b.scopes?.includes(scope)) ?? true)

/** The heaviest thing asked: at most to log in again, step up by level, another class of login, another credential. */
const heaviest = ({ stepUp, acr, scopes }: Remedy): number => {
  if (scopes !== undefined) return 5
  if (acr !== undefined) return 4
  return stepUp === undefined ? 0 : 1 + levelOf(stepUp.level)
}

const count = ({ login, stepUp, acr, scopes }: Remedy): number =>
  [login, stepUp, acr].filter((part) => part !== undefined).length + (scopes?.length ?? 0)

/** What a burden is compared by, the first difference deciding. Each grows, or stays, when more is asked. */
const burdenOf = (remedy: Remedy): readonly number[] => {
  const login = remedy.login === undefined ? Number.POSITIVE_INFINITY : ageOf(remedy.login.maxAge)
  const stepUp = remedy.stepUp === undefined ? Number.POSITIVE_INFINITY : ageOf(remedy.stepUp.maxAge)
  return [heaviest(remedy), count(remedy), -Math.min(login, stepUp), -login, -stepUp, -(remedy.acr?.length ?? 0)]
}

/**
 * Less of a burden first: the heaviest thing asked, then how many things, then the longest age. What asks for less than
 * another always comes before it. 0: neither is less.
 */
export const compareBurden = (a: Remedy, b: Remedy): number => {
  const other = burdenOf(b)
  for (const [i, value] of burdenOf(a).entries()) if (value !== other[i]) return value - (other[i] as number)
  return 0
}
