import type { Formula, RuleImage, RuleKind } from '../model/policy-image.ts'
import type { Bundle } from './bundle.ts'
import type { Slot } from './condition-catalogue.ts'
import type { PolicyDocument } from './document.ts'
import { type Atom, readFormula, readHow, type ReadFormula } from './formula.ts'
import { readLife, readRegister, readShadow } from './register.ts'
import { RULE_SHAPES, type WrittenRule } from './rule-shapes.ts'
import { positionOf, type Span } from './source.ts'
import type { Entry, Node } from './tree.ts'

export interface SlotAtom extends Atom {
  readonly slot: Slot
}

/** A rule with what its checks need: where its parts stand. */
export interface ReadRule {
  readonly kind: RuleKind
  readonly name: string
  readonly at: Span
  readonly node: Node
  readonly document: PolicyDocument
  readonly written: Partial<WrittenRule>
  readonly atoms: readonly SlotAtom[]
  readonly image: RuleImage
}

type Formulas = { readonly [S in Slot]: ReadFormula | null }

/** Where a rule stands: the block it is in, and the document. */
export interface RulePlace {
  readonly kind: RuleKind
  readonly document: PolicyDocument
  readonly bundle: Bundle
}

const SLOTS: readonly Slot[] = ['who', 'what', 'when', 'how']

const readSlot = (slot: Slot, node: Node | undefined, place: RulePlace): ReadFormula | null => {
  if (node === undefined) return null
  const { kind, bundle } = place
  const { catalogue, to } = bundle
  const zone = place.document.zone?.name ?? null
  const use = (name: string, at: Span): ReadFormula | null => bundle.conditions.resolve(name, at, { kind, slot, zone })
  const scope = { kind, slot, catalogue, to, use }
  return slot === 'how' ? readHow(node, scope) : readFormula(node, scope)
}

const SERVICE = 'what.service'

/** The file's service stands in the rules of the file that name none. */
const withService = (what: ReadFormula | null, document: PolicyDocument): Formula | null => {
  const { service } = document
  if (service === null || what?.atoms.some((atom) => atom.known.id === SERVICE)) return what?.formula ?? null
  const own: Formula = { is: SERVICE, spec: service.name }
  if (what === null) return own
  return { all: 'all' in what.formula ? [own, ...what.formula.all] : [own, what.formula] }
}

const formulaOf = (read: ReadFormula | null): Formula | null => read?.formula ?? null

const namesOf = (written: Partial<WrittenRule>): readonly string[] =>
  [...new Set([...(written.waives ?? []), ...(written.except ?? [])].map((each) => each.value))].sort()

const imageOf = (rule: Omit<ReadRule, 'image' | 'atoms'>, formulas: Formulas, bundle: Bundle): RuleImage => {
  const { written, document } = rule
  const zone = document.zone?.name ?? null
  const scope = { zone, zones: bundle.zones, to: bundle.to }
  return {
    kind: rule.kind,
    name: rule.name,
    at: positionOf(rule.at),
    zone,
    who: formulaOf(formulas.who),
    what: withService(formulas.what, document),
    when: formulaOf(formulas.when),
    how: formulaOf(formulas.how),
    ...readLife(rule, scope),
    shadow: readShadow(rule, scope, bundle),
    help: written.help ?? null,
    satisfies: [...new Set(written.satisfies ?? [])].sort(),
    names: namesOf(written),
    register: readRegister(rule, scope, bundle),
  }
}

/** Reads one rule as far as it can be read, reporting every fault. Null when it is no map. */
export const readRule = (entry: Entry, place: RulePlace): ReadRule | null => {
  const { kind, document, bundle } = place
  const partly = RULE_SHAPES[kind].partly(entry.value, bundle.to)
  if (partly === null) return null
  const written = partly.values
  const formulas = Object.fromEntries(SLOTS.map((slot) => [slot, readSlot(slot, written[slot], place)])) as unknown as Formulas
  const base = { kind, name: entry.key, at: entry.at, node: entry.value, document, written }
  const atoms = SLOTS.flatMap((slot) => (formulas[slot]?.atoms ?? []).map((atom) => ({ ...atom, slot })))
  return { ...base, atoms, image: imageOf(base, formulas, bundle) }
}
