import { METHODS, type PathPattern, type PlanRule, type ServiceImage } from '@balustrade/core/kit'
import { type Literal, literalsIn, literalsOf, textsFor } from './literals.ts'
import { meetPatterns, pathsOf, patternOf, patternsIn, patternText } from './paths.ts'
import type { Place } from './view.ts'
import type { World } from './world.ts'

/** Beyond this many patterns no more are formed, and what is searched is not the whole. */
const MOST_PATTERNS = 64

/** HEAD is judged as GET. */
const JUDGED = METHODS.filter((method) => method !== 'HEAD')

/** Requests told apart as finely as the rules at hand tell them, the plainest first. */
export interface Places {
  readonly list: () => Iterable<Place>
  /** Once all are listed: no rule at hand tells any other place from one of these. */
  readonly isWhole: () => boolean
}

interface About {
  /** Null: every service. */
  readonly services: ReadonlySet<string> | null
  readonly literals: readonly Literal[]
  /** Patterns that the rule names in one service, by its paths and by the operations of the service's document. */
  readonly patternsIn: (service: string) => readonly PathPattern[]
}

const patternsOf = (literals: readonly Literal[], service: ServiceImage | undefined): readonly PathPattern[] => {
  const ids = new Set(textsFor(literals, 'what.operation'))
  const tags = new Set(textsFor(literals, 'what.tag'))
  const operations = service?.operations ?? []
  const named = operations.filter(({ id, tags: own }) => ids.has(id) || own.some((tag) => tags.has(tag)))
  return [...patternsIn(textsFor(literals, 'what.path')), ...named.map(({ template }) => patternOf(template))]
}

const aboutOf = ({ image }: PlanRule, world: World): About => {
  const literals = literalsOf(image)
  const services = literalsIn(image.what).filter(({ is, negated }) => is === 'what.service' && !negated)
  const known = new Map<string, readonly PathPattern[]>()
  return {
    services: services.length === 0 ? null : new Set(textsFor(services, 'what.service')),
    literals,
    patternsIn: (service) => {
      const patterns = known.get(service) ?? patternsOf(literals, world.image.services[service])
      known.set(service, patterns)
      return patterns
    },
  }
}

const meetAll = (left: readonly PathPattern[], right: readonly PathPattern[]): readonly PathPattern[] =>
  left.flatMap((a) => right.flatMap((b) => meetPatterns(a, b) ?? []))

const distinct = (patterns: readonly PathPattern[]): readonly PathPattern[] => [
  ...new Map(patterns.map((pattern) => [patternText(pattern), pattern])).values(),
]

/** Every way in which the patterns around can narrow those to begin with. */
const narrowed = (starts: readonly PathPattern[], around: readonly PathPattern[]) => {
  let all = starts
  for (const other of distinct(around)) {
    all = distinct([...all, ...meetAll(all, [other])])
    if (all.length > MOST_PATTERNS) return { patterns: all.slice(0, MOST_PATTERNS), whole: false }
  }
  return { patterns: all, whole: true }
}

const hostsOf = ({ hosts }: ServiceImage, abouts: readonly About[]): readonly string[] => {
  const written = abouts.flatMap(({ literals }) => textsFor(literals, 'what.host'))
  return [...new Set([...hosts, ...written].map((host) => host.replace(/^(?:\*|\$[^.]*)/, 'any')))]
}

const decoded = (path: string): readonly string[] => path.split('/').slice(1).filter(Boolean).map(decodeURIComponent)

/** Where the rules in focus may all apply, before anybody else is looked at. */
const startsIn = (name: string, under: readonly string[], focus: readonly About[]): readonly PathPattern[] => {
  const own = focus.map((about) => about.patternsIn(name)).filter((patterns) => patterns.length > 0)
  return distinct(own.reduce(meetAll, [patternOf(under, true)]))
}

interface In {
  readonly world: World
  readonly name: string
  readonly service: ServiceImage
  readonly hosts: readonly string[]
}

function* placesOf({ world, name, hosts }: In, patterns: readonly PathPattern[]): Generator<Place> {
  const deepest = Math.max(0, ...patterns.map(({ segments }) => segments.length)) + 1
  const paths = [...new Set(patterns.flatMap((pattern) => pathsOf(pattern, deepest)))]
  for (const host of hosts) {
    for (const path of paths) {
      if (world.plan.serviceFor(host, decoded(path))?.name !== name) continue
      for (const method of JUDGED) yield { method, host, path }
    }
  }
}

/** Finds requests that the rules in focus may be about, told apart as finely as the others tell them. */
export type PlaceFinder = (focus: readonly PlanRule[], others: readonly PlanRule[]) => Places

export const createPlaceFinder = (world: World): PlaceFinder => {
  const abouts = new Map<PlanRule, About>()
  const about = (rule: PlanRule): About => {
    const known = abouts.get(rule) ?? aboutOf(rule, world)
    abouts.set(rule, known)
    return known
  }
  return (focus, others) => {
    const mine = focus.map(about)
    let whole = true
    function* list(): Generator<Place> {
      for (const [name, service] of Object.entries(world.image.services)) {
        if (!mine.every(({ services }) => services?.has(name) ?? true)) continue
        const starts = startsIn(name, service.under, mine)
        const around = others.map(about).filter(({ services }) => services?.has(name) ?? true)
        const inside = { world, name, service, hosts: hostsOf(service, [...mine, ...around]) }
        yield* placesOf(inside, starts)
        const more = narrowed(
          starts,
          [...mine, ...around].flatMap((each) => each.patternsIn(name)),
        )
        whole &&= more.whole
        if (more.patterns.length > starts.length) yield* placesOf(inside, more.patterns)
      }
    }
    return { list, isWhole: () => whole }
  }
}
