import { CodedError } from '../lib/coded-error.ts'
import { type CompileScope, type Condition, factsReadBy, type Spec, type TraceStep } from '../model/condition.ts'
import { type FactName, type Facts, FACTS } from '../model/fact.ts'
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
  /** The condition reads a fact that comes from the credential. */
  readonly isOfCaller: (is: string, spec: Spec) => boolean
  readonly atom: (written: Written, scope: RuleScope) => Atom
  /** Leaves under `not` are recorded by the leaf they negate. */
  readonly recorded: ReadonlyMap<Atom, Recorded>
}

/** What is known of a leaf from the facts it reads. */
interface Reads {
  readonly names: readonly FactName[]
  readonly ofCaller: boolean
  readonly ofAcr: boolean
  /** It reads a fact whose value the log does not keep. */
  readonly hidden: boolean
}

const readsOf = (names: readonly FactName[]): Reads => ({
  names,
  ofCaller: names.some((name) => FACTS[name].from === 'credential'),
  ofAcr: names.includes('acr'),
  hidden: names.some((name) => FACTS[name].log !== 'plain'),
})

interface Leaf {
  readonly test: Test
  readonly reads: Reads
  readonly trace: NonNullable<Atom['trace']> | null
  readonly lapses: Atom['lapses']
  readonly recorded: Recorded | null
  /** As it is, and under `not`, once somebody wants it. */
  readonly atoms: [Atom | null, Atom | null]
}

/** A condition of the catalogue with what has been compiled of it. */
interface Known {
  readonly condition: Condition
  readonly name: string
  /** Of every spec; null: each spec reads facts of its own. */
  readonly reads: Reads | null
  readonly leaves: Map<number | string, Leaf>
}

const createKnown = (condition: Condition): Known => ({
  condition,
  name: `${condition.place}.${condition.key}`,
  reads: condition.readsOf === undefined ? readsOf(condition.reads) : null,
  leaves: new Map(),
})

const readsBy = ({ condition, reads }: Known, spec: Spec): Reads => reads ?? readsOf(factsReadBy(condition, spec))

const NEVER_LAPSES: Atom['lapses'] = []

/** Made when somebody asks why: it costs as much as the leaf itself. */
const traceOf = (condition: Condition, spec: Spec, scope: CompileScope): Leaf['trace'] => {
  const { trace } = condition
  if (trace === undefined) return null
  let made: ((facts: Facts) => readonly TraceStep[]) | null = null
  return (facts) => {
    made ??= trace(spec, scope)
    return made(facts)
  }
}

interface LeafPlace {
  readonly scope: CompileScope
  readonly key: string
  readonly reads: Reads
}

const compileLeaf = ({ condition }: Known, spec: Spec, at: LeafPlace): Leaf => {
  const { reads } = at
  const made: Verdict[] = []
  const say = createSay(condition)
  const remember: typeof say = (code, remedy) => {
    const verdict = say(code, remedy)
    made.push(verdict)
    return verdict
  }
  const lapse = reads.names.includes('now') ? condition.lapses?.(spec, at.scope) : undefined
  const lapses = lapse === undefined ? NEVER_LAPSES : [lapse]
  const test = condition.compile(spec, at.scope, reads.hidden ? remember : say)
  const rest = { reads, lapses, trace: traceOf(condition, spec, at.scope) }
  if (!reads.hidden) return { ...rest, test, recorded: null, atoms: [null, null] }
  const replayed = replayable(test, { key: at.key, ofCaller: reads.ofCaller, verdicts: made })
  return { ...rest, test: replayed, recorded: { key: at.key, test: replayed }, atoms: [null, null] }
}

const createAtom = ({ name }: Known, leaf: Leaf, { id, negated }: { id: number; negated: boolean }): Atom => {
  const test = negated ? negateTest(leaf.test, name) : leaf.test
  const { lapses, trace, reads } = leaf
  return {
    type: 'atom',
    id,
    test,
    condition: name,
    negated,
    reads: reads.names,
    ofCaller: reads.ofCaller,
    ofAcr: reads.ofAcr,
    lapses,
    trace,
    tri: (facts) => test(facts).tri,
  }
}

/** What tells leaves of one condition apart: mostly the spec alone. */
const keyOf = (
  { condition }: Known,
  { spec }: Written,
  { scope, interner }: { scope: RuleScope; interner: Interner },
): number | string => {
  const number = interner.spec(spec)
  const compared = condition.compares?.(spec) ?? []
  if (compared.length === 0 && scope.zone === null) return number
  return `${number} ${scope.zone ?? ''} ${compared.map((name) => scope.binding(name)?.key ?? '-').join()}`
}

/**
 * Compiles each distinct condition once. Distinct means: another condition, spec, zone, or source of a `$name`.
 * Throws CodedError `plan.condition_unknown` for an image that needs a condition this version does not have.
 */
export const createAtomTable = (image: PolicyImage, conditions: readonly Condition[], interner: Interner): AtomTable => {
  const byName = new Map(conditions.map((condition) => [`${condition.place}.${condition.key}`, createKnown(condition)]))
  const recorded = new Map<Atom, Recorded>()
  let hidden = 0
  const knownOf = (is: string): Known => {
    const known = byName.get(is)
    if (known !== undefined) return known
    throw new CodedError('plan.condition_unknown', `the policy uses ${is}, which this version does not know`)
  }
  const leafOf = (known: Known, written: Written, scope: RuleScope): Leaf => {
    const leafKey = keyOf(known, written, { scope, interner })
    const found = known.leaves.get(leafKey)
    if (found !== undefined) return found
    const compileScope = { image, zone: scope.zone, capture: (name: string) => scope.binding(name)?.bind ?? null }
    // Numbered in the order of the rules: the same image has the same keys, whenever and wherever its plan is made.
    const reads = readsBy(known, written.spec)
    const key = `${known.name}:${reads.hidden ? hidden++ : ''}`
    const leaf = compileLeaf(known, written.spec, { scope: compileScope, key, reads })
    known.leaves.set(leafKey, leaf)
    return leaf
  }
  const atom = (written: Written, scope: RuleScope): Atom => {
    const known = knownOf(written.is)
    const leaf = leafOf(known, written, scope)
    const place = written.negated ? 1 : 0
    const made = leaf.atoms[place] ?? createAtom(known, leaf, { id: interner.nextId(), negated: written.negated })
    leaf.atoms[place] = made
    if (leaf.recorded !== null) recorded.set(made, leaf.recorded)
    return made
  }
  return {
    conditionOf: (is) => knownOf(is).condition,
    isOfCaller: (is, spec) => readsBy(knownOf(is), spec).ofCaller,
    atom,
    recorded,
  }
}
