import type { ConditionCatalogue, FormulaKind, Slot } from './condition-catalogue.ts'
import { mayStand, placesOf } from './condition-catalogue.ts'
import { collect } from './declared.ts'
import type { PolicyDocument } from './document.ts'
import { type FormulaScope, readFormula, type ReadFormula } from './formula.ts'
import { type Reporter, suggest } from './reporter.ts'
import { type Named, named, raw } from './shape.ts'
import { placeOf, type Span } from './source.ts'
import type { Node } from './tree.ts'

/** Reusable conditions (`use`), each read once; whether it may stand in a place is asked wherever it is used. */
export interface NamedConditions {
  readonly resolve: (name: string, at: Span, place: { readonly kind: FormulaKind; readonly slot: Slot }) => ReadFormula | null
}

interface State {
  readonly entries: ReadonlyMap<string, Named<Node>>
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

export const createNamedConditions = (
  documents: readonly PolicyDocument[],
  catalogue: ConditionCatalogue,
  to: Reporter,
): NamedConditions => {
  const entries = collect(documents, { name: 'conditions', shape: namedConditions }, to)
  const state: State = { entries, read: new Map(), open: [], catalogue, to }
  for (const entry of entries.values()) readOne(state, entry)
  return {
    resolve: (name, at, place) => {
      const read = resolve(state, name, at)
      if (read === null) return null
      const stray = read.atoms.find((atom) => !mayStand(atom.known, place.kind, place.slot))
      if (stray === undefined) return read
      const where = placeOf(stray.key.file, stray.key.start)
      const { key } = stray.known.condition
      to.report('conditions.misplaced', at, { name, key, slot: place.slot, places: placesOf(stray.known), line: where.line })
      return null
    },
  }
}
