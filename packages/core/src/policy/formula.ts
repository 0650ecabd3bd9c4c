import type { Formula } from '../model/policy-image.ts'
import {
  type ConditionCatalogue,
  type FormulaKind,
  keysFor,
  type KnownCondition,
  mayStand,
  placesOf,
  type Slot,
} from './condition-catalogue.ts'
import { readSpec, type ReadSpec } from './condition-spec.ts'
import { type Reporter, suggest } from './reporter.ts'
import { refuseEmpty } from './shape.ts'
import type { Span } from './source.ts'
import { describeNode, type Entry, isOwnKey, isScalar, type MapNode, type Node, textOf } from './tree.ts'

/** One condition as it stands in a rule. */
export interface Atom extends ReadSpec {
  readonly known: KnownCondition
  readonly key: Span
  readonly negated: boolean
}

export interface ReadFormula {
  readonly formula: Formula
  readonly atoms: readonly Atom[]
}

export interface FormulaScope {
  readonly kind: FormulaKind
  readonly slot: Slot
  readonly catalogue: ConditionCatalogue
  readonly to: Reporter
  /** What a `use` stands for; null when it was refused and reported. */
  readonly use: (name: string, at: Span) => ReadFormula | null
}

/** Words of this version's language description that no condition of this version answers to. */
const NOT_OFFERED = new Set(
  'country asn device risk certificate bound approval rate action resource tool arguments statement table'.split(' '),
)
const COMPOSITION = ['any', 'all', 'none', 'not', 'use'] as const
type Composition = (typeof COMPOSITION)[number]
const isComposition = (key: string): key is Composition => (COMPOSITION as readonly string[]).includes(key)

const together = (
  parts: readonly (ReadFormula | null)[],
  join: (formulas: readonly Formula[]) => Formula,
): ReadFormula | null => {
  const read = parts.filter((part) => part !== null)
  if (read.length !== parts.length || read.length === 0) return null
  return { formula: join(read.map((part) => part.formula)), atoms: read.flatMap((part) => part.atoms) }
}

const all = (formulas: readonly Formula[]): Formula => (formulas.length === 1 ? (formulas[0] as Formula) : { all: formulas })
const any = (formulas: readonly Formula[]): Formula => (formulas.length === 1 ? (formulas[0] as Formula) : { any: formulas })

const negate = (read: ReadFormula | null): ReadFormula | null =>
  read === null ? null : { formula: { not: read.formula }, atoms: read.atoms.map((atom) => ({ ...atom, negated: true })) }

const refuseUnknown = (entry: Entry, scope: FormulaScope): null => {
  const { catalogue, kind, slot, to } = scope
  const elsewhere = catalogue.byKey.get(entry.key)?.[0]
  if (elsewhere !== undefined) {
    to.report('condition.misplaced', entry.at, { key: entry.key, slot, places: placesOf(elsewhere), kind })
  } else if (catalogue.owners.has(entry.key)) {
    to.report('condition.modifier_alone', entry.at, { key: entry.key, owners: catalogue.owners.get(entry.key)?.join(' or ') })
  } else {
    const offered = !NOT_OFFERED.has(entry.key)
    const help = offered ? suggest(entry.key, [...keysFor(catalogue, kind, slot), ...COMPOSITION], 'keys') : undefined
    to.report(offered ? 'condition.unknown' : 'condition.not_offered', entry.at, {
      key: entry.key,
      slot,
      help: help || undefined,
    })
  }
  return null
}

const readAtom = (entry: Entry, map: MapNode, scope: FormulaScope): ReadFormula | null => {
  const known = scope.catalogue.byKey.get(entry.key)?.find((candidate) => mayStand(candidate, scope.kind, scope.slot))
  if (known === undefined) return refuseUnknown(entry, scope)
  const modifiers = known.modifiers.flatMap((key) => map.entries.get(key) ?? [])
  const read = readSpec(known, { own: entry, modifiers }, scope.to)
  if (read === null) return null
  return { formula: { is: known.id, spec: read.spec }, atoms: [{ ...read, known, key: entry.at, negated: false }] }
}

const readList = (node: Node, scope: FormulaScope, key: string): readonly (ReadFormula | null)[] | null => {
  if (node.kind === 'list') return node.items.map((item) => readFormula(item, scope))
  scope.to.report('formula.list_needed', node, { key, found: describeNode(node) })
  return null
}

const readNot = (node: Node, scope: FormulaScope): ReadFormula | null => {
  if (node.kind === 'map' && termsOf(node, scope.catalogue).length > 1) {
    scope.to.report('formula.not_several', node)
    return null
  }
  return negate(readFormula(node, scope))
}

const readUse = (node: Node, scope: FormulaScope): ReadFormula | null => {
  const names = node.kind === 'list' ? node.items : [node]
  const parts = names.map((item) => {
    const name = textOf(item)
    if (name === null) scope.to.report('value.type', item, { wanted: 'the name of a condition', found: describeNode(item) })
    return name === null ? null : scope.use(name, item)
  })
  return together(parts, all)
}

const readComposition = (key: Composition, node: Node, scope: FormulaScope): ReadFormula | null => {
  if (refuseEmpty(node, scope.to)) return null
  if (key === 'not') return readNot(node, scope)
  if (key === 'use') return readUse(node, scope)
  const parts = readList(node, scope, key)
  if (parts === null) return null
  return key === 'none' ? together(parts.map(negate), all) : together(parts, key === 'any' ? any : all)
}

/** Entries that are terms of their own: modifiers beside their condition and `x-` keys are not. */
const termsOf = (map: MapNode, catalogue: ConditionCatalogue): readonly Entry[] =>
  [...map.entries.values()].filter(
    (entry) => !isOwnKey(entry.key) && !(catalogue.owners.get(entry.key) ?? []).some((owner) => map.entries.has(owner)),
  )

const readMap = (map: MapNode, scope: FormulaScope): ReadFormula | null => {
  const terms = termsOf(map, scope.catalogue)
  if (terms.length === 0) scope.to.report('value.empty', map, { found: 'a map without conditions' })
  const parts = terms.map((entry) =>
    isComposition(entry.key) ? readComposition(entry.key, entry.value, scope) : readAtom(entry, map, scope),
  )
  return together(parts, all)
}

/** One or several keys of a map: all of them. Null when anything was refused; it was reported. */
export const readFormula = (node: Node, scope: FormulaScope): ReadFormula | null => {
  if (refuseEmpty(node, scope.to)) return null
  if (node.kind === 'map') return readMap(node, scope)
  if (isScalar(node, 'never')) scope.to.report('formula.never_misplaced', node)
  else if (node.kind === 'list') scope.to.report('formula.list', node, { slot: scope.slot })
  else scope.to.report('formula.shape', node, { slot: scope.slot, found: describeNode(node) })
  return null
}

/** The `how` of a guardrail or an invariant may be `never`. */
export const readHow = (node: Node, scope: FormulaScope): ReadFormula | null =>
  isScalar(node, 'never') && (scope.kind === 'guardrail' || scope.kind === 'invariant')
    ? { formula: { never: true }, atoms: [] }
    : readFormula(node, scope)
