import type { Condition } from '../model/condition.ts'
import type { Facts } from '../model/fact.ts'
import type { PolicyImage, RuleImage } from '../model/policy-image.ts'
import { type AtomTable, createAtomTable, type RuleScope } from './atoms.ts'
import { createCaptureReader } from './captures.ts'
import { createFormulaCompiler, type FormulaCompiler } from './compile-formula.ts'
import { createReachReader, type Reach } from './hints.ts'
import { createImplicitConditions, type Implicit } from './implicit.ts'
import { createInterner } from './intern.ts'
import { atomsOf, type Node } from './node.ts'
import type { EnforcedKind, PlanRule } from './rule.ts'
import { whoKeyOf } from './who-key.ts'

export interface CompiledRule {
  readonly rule: PlanRule
  readonly reach: Reach
}

export interface RuleCompiler {
  /** `id`: the place of the rule's name among all names. */
  readonly compile: (image: RuleImage, id: number) => CompiledRule
  readonly atoms: AtomTable
}

type Parts = PlanRule['parts']

const withImplicitWho = (kind: EnforcedKind, who: Node, { compiler, implicit }: Setup): Node =>
  kind === 'grant' || kind === 'exception' ? compiler.all(implicit.signedIn, implicit.actingOnlyIfSaid(who)) : who

const withImplicitWhat = (kind: EnforcedKind, what: Node, { implicit }: Setup): Node =>
  kind === 'grant' || kind === 'public' ? implicit.upgradeOnlyIfSaid(what) : what

/** What is left of `what` at run time where the index alone has seen to all that is written. */
const whatRemains = (kind: EnforcedKind, { compiler, implicit }: Setup): Node =>
  kind === 'grant' || kind === 'public' ? implicit.noUpgrade : compiler.always

interface Setup {
  readonly compiler: FormulaCompiler
  readonly implicit: Implicit
}

interface Life {
  readonly from: number
  readonly until: number
}

/**
 * When time alone may change what a rule says, for a caller and a request it may concern: its life, and every condition that
 * reads the clock. Null for rules that time does not touch.
 */
const horizonOf = (parts: Parts, how: Node, { from, until }: Life): PlanRule['horizon'] => {
  const lapses = atomsOf(parts.who, parts.what, parts.when, how).flatMap(({ lapses: each }) => (each === null ? [] : [each]))
  if (lapses.length === 0 && from === Number.NEGATIVE_INFINITY && until === Number.POSITIVE_INFINITY) return null
  return (facts: Facts) => {
    if (facts.now >= until || parts.who.tri(facts) === 0 || parts.what.tri(facts) === 0) return Number.POSITIVE_INFINITY
    if (facts.now < from) return from
    let least = until
    for (const lapse of lapses) {
      const at = lapse(facts)
      if (at > facts.now && at < least) least = at
    }
    return least
  }
}

export const createRuleCompiler = (image: PolicyImage, conditions: readonly Condition[]): RuleCompiler => {
  const interner = createInterner()
  const atoms = createAtomTable(image, conditions, interner)
  const compiler = createFormulaCompiler(atoms, interner)
  const setup: Setup = { compiler, implicit: createImplicitConditions(compiler, interner) }
  const capturesOf = createCaptureReader(atoms.conditionOf, interner)
  const reachOf = createReachReader(atoms.conditionOf, interner)
  const partsOf = (kind: EnforcedKind, rule: RuleImage, scope: RuleScope): Parts => ({
    who: withImplicitWho(kind, compiler.compile(rule.who, scope), setup),
    what: withImplicitWhat(kind, compiler.compile(rule.what, scope), setup),
    when: compiler.compile(rule.when, scope),
  })
  const compile = (rule: RuleImage, id: number): CompiledRule => {
    const kind = rule.kind as EnforcedKind
    const scope = { zone: rule.zone, binding: capturesOf(rule.what) }
    const parts = partsOf(kind, rule, scope)
    const how = compiler.compile(rule.how, scope)
    const reach = reachOf(rule.what)
    const what = reach.exact ? whatRemains(kind, setup) : parts.what
    const life = { from: rule.from ?? Number.NEGATIVE_INFINITY, until: rule.until ?? Number.POSITIVE_INFINITY }
    const select = compiler.all(parts.who, what, parts.when)
    const repeated = reach.postings.length > 1 || (whoKeyOf(rule.who)?.values.length ?? 0) > 1
    const horizon = horizonOf(parts, how, life)
    return {
      reach,
      rule: { id, name: rule.name, kind, image: rule, select, how, parts, ...life, horizon, waives: new Set(), repeated },
    }
  }
  return { compile, atoms }
}
