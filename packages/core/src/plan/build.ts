import type { Facts } from '../model/fact.ts'
import type { Formula, PolicyImage, RuleImage } from '../model/policy-image.ts'
import type { AtomTable, Recorded } from './atoms.ts'
import { createRuleCompiler, type RuleCompiler } from './compile-rule.ts'
import { createRuleIndex } from './index-tree.ts'
import { atomsOf } from './node.ts'
import { createOperationFinder } from './operations.ts'
import type { Plan, PlanParts } from './plan.ts'
import type { Matched, PlanRule } from './rule.ts'
import { createServiceFinder } from './services.ts'

/** Rules and places of the index per slice: about two milliseconds on a slow core. */
const SLICE = 200

const byName = (a: RuleImage, b: RuleImage): number => (a.name < b.name ? -1 : 1)

/** Invariants are proved elsewhere and never enforced. */
const enforcedOf = (image: PolicyImage): readonly RuleImage[] =>
  image.rules.filter(({ kind }) => kind !== 'invariant').toSorted(byName)

const NONE: ReadonlySet<number> = new Set()

const waivesOf =
  (ids: ReadonlyMap<string, number>) =>
  ({ kind, names }: RuleImage): ReadonlySet<number> =>
    kind === 'exception' ? new Set(names.flatMap((name) => ids.get(name) ?? [])) : NONE

const asksCaller = (formula: Formula | null, atoms: AtomTable): boolean => {
  if (formula === null || 'never' in formula) return false
  if ('is' in formula) return atoms.isOfCaller(formula.is, formula.spec)
  if ('not' in formula) return asksCaller(formula.not, atoms)
  return ('all' in formula ? formula.all : formula.any).some((part) => asksCaller(part, atoms))
}

/** Read from what is written, since a rule's `what` may be compiled only when a request asks. */
const isImpersonal = ({ kind, who, what, when, how }: RuleImage, atoms: AtomTable): boolean =>
  kind === 'guardrail' && ![who, when, how, what].some((formula) => asksCaller(formula, atoms))

const createRecorder = ({ atoms }: RuleCompiler): Plan['atomsToRecord'] => {
  const { recorded } = atoms
  if (recorded.size === 0) return () => []
  const byRule = new Map<PlanRule, readonly Recorded[]>()
  const ofRule = (rule: PlanRule): readonly Recorded[] => {
    const known = byRule.get(rule)
    if (known !== undefined) return known
    const { who, what, when } = rule.parts
    const found = atomsOf(who, what, when, rule.how).flatMap((atom) => recorded.get(atom) ?? [])
    byRule.set(rule, found)
    return found
  }
  return ({ permits, guardrails, exceptions }) => {
    const found = new Map<string, Recorded>()
    for (const rule of [...permits, ...guardrails, ...exceptions]) for (const each of ofRule(rule)) found.set(each.key, each)
    return [...found.values()]
  }
}

/** The work in pieces, each yielding how much it was, so that who drives it decides when to pause. */
function* assemble(image: PolicyImage, { conditions, digest }: PlanParts): Generator<number, Plan> {
  const rules = enforcedOf(image)
  const ids = new Map(rules.map(({ name }, id) => [name, id]))
  const compiler = createRuleCompiler(image, conditions, waivesOf(ids))
  const enforced = createRuleIndex()
  const shadow = createRuleIndex()
  const byId: PlanRule[] = []
  const impersonal = new Set<number>()
  yield rules.length / 20
  for (const [id, each] of rules.entries()) {
    const { rule, watched, reach } = compiler.compile(each, id)
    byId.push(rule)
    if (isImpersonal(each, compiler.atoms)) impersonal.add(id)
    if (rule !== watched) enforced.add(rule, reach.postings)
    if (watched !== null) shadow.add(watched, reach.postings)
    yield reach.postings.length
  }
  yield* enforced.finish()
  yield* shadow.finish()
  return {
    image,
    digest,
    serviceFor: createServiceFinder(image),
    operationFor: createOperationFinder(image),
    match: enforced.match,
    matchShadow: rules.some((rule) => rule.shadow !== null) ? (facts: Facts): Matched => shadow.match(facts) : null,
    recordsVerdicts: compiler.atoms.recorded.size > 0,
    atomsToRecord: createRecorder(compiler),
    impersonal,
    rules: byId,
  }
}

/**
 * Makes the plan of an image in one go. The image is taken as valid: `policy/` has refused everything else. Throws CodedError
 * `plan.condition_unknown` when it needs a condition that is not among the parts.
 */
export const buildPlan = (image: PolicyImage, parts: PlanParts): Plan => {
  const work = assemble(image, parts)
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}

/**
 * The same in slices: after each, `pause` is awaited, so that a thread which serves meanwhile is never held up for long. Work is
 * counted, not timed.
 */
export const buildPlanInSlices = async (image: PolicyImage, parts: PlanParts, pause: () => Promise<void>): Promise<Plan> => {
  const work = assemble(image, parts)
  let done = 0
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    done += step.value
    if (done < SLICE) continue
    done = 0
    await pause()
  }
}
