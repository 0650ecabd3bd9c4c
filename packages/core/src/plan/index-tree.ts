import type { Facts } from '../model/fact.ts'
import type { PathPattern } from '../model/path-pattern.ts'
import { methodBit, type Posting } from './hints.ts'
import type { Matched, PlanRule } from './rule.ts'
import { createFound, createShelf, CROWD, keyShelf, putOn, type Search, type Shelf, takeFrom } from './shelf.ts'

/**
 * A tree of path segments. Literals are kept folded to lower case and trailing slashes are not looked at, so that a request
 * spelled otherwise still comes upon the rule; what such a spelling means is for the rule's own condition to say.
 */
interface Branch {
  /** The literal that leads here, if it is always spelled so; null behind `*` and where several spellings meet. */
  spelling: string | null
  literals: Map<string, Branch> | null
  wild: Branch | null
  /** Rules whose patterns end here. */
  end: Shelf | null
  /** Rules whose patterns end here in `**`. */
  rest: Shelf | null
}

/** Service → tree of segments → rules with the methods they are about. */
export interface RuleIndex {
  readonly add: (rule: PlanRule, postings: readonly Posting[]) => void
  /** Tells the rules of crowded places apart by who they are for; once, after the last rule. Yields after each piece of work. */
  readonly finish: () => Generator<number, void>
  readonly match: (facts: Facts) => Matched
}

const createBranch = (spelling: string | null): Branch => ({ spelling, literals: null, wild: null, end: null, rest: null })

const stepLiteral = (branch: Branch, literal: string): Branch => {
  branch.literals ??= new Map()
  const folded = literal.toLowerCase()
  const known = branch.literals.get(folded)
  if (known !== undefined) {
    if (known.spelling !== literal) known.spelling = null
    return known
  }
  const made = createBranch(literal)
  branch.literals.set(folded, made)
  return made
}

const stepWild = (branch: Branch): Branch => {
  branch.wild ??= createBranch(null)
  return branch.wild
}

const shelfFor = (root: Branch, pattern: PathPattern | null): Shelf => {
  let branch = root
  for (const { literal } of pattern?.segments ?? []) {
    branch = literal === null ? stepWild(branch) : stepLiteral(branch, literal)
  }
  const end = pattern === null || pattern.rest ? 'rest' : 'end'
  branch[end] ??= createShelf()
  return branch[end]
}

const findLiteral = (literals: Map<string, Branch>, segment: string): Branch | undefined =>
  literals.get(segment) ?? literals.get(segment.toLowerCase())

const walk = (branch: Branch, depth: number, search: Search): void => {
  if (branch.rest !== null) takeFrom(branch.rest, search)
  const segment = search.segments[depth]
  if (segment === undefined) {
    if (branch.end !== null) takeFrom(branch.end, search)
    return
  }
  const next = branch.literals === null ? undefined : findLiteral(branch.literals, segment)
  if (next !== undefined) {
    const asWritten = search.asWritten && next.spelling === segment
    walk(next, depth + 1, asWritten === search.asWritten ? search : { ...search, asWritten })
  }
  if (branch.wild !== null) walk(branch.wild, depth + 1, search)
}

const rootIn = (services: Map<string, Branch>, service: string): Branch => {
  const known = services.get(service)
  if (known !== undefined) return known
  const made = createBranch(null)
  services.set(service, made)
  return made
}

export const createRuleIndex = (): RuleIndex => {
  const everywhere = createBranch(null)
  const services = new Map<string, Branch>()
  const crowded: Shelf[] = []
  return {
    add: (rule, postings) => {
      for (const { service, pattern, methods } of postings) {
        const shelf = shelfFor(service === null ? everywhere : rootIn(services, service), pattern)
        putOn(shelf, rule, methods)
        if (shelf.rules.length === CROWD + 1) crowded.push(shelf)
      }
    },
    *finish() {
      for (const shelf of crowded) {
        keyShelf(shelf)
        yield shelf.rules.length
      }
    },
    match: (facts) => {
      const { segments, trailingSlash } = facts.path
      const search: Search = { facts, segments, bit: methodBit(facts.method), asWritten: !trailingSlash, found: createFound() }
      walk(everywhere, 0, search)
      const root = services.get(facts.service)
      if (root !== undefined) walk(root, 0, search)
      return search.found
    },
  }
}
