import { methodBit, type Posting } from './hints.ts'
import type { Facts } from '../model/fact.ts'
import type { PathPattern } from '../model/path-pattern.ts'
import { createShelf, keyShelf, putOn, type Search, type Shelf, takeFrom } from './shelf.ts'
import type { Matched, PlanRule } from './rule.ts'

interface Place {
  permits: Shelf | null
  guardrails: Shelf | null
  exceptions: Shelf | null
}

/**
 * A tree of path segments. Literals are kept folded to lower case and trailing slashes are not looked at, so that a request
 * spelled otherwise still comes upon the rule; what such a spelling means is for the rule's own condition to say.
 */
interface Branch {
  literals: Map<string, Branch> | null
  wild: Branch | null
  /** Patterns that end here. */
  end: Place | null
  /** Patterns that end here in `**`. */
  rest: Place | null
}

/** Service → tree of segments → rules with the methods they are about. */
export interface RuleIndex {
  readonly add: (rule: PlanRule, postings: readonly Posting[]) => void
  /** Tells crowded places apart by who their grants are for; once, after the last rule. Yields after each piece of work. */
  readonly finish: () => Generator<number, void>
  readonly match: (facts: Facts) => Matched
}

const createBranch = (): Branch => ({ literals: null, wild: null, end: null, rest: null })

const stepLiteral = (branch: Branch, folded: string): Branch => {
  branch.literals ??= new Map()
  const known = branch.literals.get(folded)
  if (known !== undefined) return known
  const made = createBranch()
  branch.literals.set(folded, made)
  return made
}

const stepWild = (branch: Branch): Branch => {
  branch.wild ??= createBranch()
  return branch.wild
}

const placeFor = (root: Branch, pattern: PathPattern | null): Place => {
  let branch = root
  for (const { literal } of pattern?.segments ?? []) {
    branch = literal === null ? stepWild(branch) : stepLiteral(branch, literal.toLowerCase())
  }
  const end = pattern === null || pattern.rest ? 'rest' : 'end'
  branch[end] ??= { permits: null, guardrails: null, exceptions: null }
  return branch[end]
}

const SHELF_OF = { grant: 'permits', public: 'permits', guardrail: 'guardrails', exception: 'exceptions' } as const

const post = (root: Branch, rule: PlanRule, posting: Posting): void => {
  const place = placeFor(root, posting.pattern)
  const name = SHELF_OF[rule.kind]
  place[name] ??= createShelf()
  putOn(place[name], rule, posting.methods)
}

interface Found {
  permits: PlanRule[]
  guardrails: PlanRule[]
  exceptions: PlanRule[]
}

const takePlace = (place: Place, search: Search, found: Found): void => {
  if (place.permits !== null) takeFrom(place.permits, search, found.permits)
  if (place.guardrails !== null) takeFrom(place.guardrails, search, found.guardrails)
  if (place.exceptions !== null) takeFrom(place.exceptions, search, found.exceptions)
}

interface Walk {
  readonly search: Search
  readonly found: Found
}

const walk = (branch: Branch, depth: number, on: Walk): void => {
  if (branch.rest !== null) takePlace(branch.rest, on.search, on.found)
  const segment = on.search.segments[depth]
  if (segment === undefined) {
    if (branch.end !== null) takePlace(branch.end, on.search, on.found)
    return
  }
  const next = branch.literals?.get(segment.toLowerCase())
  if (next !== undefined) walk(next, depth + 1, on)
  if (branch.wild !== null) walk(branch.wild, depth + 1, on)
}

const placesOf = function* (branch: Branch): Generator<Place> {
  if (branch.end !== null) yield branch.end
  if (branch.rest !== null) yield branch.rest
  for (const next of branch.literals?.values() ?? []) yield* placesOf(next)
  if (branch.wild !== null) yield* placesOf(branch.wild)
}

const keyPlace = ({ permits, exceptions }: Place): number => {
  let work = 1
  for (const shelf of [permits, exceptions]) {
    if (shelf === null) continue
    keyShelf(shelf)
    work += shelf.rules.length
  }
  return work
}

export const createRuleIndex = (): RuleIndex => {
  const everywhere = createBranch()
  const services = new Map<string, Branch>()
  const rootOf = (service: string | null): Branch => {
    if (service === null) return everywhere
    const known = services.get(service)
    if (known !== undefined) return known
    const made = createBranch()
    services.set(service, made)
    return made
  }
  return {
    add: (rule, postings) => {
      for (const posting of postings) post(rootOf(posting.service), rule, posting)
    },
    *finish() {
      for (const root of [everywhere, ...services.values()]) {
        for (const place of placesOf(root)) yield keyPlace(place)
      }
    },
    match: (facts) => {
      const found: Found = { permits: [], guardrails: [], exceptions: [] }
      const on = { found, search: { facts, bit: methodBit(facts.method), segments: facts.path.segments } }
      walk(everywhere, 0, on)
      const root = services.get(facts.service)
      if (root !== undefined) walk(root, 0, on)
      return found
    },
  }
}
