import {
  type Outcome,
  type PathPattern,
  type PolicyImage,
  type RuleImage,
  type RuleKind,
  type SourcePosition,
  type Witness,
} from '@balustrade/core/kit'
import type { EnvironmentValue, PolicyFile } from '@balustrade/core/policy'
import { searchReport, type SearchReport } from './assurance.ts'
import { createBudget, MOST_JUDGEMENTS } from './budget.ts'
import { type ChangedRule, changedRules, namesHost, nounPathsOf } from './changed-rules.ts'
import { type Beside, findDifference, type Pair } from './difference.ts'
import { type Draft, draftIn, judgeDraft, witnessOf } from './draft.ts'
import { differByNameAlone, hostNames } from './host-names.ts'
import { createInspection, type Inspection } from './inspection.ts'
import { createMix, type Mix } from './mixed-environment.ts'
import { patternOf } from './paths.ts'
import { createWorld, type World } from './world.ts'

/** One policy as an environment has it. */
export interface Environment {
  readonly name: string
  readonly image: PolicyImage
  readonly values: readonly EnvironmentValue[]
}

type Both<T> = readonly [one: T, other: T]

const mapBoth = <T, U>([one, other]: Both<T>, map: (each: T) => U): Both<U> => [map(one), map(other)]

/** A request that the two environments decide otherwise. */
export interface Difference {
  readonly rule: string
  readonly kind: RuleKind
  readonly at: SourcePosition
  readonly service: string | null
  /** Paths of the values it comes from: one that makes it alone, or, where none does, all that stand in the rule or in what it names. */
  readonly values: readonly string[]
  readonly outcomes: Both<Outcome>
  /** The request as a case of each: the same but for the host of the service. */
  readonly cases: Both<Witness>
}

/**
 * What a value that differs comes to: `decides` where a difference comes from it, `none-found` where none does, `unjudged` where
 * requests cannot tell, because callers are recognised by it.
 */
export type Effect = 'decides' | 'none-found' | 'unjudged'

export interface DifferingValue {
  readonly path: string
  /** Null: this environment has no such value. */
  readonly texts: Both<string | null>
  readonly at: Both<SourcePosition | null>
  readonly effect: Effect
}

export interface EnvironmentComparison {
  readonly differences: readonly Difference[]
  readonly values: readonly DifferingValue[]
  readonly search: SearchReport
}

type Values = readonly Omit<DifferingValue, 'effect'>[]

const textOf = ({ value }: EnvironmentValue): string =>
  [value]
    .flat()
    .map((each) => (typeof each === 'object' ? JSON.stringify(each) : String(each)))
    .join(', ')

const differingValues = (both: Both<Environment>): Values => {
  const paths = [...new Set(both.flatMap(({ values }) => values.map(({ path }) => path)))].sort()
  return paths.flatMap((path) => {
    const found = mapBoth(both, ({ values }) => values.find((value) => value.path === path) ?? null)
    const texts = mapBoth(found, (value) => (value === null ? null : textOf(value)))
    const at = mapBoth(found, (value) => value?.at ?? null)
    return texts[0] === texts[1] ? [] : [{ path, texts, at }]
  })
}

const BLOCK: Readonly<Record<RuleKind, string>> = {
  grant: 'grants',
  guardrail: 'guardrails',
  exception: 'exceptions',
  public: 'public',
  invariant: 'invariants',
}

interface Setup {
  readonly both: Both<Environment>
  readonly inspections: Both<Inspection>
  readonly values: Values
  readonly hostsMatter: boolean
  /** The first environment with one value of the second; null where the two do not go together. */
  readonly mixed: (path: string) => Inspection | null
}

/** Values that may make a rule decide otherwise: they stand in it, in a noun it names, or in what a service is told by. */
const valuesBehind = ({ both, values, hostsMatter }: Setup, rule: RuleImage): readonly string[] => {
  const entries = new Set([`${BLOCK[rule.kind]}.${rule.name}`, ...nounPathsOf(rule)])
  const usedBy = new Map(both.flatMap((each) => each.values.map((value) => [value.path, value.usedBy] as const)))
  const isOfService = (entry: string): boolean => entry.startsWith('services.') && (hostsMatter || namesHost(rule))
  return values
    .map(({ path }) => path)
    .filter((path) => !path.endsWith('.upstream'))
    .filter((path) => usedBy.get(path)?.some((entry) => entries.has(entry) || isOfService(entry)) === true)
}

interface Found {
  readonly draft: Draft
  /** Values of which each makes the difference alone, or all that may have to do with it. */
  readonly values: readonly string[]
}

const tell = ({ both, inspections }: Setup, { before, after }: ChangedRule, { draft, values }: Found): Difference => {
  const { name: rule, kind, at } = (before ?? after) as RuleImage
  const judged = mapBoth(inspections, ({ world }) => ({ world, ...judgeDraft(world, draft) }))
  const outcomes = mapBoth(judged, ({ decision }) => decision.outcome)
  const note = `${rule}: ${both.map(({ name }, i) => `${outcomes[i]} in ${name}`).join(', ')}`
  const cases = mapBoth(judged, ({ world, decision }) => witnessOf(draftIn(world, draft), note, decision.outcome))
  const service = judged[0].serviceName ?? judged[1].serviceName
  return { rule, kind, at, service, values, outcomes, cases }
}

const ruleIn = ({ world }: Inspection, { name }: ChangedRule) => world.enforced.get(name) ?? null

/** A request that `closed` refuses and `open` allows, on account of the rule. */
const findBetween = (pair: Pair, changed: ChangedRule, beside: Beside | null): Draft | null =>
  findDifference(pair, { closed: ruleIn(pair.closed, changed), open: ruleIn(pair.open, changed) }, beside)

type Order = (one: Inspection, other: Inspection) => Pair

const outcomeIn = ({ world }: Inspection, draft: Draft): Outcome => judgeDraft(world, draft).decision.outcome

/** The first environment with one value of the second: what that value comes to alone, where the second decides likewise. */
const findByValue = (setup: Setup, changed: ChangedRule, { path, order }: { path: string; order: Order }): readonly Found[] => {
  const [one, other] = setup.inspections
  const mixed = setup.mixed(path)
  if (mixed === null) return []
  const isWanted = (draft: Draft): boolean => outcomeIn(other, draft) === outcomeIn(mixed, draft)
  const draft = findBetween(order(one, mixed), changed, { world: other.world, isWanted })
  return draft === null ? [] : [{ draft, values: [path] }]
}

const differencesIn = (setup: Setup, changed: ChangedRule, order: Order): readonly Difference[] => {
  const values = valuesBehind(setup, (changed.before ?? changed.after) as RuleImage)
  const single = values.length < 2 ? [] : values.flatMap((path) => findByValue(setup, changed, { path, order }))
  const whole = single.length > 0 ? null : findBetween(order(...setup.inspections), changed, null)
  return [...single, ...(whole === null ? [] : [{ draft: whole, values }])].map((found) => tell(setup, changed, found))
}

const NARROWER: Order = (one, other) => ({ closed: other, open: one })
const WIDER: Order = (one, other) => ({ closed: one, open: other })

const RECOGNISED = /^(?:providers|groups|roles|services)\./

/** Hosts and upstreams say where a service is, and not who its callers are. */
const isPlace = (path: string): boolean => /^services\..*\.(?:hosts|upstream)$/.test(path)

const effectOf = ({ both }: Setup, path: string, decisive: ReadonlySet<string>): Effect => {
  if (decisive.has(path)) return 'decides'
  const usedBy = both.flatMap(({ values }) => values.find((value) => value.path === path)?.usedBy ?? [])
  return !isPlace(path) && usedBy.some((entry) => RECOGNISED.test(entry)) ? 'unjudged' : 'none-found'
}

/** Where services share a host in one environment only, what lies below the `under` of one is another's in the other. */
const undersOf = ({ services }: PolicyImage): readonly PathPattern[] =>
  Object.values(services).flatMap(({ under }) => (under.length === 0 ? [] : [patternOf(under, true)]))

const inspectBoth = ([one, other]: Both<Environment>, hostsMatter: boolean, now: number): Both<Inspection> => {
  const budget = createBudget(MOST_JUDGEMENTS)
  const patterns = hostsMatter ? undersOf(one.image) : []
  const first: World = { ...createWorld(one.image), patterns }
  const plain: World = { ...createWorld(other.image), patterns }
  const second: World = { ...plain, hosts: hostNames(one.image, other.image) }
  return [createInspection(first, now, budget), createInspection(second, now, budget)]
}

/** Each is made once: it is compiled and planned like any other policy. */
const createMixed = ([one]: Both<Inspection>, mix: Mix): Setup['mixed'] => {
  const made = new Map<string, Inspection | null>()
  const make = (path: string): Inspection | null => {
    const image = mix(path)
    if (image === null) return null
    const world: World = { ...createWorld(image), hosts: hostNames(one.world.image, image) }
    return createInspection(world, one.now, one.budget)
  }
  return (path) => {
    const known = made.get(path)
    if (known !== undefined) return known
    const inspection = make(path)
    made.set(path, inspection)
    return inspection
  }
}

/**
 * Compares two environments of one policy, whose texts are `files`: requests that they decide otherwise, each judged by both at the
 * hosts each gives the service, and the values that differ. A search for witnesses, not a proof that there are no others. `now`:
 * epoch ms from which times are looked at.
 */
export const compareEnvironments = (
  both: Both<Environment>,
  files: readonly PolicyFile[],
  now: number,
): EnvironmentComparison => {
  const [one, other] = both
  const hostsMatter = !differByNameAlone(one.image, other.image)
  const inspections = inspectBoth(both, hostsMatter, now)
  const mixed = createMixed(
    inspections,
    createMix(
      files,
      mapBoth(both, ({ values }) => values),
      now,
    ),
  )
  const setup: Setup = { both, inspections, values: differingValues(both), hostsMatter, mixed }
  const differences = changedRules(one.image, other.image, hostsMatter).flatMap((changed) =>
    [NARROWER, WIDER].flatMap((order) => differencesIn(setup, changed, order)),
  )
  const decisive = new Set(differences.flatMap(({ values }) => values))
  const values = setup.values.map((value) => ({ ...value, effect: effectOf(setup, value.path, decisive) }))
  return { differences, values, search: searchReport(inspections[0].budget) }
}
