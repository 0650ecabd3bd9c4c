import { METHODS, type Method } from '../model/access-request.ts'
import type { Condition } from '../model/condition.ts'
import type { Formula } from '../model/policy-image.ts'
import { parsePathPattern, type PathPattern } from '../model/path-pattern.ts'
import type { Interner } from './intern.ts'

/** One bit for each method; HEAD is judged as GET and shares its bit. */
export const methodBit = (method: Method): number => BITS[method]
const BITS = Object.fromEntries(
  METHODS.map((method, i) => [method, 1 << (method === 'HEAD' ? METHODS.indexOf('GET') : i)]),
) as Record<Method, number>
const EVERY_METHOD = Object.values(BITS).reduce((mask, bit) => mask | bit, 0)

/** Where a rule is posted: under which service (null: all), at which pattern (null: any path), for which methods. */
export interface Posting {
  readonly service: string | null
  readonly pattern: PathPattern | null
  readonly methods: number
}

/** A superset of the requests that `what` may be met by or unknown for. `exact`: met by just these, so it need not be tested. */
export interface Reach {
  readonly postings: readonly Posting[]
  readonly exact: boolean
}

/** Beyond this a rule is posted everywhere and tested: still right, only slower. */
const MOST_POSTINGS = 256
const EVERYTHING: Reach = { postings: [{ service: null, pattern: null, methods: EVERY_METHOD }], exact: false }
const ALWAYS: Reach = { ...EVERYTHING, exact: true }

const maskOf = (methods: readonly Method[] | undefined): number =>
  methods === undefined ? EVERY_METHOD : methods.reduce((mask, method) => mask | BITS[method], 0)

const patternsOf = (paths: readonly string[] | undefined): readonly (PathPattern | null)[] =>
  paths === undefined
    ? [null]
    : paths.flatMap((text) => {
        const parsed = parsePathPattern(text)
        return parsed.ok ? [parsed.pattern] : []
      })

const reachOfCondition = (condition: Condition, spec: Parameters<NonNullable<Condition['index']>>[0]): Reach => {
  const hint = condition.index?.(spec)
  if (hint === undefined) return EVERYTHING
  const patterns = patternsOf(hint.paths)
  const methods = maskOf(hint.methods)
  const services = hint.services ?? [null]
  return {
    postings: services.flatMap((service) => patterns.map((pattern) => ({ service, pattern, methods }))),
    exact: hint.exact,
  }
}

interface Meeting {
  readonly posting: Posting | null
  /** The meeting is no larger than both. */
  readonly exact: boolean
}

const meet = (a: Posting, b: Posting): Meeting => {
  const methods = a.methods & b.methods
  const apart = a.service !== null && b.service !== null && a.service !== b.service
  if (apart || methods === 0) return { posting: null, exact: true }
  const pattern = a.pattern ?? b.pattern
  return { posting: { service: a.service ?? b.service, pattern, methods }, exact: a.pattern === null || b.pattern === null }
}

const intersect = (a: Reach, b: Reach): Reach => {
  if (a.postings.length * b.postings.length > MOST_POSTINGS) return { postings: a.postings, exact: false }
  const meetings = a.postings.flatMap((left) => b.postings.map((right) => meet(left, right)))
  return {
    postings: meetings.flatMap(({ posting }) => (posting === null ? [] : [posting])),
    exact: a.exact && b.exact && meetings.every((meeting) => meeting.exact),
  }
}

const unite = (reaches: readonly Reach[]): Reach => {
  const postings = reaches.flatMap((reach) => reach.postings)
  return postings.length > MOST_POSTINGS ? EVERYTHING : { postings, exact: reaches.every(({ exact }) => exact) }
}

/** Reads where a `what` may be met from the hints of its conditions. `not` gives no hint. */
export const createReachReader = (
  conditionOf: (is: string) => Condition,
  interner: Interner,
): ((what: Formula | null) => Reach) => {
  const shared = new Map<string, Reach>()
  const reachOf = (formula: Formula): Reach => {
    if ('all' in formula) return formula.all.map(reachOf).reduce(intersect, ALWAYS)
    if ('any' in formula) return unite(formula.any.map(reachOf))
    if (!('is' in formula)) return EVERYTHING
    const key = `${formula.is}:${interner.spec(formula.spec)}`
    const known = shared.get(key)
    if (known !== undefined) return known
    const reach = reachOfCondition(conditionOf(formula.is), formula.spec)
    shared.set(key, reach)
    return reach
  }
  return (what) => (what === null ? ALWAYS : reachOf(what))
}
