import { METHODS, type Method } from '../model/access-request.ts'
import type { Condition, Hint, Spec } from '../model/condition.ts'
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

/**
 * A superset of the requests that `what` may be met by or unknown for. `exact`: met by just these, so it need not be tested;
 * `as-spelled`: it need not where the path is spelled as in the pattern that led there.
 */
export interface Reach {
  readonly postings: readonly Posting[]
  readonly exact: Hint['exact']
}

/** Beyond this a rule is posted everywhere and tested: still right, only slower. */
const MOST_POSTINGS = 256
const EVERYTHING: Reach = { postings: [{ service: null, pattern: null, methods: EVERY_METHOD }], exact: false }
const ALWAYS: Reach = { ...EVERYTHING, exact: true }

const maskOf = (methods: readonly Method[] | undefined): number =>
  methods === undefined ? EVERY_METHOD : methods.reduce((mask, method) => mask | BITS[method], 0)

const ANY: readonly null[] = [null]

const patternsOf = (paths: readonly string[] | undefined): readonly (PathPattern | null)[] =>
  paths === undefined ? ANY : paths.map(parsePathPattern).flatMap((parsed) => (parsed.ok ? [parsed.pattern] : []))

const postingsOf = (services: readonly (string | null)[], patterns: readonly (PathPattern | null)[], methods: number) => {
  const postings: Posting[] = []
  for (const service of services) for (const pattern of patterns) postings.push({ service, pattern, methods })
  return postings
}

const reachOfCondition = (condition: Condition, spec: Spec): Reach => {
  const hint = condition.index?.(spec)
  if (hint === undefined) return EVERYTHING
  const patterns = patternsOf(hint.paths)
  const methods = maskOf(hint.methods)
  const services = hint.services ?? ANY
  return {
    postings: postingsOf(services, patterns, methods),
    // The tree does not look at trailing slashes.
    exact: patterns.some((pattern) => pattern?.trailingSlash === true) ? false : hint.exact,
  }
}

const bothExact = (a: Hint['exact'], b: Hint['exact']): Hint['exact'] => (a === true ? b : a && b && 'as-spelled')

const meet = (a: Posting, b: Posting): Posting | null => {
  const methods = a.methods & b.methods
  const apart = a.service !== null && b.service !== null && a.service !== b.service
  return apart || methods === 0 ? null : { service: a.service ?? b.service, pattern: a.pattern ?? b.pattern, methods }
}

const intersect = (a: Reach, b: Reach): Reach => {
  if (a.postings.length * b.postings.length > MOST_POSTINGS) return { postings: a.postings, exact: false }
  const postings: Posting[] = []
  let exact = bothExact(a.exact, b.exact)
  for (const left of a.postings) {
    for (const right of b.postings) {
      const posting = meet(left, right)
      if (posting !== null) postings.push(posting)
      // One place of the tree stands for one pattern, so the other has to be tested.
      if (left.pattern !== null && right.pattern !== null) exact = false
    }
  }
  return { postings, exact }
}

const unite = (reaches: readonly Reach[]): Reach => {
  const postings = reaches.flatMap((reach) => reach.postings)
  return postings.length > MOST_POSTINGS
    ? EVERYTHING
    : { postings, exact: reaches.map(({ exact }) => exact).reduce(bothExact, true) }
}

/** Reads where a `what` may be met from the hints of its conditions. `not` gives no hint. */
export const createReachReader = (
  conditionOf: (is: string) => Condition,
  interner: Interner,
): ((what: Formula | null) => Reach) => {
  const shared = new Map<Condition, Map<number, Reach>>()
  const sharedOf = (condition: Condition): Map<number, Reach> => {
    const known = shared.get(condition) ?? new Map<number, Reach>()
    shared.set(condition, known)
    return known
  }
  const reachOfLeaf = (condition: Condition, spec: Spec): Reach => {
    // Paths are many and differ; services and methods are few and come again.
    if (condition.captures !== undefined) return reachOfCondition(condition, spec)
    const known = sharedOf(condition)
    const id = interner.spec(spec)
    const reach = known.get(id) ?? reachOfCondition(condition, spec)
    known.set(id, reach)
    return reach
  }
  const reachOf = (formula: Formula): Reach => {
    if ('is' in formula) return reachOfLeaf(conditionOf(formula.is), formula.spec)
    if ('any' in formula) return unite(formula.any.map(reachOf))
    if (!('all' in formula)) return EVERYTHING
    let reach = ALWAYS
    for (const part of formula.all) reach = reach === ALWAYS ? reachOf(part) : intersect(reach, reachOf(part))
    return reach
  }
  return (what) => (what === null ? ALWAYS : reachOf(what))
}
