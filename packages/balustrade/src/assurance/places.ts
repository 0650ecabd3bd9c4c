import { METHODS, type PathPattern, type PlanRule, type ServiceImage } from '@balustrade/core/kit'
import { type Literal, literalsIn, literalsOf, textsFor } from './literals.ts'
import { meetPatterns, pathsOf, patternOf, patternsIn, patternText } from './paths.ts'
import type { Place } from './view.ts'
import type { World } from './world.ts'

/** Beyond this many patterns no more are formed, and what is searched is not the whole. */
const MOST_PATTERNS = 64

/** HEAD is judged as GET. */
const JUDGED = METHODS.filter((method) => method !== 'HEAD')

export interface Places {
  readonly places: readonly Place[]
  /** No rule at hand tells any other place from one of these. */
  readonly whole: boolean
}

interface About {
  readonly services: readonly string[] | null
  readonly literals: readonly Literal[]
}

const aboutOf = ({ image }: PlanRule): About => {
  const literals = literalsIn(image.what)
  const services = literals.filter(({ is, negated }) => is === 'what.service' && !negated)
  return { services: services.length === 0 ? null : textsFor(services, 'what.service'), literals: literalsOf(image) }
}

/** Patterns that a rule names in one service, by its paths and by the operations of the service's document. */
const patternsFor = ({ literals }: About, { operations }: ServiceImage): readonly PathPattern[] => {
  const ids = new Set(textsFor(literals, 'what.operation'))
  const tags = new Set(textsFor(literals, 'what.tag'))
  const named = operations.filter(({ id, tags: own }) => ids.has(id) || own.some((tag) => tags.has(tag)))
  return [...patternsIn(textsFor(literals, 'what.path')), ...named.map(({ template }) => patternOf(template))]
}

const meetAll = (left: readonly PathPattern[], right: readonly PathPattern[]): readonly PathPattern[] =>
  left.flatMap((a) => right.flatMap((b) => meetPatterns(a, b) ?? []))

const distinct = (patterns: readonly PathPattern[]): readonly PathPattern[] => [
  ...new Map(patterns.map((pattern) => [patternText(pattern), pattern])).values(),
]

/** Every way in which the patterns around can narrow those to begin with. */
const narrowed = (starts: readonly PathPattern[], around: readonly PathPattern[]) => {
  let all = distinct(starts)
  for (const other of distinct(around)) {
    all = distinct([...all, ...meetAll(all, [other])])
    if (all.length > MOST_PATTERNS) return { patterns: all.slice(0, MOST_PATTERNS), whole: false }
  }
  return { patterns: all, whole: true }
}

const hostsOf = ({ hosts }: ServiceImage, literals: readonly Literal[]): readonly string[] => {
  const written = textsFor(literals, 'what.host')
  return [...new Set([...hosts, ...written].map((host) => host.replace(/^(?:\*|\$[^.]*)/, 'any')))]
}

interface Around {
  readonly world: World
  readonly focus: readonly PlanRule[]
  /** Rules that may decide there as well. */
  readonly others: readonly PlanRule[]
}

const placesIn = (name: string, service: ServiceImage, { world, focus, others }: Around): Places => {
  const under = patternOf(service.under, true)
  const abouts = [...focus, ...others].map(aboutOf)
  const [first, ...more] = abouts.slice(0, focus.length).map((about) => patternsFor(about, service))
  const starts = more
    .filter((own) => own.length > 0)
    .reduce((met, own) => meetAll(met, own), meetAll([under], first === undefined || first.length === 0 ? [under] : first))
  const { patterns, whole } = narrowed(
    starts,
    abouts.flatMap((about) => patternsFor(about, service)),
  )
  const deepest = Math.max(0, ...patterns.map(({ segments }) => segments.length)) + 1
  const hosts = hostsOf(
    service,
    abouts.flatMap(({ literals }) => literals),
  )
  const paths = [...new Set(patterns.flatMap((pattern) => pathsOf(pattern, deepest)))]
  const all = hosts.flatMap((host) => paths.flatMap((path) => JUDGED.map((method): Place => ({ method, host, path }))))
  const claimed = all.filter(({ host, path }) => world.plan.serviceFor(host, decodedSegments(path))?.name === name)
  return { places: claimed, whole }
}

const decodedSegments = (path: string): readonly string[] => path.split('/').slice(1).filter(Boolean).map(decodeURIComponent)

const isIn = (service: string, rule: PlanRule): boolean => aboutOf(rule).services?.includes(service) ?? true

/** Requests that the rules in focus may be about, told apart as finely as the others tell them. */
export const placesFor = (around: Around): Places => {
  const services = Object.entries(around.world.image.services).filter(([name]) => around.focus.every((rule) => isIn(name, rule)))
  const found = services.map(([name, service]) => placesIn(name, service, around))
  return { places: found.flatMap(({ places }) => places), whole: found.every(({ whole }) => whole) }
}
