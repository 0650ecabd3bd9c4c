import { type Formula, METHODS, type PathPattern, type PlanRule, type ServiceImage } from '@balustrade/core/kit'
import { type Literal, literalsIn, literalsOf, textsFor } from './literals.ts'
import { ANY_SEGMENT, meetPatterns, pathsOf, patternOf, patternsIn, patternText } from './paths.ts'
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
  /** Every pattern that the rule names anywhere, by its paths and by the operations of the service's document. */
  readonly patternsIn: (service: string) => readonly PathPattern[]
  /** Patterns of which one holds whatever the rule is about; null: it may be about any path. */
  readonly coverIn: (service: string) => readonly PathPattern[] | null
}

const patternsOf = (literals: readonly Literal[], service: ServiceImage | undefined): readonly PathPattern[] => {
  const ids = new Set(textsFor(literals, 'what.operation'))
  const tags = new Set(textsFor(literals, 'what.tag'))
  const operations = service?.operations ?? []
  const named = operations.filter(({ id, tags: own }) => ids.has(id) || own.some((tag) => tags.has(tag)))
  return [...patternsIn(textsFor(literals, 'what.path')), ...named.map(({ template }) => patternOf(template))]
}

const PLACING = new Set(['what.path', 'what.operation', 'what.tag'])

const coverOf = (formula: Formula | null, service: ServiceImage | undefined): readonly PathPattern[] | null => {
  if (formula === null || 'not' in formula || 'never' in formula) return null
  if ('is' in formula) return PLACING.has(formula.is) ? patternsOf([{ ...formula, negated: false }], service) : null
  const parts = ('all' in formula ? formula.all : formula.any).map((part) => coverOf(part, service))
  const known = parts.filter((part) => part !== null)
  if ('any' in formula) return known.length < parts.length ? null : known.flat()
  return known.length === 0 ? null : known.reduce(meetAll)
}

const remember = <T>(make: (service: string) => T): ((service: string) => T) => {
  const known = new Map<string, T>()
  return (service) => {
    const value = known.has(service) ? (known.get(service) as T) : make(service)
    known.set(service, value)
    return value
  }
}

const aboutOf = ({ image }: PlanRule, world: World): About => {
  const literals = literalsOf(image)
  const services = literalsIn(image.what).filter(({ is, negated }) => is === 'what.service' && !negated)
  return {
    services: services.length === 0 ? null : new Set(textsFor(services, 'what.service')),
    literals,
    patternsIn: remember((service) => patternsOf(literals, world.image.services[service])),
    coverIn: remember((service) => coverOf(image.what, world.image.services[service])),
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
  const own = focus.map((about) => about.coverIn(name)).filter((patterns) => patterns !== null)
  return distinct(own.reduce(meetAll, [patternOf(under, true)]))
}

/** More names than these do not take their turn as segments. */
const MOST_FILLS = 6

/** What stands for a segment: something no rule names, and, where a `$name` is compared with groups or roles, some of these. */
const fillsFor = ({ image }: World, abouts: readonly About[]): readonly string[] => {
  const compared = abouts.flatMap(({ literals }) => [...textsFor(literals, 'who.group'), ...textsFor(literals, 'who.role')])
  const held = [...compared, ...Object.keys(image.groups), ...Object.keys(image.roles)].filter((name) => !name.startsWith('$'))
  return [ANY_SEGMENT, ...(compared.some((name) => name.startsWith('$')) ? new Set(held) : [])].slice(0, MOST_FILLS)
}

interface In {
  readonly world: World
  readonly name: string
  readonly hosts: readonly string[]
  readonly fills: readonly string[]
}

function* placesOf({ world, name, hosts, fills }: In, patterns: readonly PathPattern[]): Generator<Place> {
  const deepest = Math.max(0, ...patterns.map(({ segments }) => segments.length)) + 1
  const paths = [...new Set(fills.flatMap((fill) => patterns.flatMap((pattern) => pathsOf(pattern, deepest, fill))))]
  for (const host of hosts) {
    for (const path of paths) {
      if (world.plan.serviceFor(host, decoded(path))?.name !== name) continue
      const common = world.hosts.common(host, name)
      for (const method of JUDGED) yield { method, host: common, service: name, path }
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
        const all = [...mine, ...around]
        const inside = { world, name, hosts: hostsOf(service, all), fills: fillsFor(world, all) }
        yield* placesOf(inside, starts)
        const more = narrowed(starts, [...all.flatMap((each) => each.patternsIn(name)), ...world.patterns])
        whole &&= more.whole
        if (more.patterns.length > starts.length) yield* placesOf(inside, more.patterns)
      }
    }
    return { list, isWhole: () => whole }
  }
}
