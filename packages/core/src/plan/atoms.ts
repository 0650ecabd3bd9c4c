import { CodedError } from '../lib/coded-error.ts'
import type { CompileScope, Condition, Spec } from '../model/condition.ts'
import { FACTS } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { createSay } from '../model/say.ts'
import type { Test, Verdict } from '../model/verdict.ts'
import type { Binding } from './captures.ts'
import { replayable } from './given.ts'
import type { Interner } from './intern.ts'
import { type Atom, negateTest } from './node.ts'

/** What the conditions of one rule may refer to. */
export interface RuleScope {
  readonly zone: string | null
  readonly binding: (name: string) => Binding | null
}

/** A written condition: which, its spec, and whether it stands under `not`. */
export interface Written {
  readonly is: string
  readonly spec: Spec
  readonly negated: boolean
}

/** A leaf whose verdict the log keeps in place of the facts it reads. */
export interface Recorded {
  readonly key: string
  readonly test: Test
}

export interface AtomTable {
  readonly conditionOf: (is: string) => Condition
  readonly atom: (written: Written, scope: RuleScope) => Atom
  /** Leaves under `not` are recorded by the leaf they negate. */
  readonly recorded: ReadonlyMap<Atom, Recorded>
}

interface Leaf {
  readonly test: Test
  readonly lapses: Atom['lapses']
  readonly recorded: Recorded | null
  readonly atoms: [Atom | null, Atom | null]
}

const readsOf = (condition: Condition) => ({
  ofCaller: condition.reads.some((name) => FACTS[name].from === 'credential'),
  ofAcr: condition.reads.includes('acr'),
  hidden: condition.reads.some((name) => FACTS[name].log !== 'plain'),
})

const compileLeaf = (condition: Condition, spec: Spec, options: { scope: CompileScope; ordinal: number }): Leaf => {
  const verdicts: Verdict[] = []
  const say = createSay(condition)
  const remember: typeof say = (code, remedy) => {
    const verdict = say(code, remedy)
    verdicts.push(verdict)
    return verdict
  }
  const lapses = condition.lapses?.(spec, options.scope) ?? null
  const { hidden, ofCaller } = readsOf(condition)
  if (!hidden) return { test: condition.compile(spec, options.scope, say), lapses, recorded: null, atoms: [null, null] }
  const key = `${condition.place}.${condition.key}:${options.ordinal}`
  const test = replayable(condition.compile(spec, options.scope, remember), { key, ofCaller, verdicts })
  return { test, lapses, recorded: { key, test }, atoms: [null, null] }
}

const createAtom = (condition: Condition, leaf: Leaf, { id, negated }: { id: number; negated: boolean }): Atom => {
  const name = `${condition.place}.${condition.key}`
  const test = negated ? negateTest(leaf.test, name) : leaf.test
  const { ofCaller, ofAcr } = readsOf(condition)
  return {
    type: 'atom',
    id,
    test,
    condition: name,
    negated,
    reads: condition.reads,
    ofCaller,
    ofAcr,
    lapses: leaf.lapses,
    tri: (facts) => test(facts).tri,
  }
}

/**
 * Compiles each distinct condition once. Distinct means: another condition, spec, zone, or source of a `$name`.
 * Throws CodedError `plan.condition_unknown` for an image that needs a condition this version does not have.
 */
export const createAtomTable = (image: PolicyImage, conditions: readonly Condition[], interner: Interner): AtomTable => {
  const byName = new Map(conditions.map((condition) => [`${condition.place}.${condition.key}`, condition]))
  const leaves = new Map<string, Leaf>()
  const recorded = new Map<Atom, Recorded>()
  const conditionOf = (is: string): Condition => {
    const condition = byName.get(is)
    if (condition === undefined)
      throw new CodedError('plan.condition_unknown', `the policy uses ${is}, which this version does not know`)
    return condition
  }
  const leafOf = (condition: Condition, { is, spec }: Written, scope: RuleScope): Leaf => {
    const sources = condition.compares?.(spec).map((name) => scope.binding(name)?.key ?? '-') ?? []
    const key = `${is}\n${interner.spec(spec)}\n${scope.zone ?? ''}\n${sources.join()}`
    const known = leaves.get(key)
    if (known !== undefined) return known
    const compileScope = { image, zone: scope.zone, capture: (name: string) => scope.binding(name)?.bind ?? null }
    const leaf = compileLeaf(condition, spec, { scope: compileScope, ordinal: recordedCount++ })
    leaves.set(key, leaf)
    return leaf
  }
  let recordedCount = 0
  const atom = (written: Written, scope: RuleScope): Atom => {
    const condition = conditionOf(written.is)
    const leaf = leafOf(condition, written, scope)
    const place = written.negated ? 1 : 0
    const known = leaf.atoms[place]
    if (known !== null) return known
    const made = createAtom(condition, leaf, { id: interner.nextId(), negated: written.negated })
    leaf.atoms[place] = made
    if (leaf.recorded !== null) recorded.set(made, leaf.recorded)
    return made
  }
  return { conditionOf, atom, recorded }
}
