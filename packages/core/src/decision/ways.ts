import type { Remedy } from '../model/remedy.ts'
import { compareBurden, isWithin, joinAcr, joinRemedies, NO_REMEDY } from './remedy.ts'

/** One way to an allow: what to do, and what would have to be so. */
export interface Way {
  readonly remedy: Remedy
  /** It rests on a fact that is unknown. */
  readonly unknown: boolean
  /** Classes of login of which the present one is needed: a login of another class would undo it. Null: none is. */
  readonly keep: readonly string[] | null
  /** Id of the first grant by name that this way goes by; Infinity when by none in particular. */
  readonly grant: number
}

/** Alternatives, none of which asks for all that another asks for. No way: it is refused for good. */
export type Ways = readonly Way[]

const plain: Way = { remedy: NO_REMEDY, unknown: false, keep: null, grant: Number.POSITIVE_INFINITY }
export const OPEN: Ways = [plain]
export const UNSURE: Ways = [{ ...plain, unknown: true }]
export const SHUT: Ways = []

export const byRemedy = (remedy: Remedy): Ways => [{ ...plain, remedy }]
export const byKeeping = (keep: readonly string[]): Ways => [{ ...plain, keep }]
export const byGrant = (ways: Ways, grant: number): Ways => ways.map((way) => ({ ...way, grant }))

/** Keeping more than this would let a crowd of alternatives decide how long a refusal takes; the least burdens are kept. */
const MOST_WAYS = 16

/** Of a way that comes first in the order of burden: it is not unknown where the other is known. */
const isNoMore = ({ remedy, keep }: Way, other: Way): boolean =>
  isWithin(remedy, other.remedy) && (keep === null || (other.keep !== null && other.keep.every((value) => keep.includes(value))))

const textOf = ({ remedy, keep }: Way): string => JSON.stringify([remedy.login, remedy.stepUp, remedy.acr, remedy.scopes, keep])

const compareText = (a: string, b: string): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The fewer classes the present login must stay within, the more is asked. */
const keptFew = ({ keep }: Way): number => (keep === null ? Number.NEGATIVE_INFINITY : -keep.length)

/** What rests on nothing unknown first, then the least burden, then the name of the grant. Total. */
export const compareWays = (a: Way, b: Way): number =>
  Number(a.unknown) - Number(b.unknown) ||
  compareBurden(a.remedy, b.remedy) ||
  (keptFew(a) === keptFew(b) ? 0 : keptFew(a) - keptFew(b)) ||
  (a.grant === b.grant ? 0 : a.grant - b.grant) ||
  compareText(textOf(a), textOf(b))

/** In the order of burden a way that is no more than another comes before it, or they are equal. */
const minimal = (ways: readonly Way[]): Ways => {
  if (ways.length < 2) return ways
  const kept: Way[] = []
  for (const way of ways.toSorted(compareWays)) {
    if (kept.length === MOST_WAYS) break
    if (!kept.some((before) => isNoMore(before, way))) kept.push(way)
  }
  return kept
}

export const either = (a: Ways, b: Ways): Ways => {
  if (a.length === 0 || b === OPEN) return b
  if (b.length === 0 || a === OPEN) return a
  return minimal([...a, ...b])
}

/** A new login must be of a class that the present one is needed for. Null: there is none such. */
const keeping = (remedy: Remedy, keep: Way['keep']): Remedy | null => {
  if (remedy.acr === undefined || keep === null) return remedy
  const acr = remedy.acr.filter((value) => keep.includes(value))
  return acr.length === 0 ? null : { ...remedy, acr }
}

const joinTwo = (a: Way, b: Way): readonly Way[] => {
  const keep = joinAcr(a.keep ?? undefined, b.keep ?? undefined) ?? null
  const joined = joinRemedies(a.remedy, b.remedy)
  const remedy = joined === null ? null : keeping(joined, keep)
  return remedy === null ? [] : [{ remedy, keep, unknown: a.unknown || b.unknown, grant: Math.min(a.grant, b.grant) }]
}

export const both = (a: Ways, b: Ways): Ways => {
  if (a === OPEN || b.length === 0) return b
  if (b === OPEN || a.length === 0) return a
  return minimal(a.flatMap((left) => b.flatMap((right) => joinTwo(left, right))))
}
