import {
  canonicalJson,
  CLOCK_SKEW,
  type Factor,
  isObject,
  type JsonObject,
  type JsonValue,
  type Maybe,
  MFA_LEVELS,
  type MfaLevel,
  type ProviderImage,
  readAssurance,
  type Remedy,
  sha256Base64Url,
  UNKNOWN,
} from '@balustrade/core/kit'

/** What one login is asked to prove, of a remedy. Ages in ms; null: of any age. */
export interface Demand {
  /** The login itself. */
  readonly loginAge: number | null
  readonly level: MfaLevel | null
  /** The factor of that level. */
  readonly factorAge: number | null
  /** Authentication context classes of which one is enough, in order of preference. */
  readonly acr: readonly string[] | null
}

/** Null: a login does not give what is asked (a session has no scopes). */
export const demandOf = (remedy: Remedy): Demand | null =>
  remedy.scopes === undefined
    ? {
        loginAge: remedy.login?.maxAge ?? null,
        level: remedy.stepUp?.level ?? null,
        factorAge: remedy.stepUp?.maxAge ?? null,
        acr: remedy.acr ?? null,
      }
    : null

const isAge = (value: JsonValue | undefined): value is number | null =>
  value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0)

const isLevel = (value: JsonValue | undefined): value is MfaLevel | null =>
  value === null || MFA_LEVELS.some((level) => level === value)

const isAcr = (value: JsonValue | undefined): value is readonly string[] | null =>
  value === null || (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))

/** A demand as it was kept. */
export const readDemand = (kept: JsonValue | undefined): Demand | null => {
  if (!isObject(kept)) return null
  const { loginAge, level, factorAge, acr } = kept
  return isAge(loginAge) && isLevel(level) && isAge(factorAge) && isAcr(acr) ? { loginAge, level, factorAge, acr } : null
}

/** Names a demand: equal for equal ones. */
export const demandDigest = (demand: Demand): string => sha256Base64Url(canonicalJson({ ...demand }))

const rankOf = (level: MfaLevel): number => MFA_LEVELS.indexOf(level)

/** Values of a map that reach the level, weakest first, then by name. */
const reaching = (map: Readonly<Record<string, MfaLevel>>, level: MfaLevel): readonly string[] =>
  Object.entries(map)
    .filter(([, reached]) => rankOf(reached) >= rankOf(level))
    .sort(([a, first], [b, second]) => rankOf(first) - rankOf(second) || (a < b ? -1 : 1))
    .map(([value]) => value)

/** Whether a provider can say what is asked: a level needs a value that stands for it, an age of a factor the claim that dates it. */
export const canGive = (provider: ProviderImage, { level, factorAge }: Demand): boolean => {
  const { acr, amr, provedAt } = provider.mfa
  if (level === null) return true
  return [acr, amr].some((map) => reaching(map, level).length > 0) && (factorAge === null || provedAt !== null)
}

/** What is asked of the provider (OpenID Connect Core section 3.1.2.1). */
export interface Asked {
  /** Seconds; null: any age. */
  readonly maxAge: number | null
  readonly acrValues: readonly string[]
}

const shortest = (ages: readonly (number | null)[]): number | null =>
  ages.reduce((least, age) => (least === null || (age !== null && age < least) ? age : least), null)

const acrValuesOf = (provider: ProviderImage, { level, acr }: Demand): readonly string[] => {
  const strong = level === null ? null : reaching(provider.mfa.acr, level)
  if (acr === null) return strong ?? []
  // Where a class is wanted by name, the level may be told by `amr` alone.
  const both = strong === null ? acr : acr.filter((value) => strong.includes(value))
  return both.length === 0 ? acr : both
}

/**
 * Asked for exactly, a proof may be young enough to the provider, which counts whole seconds by a clock of its own, and too old to us
 * a moment later: it would come back as it was, and the person would be sent round in circles.
 */
const MARGIN = 30_000

const youngerThan = (age: number): number => Math.ceil((age - Math.min(MARGIN, age / 2)) / 1_000)

export const askedOf = (provider: ProviderImage, demand: Demand): Asked => {
  const age = shortest([demand.loginAge, demand.factorAge])
  return { maxAge: age === null ? null : youngerThan(age), acrValues: acrValuesOf(provider, demand) }
}

/** When a login was begun, and when it is judged; epoch ms. */
interface Span {
  readonly begunAt: number
  readonly now: number
}

/** No older, when the login was begun, than was asked; and not of the future. The person may have taken minutes since. */
const isFresh = (at: number, age: number | null, { begunAt, now }: Span): boolean =>
  at - now <= CLOCK_SKEW && (age === null || at >= begunAt - age - CLOCK_SKEW)

const reaches = (factor: Factor, { level, factorAge }: Demand, span: Span): boolean => {
  if (level === null || rankOf(factor.level) < rankOf(level)) return false
  return factor.at === UNKNOWN ? factorAge === null : isFresh(factor.at, factorAge, span)
}

interface Judged extends Span {
  readonly demand: Demand
}

/** Where an age was asked for, `max_age` was sent, and the provider has to say when (OpenID Connect Core section 2: `auth_time`). */
const isTimely = (loginAt: Maybe<number>, judged: Judged): boolean => {
  const { loginAge, factorAge } = judged.demand
  if (loginAge === null && factorAge === null) return true
  return loginAt !== null && loginAt !== UNKNOWN && isFresh(loginAt, loginAge, judged)
}

const isStrong = (factors: Maybe<readonly Factor[]>, judged: Judged): boolean =>
  factors !== null && factors !== UNKNOWN && factors.some((factor) => reaches(factor, judged.demand, judged))

/**
 * Whether the claims of an ID token prove what was asked for, read as the policy reads them: providers are free to answer with less
 * (OpenID Connect Core section 3.1.2.1 makes `acr_values` a wish; RFC 9470 section 6.2).
 */
export const isProved = (claims: JsonObject, provider: ProviderImage, asked: Judged): boolean => {
  const { demand } = asked
  const { acr, factors, loginAt } = readAssurance(claims, provider)
  if (!isTimely(loginAt, asked)) return false
  if (demand.acr !== null && (typeof acr !== 'string' || !demand.acr.includes(acr))) return false
  return demand.level === null || isStrong(factors, asked)
}
