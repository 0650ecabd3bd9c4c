// Plan (the compiled form a policy decision point works on): PolicyImage → indexed, immutable conditions. Never judges a whole request.
import type { TraceStep } from '../model/condition.ts'
import type { FactName, Facts } from '../model/fact.ts'
import type { Test, Verdict } from '../model/verdict.ts'

export type Tri = 1 | 0 | -1

/** When verdicts below may turn by time alone, epoch ms; empty: never. */
export type Lapses = readonly ((facts: Facts) => number)[]

/** A leaf: one condition, perhaps under `not`. `test` already answers for the negated form. */
export interface Atom {
  readonly type: 'atom'
  readonly id: number
  readonly tri: (facts: Facts) => Tri
  readonly test: Test
  /** `place.key`. */
  readonly condition: string
  readonly negated: boolean
  readonly reads: readonly FactName[]
  /** It reads a fact that comes from the credential: another caller may fare otherwise. */
  readonly ofCaller: boolean
  /** It reads the authentication context class, which a new login replaces. */
  readonly ofAcr: boolean
  readonly lapses: Lapses
  /** The value of every part, where the condition has parts; for whoever asks why. */
  readonly trace?: ((facts: Facts) => readonly TraceStep[]) | null
}

/** `all` of no parts is met, `any` of no parts is unmet. Parts are distinct. */
export interface Group {
  readonly type: 'all' | 'any'
  readonly id: number
  readonly tri: (facts: Facts) => Tri
  readonly parts: readonly Node[]
  readonly lapses: Lapses
}

/** Negation normal form: `not` stands on leaves only. Equal nodes are one object. */
export type Node = Atom | Group

const allOf = (parts: readonly Node[]): ((facts: Facts) => Tri) => {
  const [first, second] = parts
  if (first === undefined) return () => 1
  if (second === undefined) return first.tri
  if (parts.length === 2) return allOfTwo(first, second)
  return (facts) => {
    let least: Tri = 1
    for (const part of parts) {
      const tri = part.tri(facts)
      if (tri === 0) return 0
      if (tri === -1) least = -1
    }
    return least
  }
}

const allOfTwo = (first: Node, second: Node): ((facts: Facts) => Tri) => {
  const a = first.tri
  const b = second.tri
  return (facts) => {
    const left = a(facts)
    if (left === 0) return 0
    const right = b(facts)
    return right === 1 ? left : right
  }
}

const anyOf =
  (parts: readonly Node[]): ((facts: Facts) => Tri) =>
  (facts) => {
    let most: Tri = 0
    for (const part of parts) {
      const tri = part.tri(facts)
      if (tri === 1) return 1
      if (tri === -1) most = -1
    }
    return most
  }

export const createGroup = (type: 'all' | 'any', id: number, parts: readonly Node[]): Group => ({
  type,
  id,
  parts,
  tri: type === 'all' ? allOf(parts) : anyOf(parts),
  lapses: joinLapses(parts),
})

/** The distinct ones of several nodes. */
export const joinLapses = (nodes: readonly Node[]): Lapses => {
  let joined: Lapses = NO_LAPSES
  for (const { lapses } of nodes) {
    if (lapses.length === 0) continue
    joined = joined.length === 0 ? lapses : [...new Set([...joined, ...lapses])]
  }
  return joined
}

const NO_LAPSES: Lapses = []

/** `not` keeps unknown. What was met is unmet for a reason of its own: the condition's reasons say why it is not met. */
export const negateTest = (test: Test, condition: string): Test => {
  const met: Verdict = { tri: 1, code: 'met', condition, by: undefined, remedy: undefined }
  const excluded: Verdict = { tri: 0, code: 'condition.excluded', condition, by: undefined, remedy: undefined }
  return (facts) => {
    const verdict = test(facts)
    if (verdict.tri === -1) return verdict
    return verdict.tri === 1 ? excluded : met
  }
}

/** Every leaf below a node, each once. */
export const atomsOf = (...nodes: readonly Node[]): readonly Atom[] => {
  const found = new Set<Atom>()
  const visit = (node: Node): void => {
    if (node.type === 'atom') found.add(node)
    else for (const part of node.parts) visit(part)
  }
  for (const node of nodes) visit(node)
  return [...found]
}
