import type { Condition } from '../model/condition.ts'
import type { Facts } from '../model/fact.ts'
import type { Formula, PolicyImage, RuleImage } from '../model/policy-image.ts'
import { type AtomTable, createAtomTable, type RuleScope } from './atoms.ts'
import { createBreakGlass } from './break-glass.ts'
import { createCaptureReader } from './captures.ts'
import { createFormulaCompiler, type FormulaCompiler } from './compile-formula.ts'
import { createReachReader, type Reach } from './hints.ts'
import { createImplicitConditions, type Implicit } from './implicit.ts'
import { createInterner } from './intern.ts'
import { joinLapses, type Lapses, type Node } from './node.ts'
import type { EnforcedKind, PlanRule } from './rule.ts'
import { whoKeyOf } from './who-key.ts'

export interface CompiledRule {
  /** As it is enforced; what never is stands here as it is watched. */
  readonly rule: PlanRule
  /** As it is watched, for its own life; null when it has no shadow. */
  readonly watched: PlanRule | null
  readonly reach: Reach
}

export interface RuleCompiler {
  /** `id`: the place of the rule's name among all names. */
  readonly compile: (image: RuleImage, id: number) => CompiledRule
  readonly atoms: AtomTable
}

interface Life {
  readonly from: number
  readonly until: number
}

const lifeOf = ({ from, until }: RuleImage): Life => ({
  from: from ?? Number.NEGATIVE_INFINITY,
  until: until ?? Number.POSITIVE_INFINITY,
})

/** From when a rule that is in shadow is enforced; null: never. */
const enforcedFrom = ({ kind, from, shadow }: RuleImage): number | null => {
  if (shadow === null) return from ?? Number.NEGATIVE_INFINITY
  return kind === 'guardrail' ? Math.max(from ?? Number.NEGATIVE_INFINITY, shadow.until) : null
}

type Parts = PlanRule['parts']

const earliestOf = (lapses: Lapses, facts: Facts, until: number): number => {
  let least = until
  for (const lapse of lapses) {
    const at = lapse(facts)
    if (at > facts.now && at < least) least = at
  }
  return least
}

/** Whether it may come to hold for this request, without a change of anything but the time. */
const mayHold = ({ tri, lapses }: Node, facts: Facts): boolean => lapses.length > 0 || tri(facts) !== 0

/**
 * When time alone may change what a rule says, for a caller and a request it may concern: its life, and every condition that
 * reads the clock. Null for rules that time does not touch.
 */
const horizonOf = (concerned: Pick<Parts, 'who' | 'what'>, lapses: Lapses, { from, until }: Life): PlanRule['horizon'] => {
  if (lapses.length === 0 && from === Number.NEGATIVE_INFINITY && until === Number.POSITIVE_INFINITY) return null
  return (facts: Facts) => {
    if (facts.now >= until) return Number.POSITIVE_INFINITY
    const at = facts.now < from ? from : earliestOf(lapses, facts, until)
    const concerns = at !== Number.POSITIVE_INFINITY && mayHold(concerned.who, facts) && mayHold(concerned.what, facts)
    return concerns ? at : Number.POSITIVE_INFINITY
  }
}

interface Setup {
  readonly atoms: AtomTable
  readonly compiler: FormulaCompiler
  readonly implicit: Implicit
  readonly capturesOf: ReturnType<typeof createCaptureReader>
  readonly reachOf: (what: Formula | null) => Reach
  /** Ids of the guardrails that an exception names. */
  readonly waivesOf: (rule: RuleImage) => ReadonlySet<number>
  /** Number of a node that no other is equal to. */
  readonly nextId: () => number
}

const createWho = ({ compiler, implicit }: Setup) => {
  const withImplicit = new Map<Node, Node>()
  return (kind: EnforcedKind, who: Node): Node => {
    if (kind === 'guardrail' || kind === 'public') return who
    const known = withImplicit.get(who) ?? compiler.all(implicit.signedIn, implicit.actingOnlyIfSaid(who))
    withImplicit.set(who, known)
    return known
  }
}

const isPermit = (kind: EnforcedKind): boolean => kind === 'grant' || kind === 'public'

interface Draft {
  readonly image: RuleImage
  readonly id: number
  readonly parts: Parts
  readonly how: Node
  readonly reach: Reach
}

/**
 * `what` is compiled with the rule only where the index cannot answer it. Otherwise few requests ask (those spelled otherwise than
 * the rule, and those of somebody who wants it explained), and it waits for the first: it then holds nothing that is recorded,
 * and records are numbered in the order of the rules.
 */
const draftOf = (image: RuleImage, id: number, setup: Setup & { readonly whoOf: ReturnType<typeof createWho> }): Draft => {
  const { compiler, implicit } = setup
  const kind = image.kind as EnforcedKind
  const scope: RuleScope = { zone: image.zone, binding: setup.capturesOf(image.what) }
  const who = setup.whoOf(kind, compiler.compile(image.who, scope))
  const reach = setup.reachOf(image.what)
  const compileWhat = (): Node => {
    const written = compiler.compile(image.what, scope)
    return isPermit(kind) ? implicit.upgradeOnlyIfSaid(written) : written
  }
  let what = reach.exact === false ? compileWhat() : null
  const parts: Parts = {
    who,
    when: compiler.compile(image.when, scope),
    get what() {
      what ??= compileWhat()
      return what
    },
  }
  const how = compiler.compile(image.how, scope)
  const glass = createBreakGlass(image, setup.nextId)
  return { image, id, parts, reach, how: glass === null ? how : compiler.all(how, glass) }
}

const createCompile = (setup: Setup): RuleCompiler['compile'] => {
  const { compiler, implicit, waivesOf } = setup
  const drafting = { ...setup, whoOf: createWho(setup) }
  /** `what`: all of it, or what is left of it when the index has seen to what is written. */
  const finish = (
    { image, id, parts, how, reach, life }: Draft & { readonly life: Life },
    what: Node,
    whole: PlanRule['whole'],
  ): PlanRule => {
    const { who, when } = parts
    const horizon = horizonOf({ who, what }, joinLapses([who, what, when, how]), life)
    return {
      id,
      name: image.name,
      kind: image.kind as EnforcedKind,
      image,
      select: compiler.all(who, what, when),
      how,
      parts,
      from: life.from,
      until: life.until,
      horizon,
      waives: waivesOf(image),
      repeated: reach.postings.length > 1 || (whoKeyOf(image.who)?.values.length ?? 0) > 1,
      whole,
    }
  }
  const formOf = (draft: Draft & { readonly life: Life }): PlanRule => {
    const { image, reach } = draft
    const remains = isPermit(image.kind as EnforcedKind) ? implicit.noUpgrade : compiler.always
    // A rule that is posted twice is recognised by being one object, so it has no second form.
    if (reach.exact === true) return finish(draft, remains, null)
    if (reach.exact === false || reach.postings.length > 1) return finish(draft, draft.parts.what, null)
    let made: PlanRule | null = null
    const whole = (): PlanRule => (made ??= finish(draft, draft.parts.what, null))
    return finish(draft, remains, whole)
  }
  return (image, id) => {
    const draft = draftOf(image, id, drafting)
    const own = lifeOf(image)
    const from = enforcedFrom(image)
    const watched = image.shadow === null ? null : formOf({ ...draft, life: own })
    const rule = from === null ? null : formOf({ ...draft, life: { ...own, from } })
    return { reach: draft.reach, rule: (rule ?? watched) as PlanRule, watched }
  }
}

export const createRuleCompiler = (
  image: PolicyImage,
  conditions: readonly Condition[],
  waivesOf: Setup['waivesOf'],
): RuleCompiler => {
  const interner = createInterner()
  const atoms = createAtomTable(image, conditions, interner)
  const compiler = createFormulaCompiler(atoms, interner)
  const implicit = createImplicitConditions(compiler, interner)
  const capturesOf = createCaptureReader(atoms.conditionOf, interner)
  const reachOf = createReachReader(atoms.conditionOf, interner)
  const { nextId } = interner
  return { compile: createCompile({ atoms, compiler, implicit, capturesOf, reachOf, waivesOf, nextId }), atoms }
}
