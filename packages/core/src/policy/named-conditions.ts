import type { ConditionCatalogue, FormulaKind, Slot } from './condition-catalogue.ts'
import { mayStand, placesOf } from './condition-catalogue.ts'
import { collect } from './declared.ts'
import type { PolicyDocument } from './document.ts'
import { type FormulaScope, readFormula, type ReadFormula } from './formula.ts'
import { type Reporter, suggest } from './reporter.ts'
import { type Named, named, raw } from './shape.ts'
import { placeOf, type Span } from './source.ts'
import type { Node } from './tree.ts'

/** Where a `use` stands. */
export interface UsePlace {
  readonly kind: FormulaKind
  readonly slot: Slot
  /** Zone of the document. */
  readonly zone: string | null
}

/** Reusable conditions (`use`), each read once; whether it may stand in a place is asked wherever it is used. */
export interface NamedConditions {
  readonly resolve: (name: string, at: Span, place: UsePlace) => ReadFormula | null
}

interface State {
  readonly entries: ReadonlyMap<string, Named<Node>>
  /** Zone of each document by path. */
  readonly zones: ReadonlyMap<string, string | null>
  readonly read: Map<string, ReadFormula | null>
  readonly open: string[]
  readonly catalogue: ConditionCatalogue
  readonly to: Reporter
}

export const namedConditions = named(raw({ $ref: '#/$defs/any-condition' }))

const readOne = (state: State, entry: Named<Node>): ReadFormula | null => {
  const before = state.read.get(entry.name)
  if (before !== undefined) return before
  state.open.push(entry.name)
  const scope: FormulaScope = {
    kind: 'named',
    slot: 'how',
    catalogue: state.catalogue,
    to: state.to,
    use: (name, at) => resolve(state, name, at),
  }
  const read = readFormula(entry.node, scope)
  state.open.pop()
  state.read.set(entry.name, read)
  return read
}

const resolve = (state: State, name: string, at: Span): ReadFormula | null => {
  const entry = state.entries.get(name)
  if (entry === undefined) {
    state.to.report('name.unknown', at, { noun: 'condition', name, help: suggest(name, state.entries.keys()) || undefined })
    return null
  }
  if (!state.open.includes(name)) return readOne(state, entry)
  state.to.report('conditions.cycle', at, { name, path: [...state.open, name].join(' → ') })
  return null
}

/** A condition that leans on its document's zone means another time in a document with another. */
const leansOnZone = (read: ReadFormula): boolean =>
  read.atoms.some(({ known, spec }) => {
    const { faults } = known.condition
    return faults !== undefined && faults(spec, { zone: null }).length > faults(spec, { zone: 'UTC' }).length
  })

const checkUse = (
  state: State,
  use: { readonly read: ReadFormula; readonly name: string; readonly at: Span },
  place: UsePlace,
): boolean => {
  const { read, name, at } = use
  const stray = read.atoms.find((atom) => !mayStand(atom.known, place.kind, place.slot))
  if (stray !== undefined) {
    const where = placeOf(stray.key.file, stray.key.start)
    const { key } = stray.known.condition
    state.to.report('conditions.misplaced', at, { name, key, slot: place.slot, places: placesOf(stray.known), line: where.line })
    return false
  }
  const home = state.entries.get(name)?.at.file.path ?? ''
  if (state.zones.get(home) !== place.zone && leansOnZone(read)) state.to.report('conditions.zone', at, { name })
  return true
}

export const createNamedConditions = (
  documents: readonly PolicyDocument[],
  catalogue: ConditionCatalogue,
  to: Reporter,
): NamedConditions => {
  const entries = collect(documents, { name: 'conditions', shape: namedConditions }, to)
  const zones = new Map(documents.map((document) => [document.source.path, document.zone?.name ?? null]))
  const state: State = { entries, zones, read: new Map(), open: [], catalogue, to }
  for (const entry of entries.values()) readOne(state, entry)
  return {
    resolve: (name, at, place) => {
      const read = resolve(state, name, at)
      return read !== null && checkUse(state, { read, name, at }, place) ? read : null
    },
  }
}
