import { type FactName, type Facts, UNKNOWN } from '../model/fact.ts'
import type { Verdict } from '../model/verdict.ts'
import type { FormulaCompiler } from './compile-formula.ts'
import type { Interner } from './intern.ts'
import type { Atom, Node } from './node.ts'

/** Conditions that no policy writes. */
export interface Implicit {
  /** A grant's or exception's `who` never selects an anonymous caller. */
  readonly signedIn: Node
  /** An agent acting for a person is selected only by a `who` that says `acting-for`. */
  readonly actingOnlyIfSaid: (who: Node) => Node
  /** A websocket is permitted only by a `what` that says `upgrade`. */
  readonly upgradeOnlyIfSaid: (what: Node) => Node
  /** The same where `what` says nothing of it, without `what` itself. */
  readonly noUpgrade: Node
}

const mentions = (node: Node, condition: string): boolean =>
  node.type === 'atom' ? node.condition === condition && !node.negated : node.parts.some((part) => mentions(part, condition))

/** The node, met only by way of a leaf of this condition outside `not`; null when there is no such way. */
const restrict = (node: Node, condition: string, compiler: FormulaCompiler): Node | null => {
  if (!mentions(node, condition)) return null
  if (node.type === 'atom') return node
  const ways = node.parts.flatMap((part) => {
    const restricted = restrict(part, condition, compiler)
    if (restricted === null) return []
    return [node.type === 'any' ? restricted : compiler.all(restricted, ...node.parts.filter((other) => other !== part))]
  })
  return compiler.any(...ways)
}

/** Every alternative holds such a leaf. */
const alwaysSays = (node: Node, condition: string): boolean => {
  if (node.type === 'atom') return node.condition === condition && !node.negated
  const says = (part: Node) => alwaysSays(part, condition)
  return node.type === 'all' ? node.parts.some(says) : node.parts.length > 0 && node.parts.every(says)
}

const onlyIfSaid = (
  node: Node,
  condition: string,
  { compiler, otherwise }: { compiler: FormulaCompiler; otherwise: Node },
): Node => {
  if (alwaysSays(node, condition)) return node
  const said = restrict(node, condition, compiler)
  const plain = compiler.all(node, otherwise)
  return said === null ? plain : compiler.any(said, plain)
}

type Read = (facts: Facts) => unknown

interface Written {
  readonly condition: string
  readonly reads: readonly FactName[]
  readonly read: Read
  /** Code of the verdict when the fact is (not) there, and when it is unknown. */
  readonly unmet: string
  readonly unknown: string
  readonly metBy: 'presence' | 'absence'
}

const createImplicit = (id: number, { condition, reads, read, unmet, unknown, metBy }: Written): Atom => {
  const say = (tri: 1 | 0 | -1, code: string, by?: 'source'): Verdict => ({ tri, code, condition, by, remedy: undefined })
  const met = say(1, 'met')
  const not = say(0, unmet)
  const open = say(-1, unknown, 'source')
  const test = (facts: Facts): Verdict => {
    const value = read(facts)
    if (value === UNKNOWN) return open
    return (value === null) === (metBy === 'absence') ? met : not
  }
  const ofCaller = condition !== 'what.upgrade'
  return {
    type: 'atom',
    id,
    test,
    condition,
    negated: false,
    ofCaller,
    ofAcr: false,
    lapses: [],
    reads,
    tri: (facts) => test(facts).tri,
  }
}

const SIGNED_IN: Written = {
  condition: 'who.signed-in',
  reads: ['credential'],
  read: ({ credential }) => credential,
  metBy: 'presence',
  unmet: 'login.required',
  unknown: 'identity.unknown',
}
const NOT_ACTING: Written = {
  condition: 'who.acting-for',
  reads: ['actingFor'],
  read: ({ actingFor }) => actingFor,
  metBy: 'absence',
  unmet: 'acting_for.unsaid',
  unknown: 'identity.unknown',
}
const NO_UPGRADE: Written = {
  condition: 'what.upgrade',
  reads: ['upgrade'],
  read: ({ upgrade }) => upgrade,
  metBy: 'absence',
  unmet: 'upgrade.unsaid',
  unknown: 'upgrade.unknown',
}

export const createImplicitConditions = (compiler: FormulaCompiler, interner: Interner): Implicit => {
  const signedIn = createImplicit(interner.nextId(), SIGNED_IN)
  const notActing = createImplicit(interner.nextId(), NOT_ACTING)
  const noUpgrade = createImplicit(interner.nextId(), NO_UPGRADE)
  return {
    signedIn,
    noUpgrade,
    actingOnlyIfSaid: (who) => onlyIfSaid(who, 'who.acting-for', { compiler, otherwise: notActing }),
    upgradeOnlyIfSaid: (what) => onlyIfSaid(what, 'what.upgrade', { compiler, otherwise: noUpgrade }),
  }
}
