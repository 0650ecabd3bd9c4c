import fc from 'fast-check'
import type { Method } from '../model/access-request.ts'
import { type Facts, type Factor, type Maybe, UNKNOWN } from '../model/fact.ts'
import type { Formula, PolicyImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW } from './example-facts.ts'

/**
 * Where a request comes near the boundaries of what a policy says: its hours begin and end, its paths and methods, its classes of
 * login. Places in lists that only the policy gives; null leaves the request as it is.
 */
export interface Aim {
  readonly now: { readonly turn: number; readonly day: number; readonly week: number; readonly minutes: number } | null
  readonly method: number | null
  readonly path: { readonly pattern: number; readonly values: readonly string[]; readonly more: number } | null
  readonly acr: number | null
}

const atTimes = <T>(aim: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 12 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary: aim })

/** Weeks from that of `EXAMPLE_NOW`; in the others clocks change in Berlin or in New York. */
const WEEKS = [0, 0, 0, 0, 0, 0, -4, -5, 15, 17]

const place = fc.nat(1_000)

export const arbitraryAim: fc.Arbitrary<Aim> = fc.record({
  now: atTimes(
    fc.record({ turn: place, day: fc.nat(6), week: fc.constantFrom(...WEEKS), minutes: fc.constantFrom(0, -1, 1, 90) }),
    4,
  ),
  method: atTimes(place, 2),
  path: atTimes(
    fc.record({
      pattern: place,
      values: fc.array(fc.constantFrom('acme', 'acme', 'tenants', 'charges', '3'), { minLength: 3, maxLength: 3 }),
      more: fc.nat(2),
    }),
    3,
  ),
  acr: atTimes(place, 4),
})

type Leaf = Extract<Formula, { readonly is: string }>

interface Said extends Leaf {
  /** Of the file that says it. */
  readonly zone: string | null
}

const leavesOf = (formula: Formula | null): readonly Leaf[] => {
  if (formula === null || 'never' in formula) return []
  if ('is' in formula) return [formula]
  if ('not' in formula) return leavesOf(formula.not)
  return ('all' in formula ? formula.all : formula.any).flatMap(leavesOf)
}

interface Turn {
  readonly zone: string
  /** Of the local day. */
  readonly minute: number
}

/** What requests can be aimed at. */
interface Targets {
  readonly turns: readonly Turn[]
  readonly methods: readonly Method[]
  readonly paths: readonly string[]
  readonly classes: readonly string[]
}

const textsOf = (value: unknown): readonly string[] => [value].flat().filter((each) => typeof each === 'string')

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

const turnsOf = ({ is, spec, zone: ofFile }: Said, { zones }: PolicyImage): readonly Turn[] => {
  if (!is.startsWith('when.')) return []
  const { hours, zone = ofFile } = spec as { readonly hours?: unknown; readonly zone?: string }
  if (zone === null || zones[zone] === undefined) return []
  const minutes = textsOf(hours).flatMap((range) => range.split('-').map(minuteOf))
  return [0, ...minutes].map((minute) => ({ zone, minute }))
}

const methodsOf = (text: string): readonly Method[] => {
  if (text === 'read') return ['GET', 'HEAD', 'OPTIONS']
  if (text === 'write') return ['POST', 'PUT']
  return text === 'GET' ? ['GET', 'HEAD'] : [text as Method]
}

const targetsOf = (image: PolicyImage): Targets => {
  const said = image.rules.flatMap(({ who, what, when, how, zone }) =>
    [who, what, when, how].flatMap(leavesOf).map((leaf): Said => ({ ...leaf, zone })),
  )
  const texts = (is: string) => said.flatMap((leaf) => (leaf.is === is ? textsOf(leaf.spec) : []))
  return {
    turns: said.flatMap((leaf) => turnsOf(leaf, image)),
    methods: texts('what.method').flatMap(methodsOf),
    paths: texts('what.path'),
    classes: texts('how.acr'),
  }
}

const among = <T>(values: readonly T[], which: number): T | undefined => values[which % values.length]

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Monday of the week of `EXAMPLE_NOW`, a Tuesday, at 00:00 UTC. */
const MONDAY = Math.floor(EXAMPLE_NOW / DAY_MS) * DAY_MS - DAY_MS

const offsetMs = ({ zones }: PolicyImage, zone: string, at: number): number =>
  ((zones[zone]?.transitions ?? []).findLast(([from]) => from <= at)?.[1] ?? 0) * MINUTE_MS

const instantOf = (image: PolicyImage, turn: Turn, aim: NonNullable<Aim['now']>): number => {
  const local = MONDAY + (aim.week * 7 + aim.day) * DAY_MS + (turn.minute + aim.minutes) * MINUTE_MS
  return local - offsetMs(image, turn.zone, local)
}

/** Ages stay as they are. */
const movedTo = (facts: Facts, now: number): Facts => {
  const moved = <T extends Maybe<number>>(at: T) => (typeof at === 'number' ? at + now - facts.now : at) as T
  const { factors, loginAt } = facts
  return {
    ...facts,
    now,
    loginAt: moved(loginAt),
    factors:
      factors === null || factors === UNKNOWN ? factors : factors.map((factor): Factor => ({ ...factor, at: moved(factor.at) })),
  }
}

/** Segments that a pattern names, `values` in place of what it leaves open, `more` of them below a `**`. */
const segmentsOf = (pattern: string, { values, more }: NonNullable<Aim['path']>): readonly string[] =>
  pattern
    .split('/')
    .slice(1)
    .flatMap((part, i) => {
      if (part === '**') return values.slice(0, more)
      if (part === '*' || part.startsWith('$')) return [values[i % values.length] as string]
      return part === '' ? [] : [part]
    })

interface Range {
  readonly image: PolicyImage
  readonly targets: Targets
}

const atTurn = (facts: Facts, aim: Aim['now'], { image, targets }: Range): Facts => {
  const turn = aim === null ? undefined : among(targets.turns, aim.turn)
  return aim === null || turn === undefined ? facts : movedTo(facts, instantOf(image, turn, aim))
}

const onPath = ({ path }: Facts, aim: Aim['path'], { paths }: Targets): Facts['path'] => {
  const pattern = aim === null ? undefined : among(paths, aim.pattern)
  return aim === null || pattern === undefined ? path : { ...path, segments: segmentsOf(pattern, aim) }
}

const byMethod = ({ method }: Facts, aim: Aim['method'], { methods }: Targets): Method =>
  (aim === null ? undefined : among(methods, aim)) ?? method

/** Who has no class of login, or none that is known, keeps having none. */
const ofClass = ({ acr }: Facts, aim: Aim['acr'], { classes }: Targets): Facts['acr'] =>
  aim === null || acr === null || acr === UNKNOWN ? acr : (among(classes, aim) ?? acr)

const aimed = (facts: Facts, aim: Aim, range: Range): Facts => ({
  ...atTurn(facts, aim.now, range),
  method: byMethod(facts, aim.method, range.targets),
  path: onPath(facts, aim.path, range.targets),
  acr: ofClass(facts, aim.acr, range.targets),
})

/** Takes requests near the boundaries of what the policy says. Judgements of one request stay those of one request. */
export const createAiming = (image: PolicyImage): ((judgements: readonly Facts[], aim: Aim) => readonly Facts[]) => {
  const targets = targetsOf(image)
  return (judgements, aim) => judgements.map((facts) => aimed(facts, aim, { image, targets }))
}
