import type { Noun, ServiceImage } from '../model/policy-image.ts'
import { factsReadBy, type Reference, type SpecPlace } from '../model/condition.ts'
import type { ClaimType } from '../model/fact.ts'
import type { Bundle } from './bundle.ts'
import { suggest } from './reporter.ts'
import type { ReadRule, SlotAtom } from './rule.ts'
import { type Node, plainOf } from './tree.ts'

/** Services a rule is about: those its `what` names, or all of them when it names none. */
export const servicesOf = (rule: ReadRule, bundle: Bundle): readonly (readonly [string, ServiceImage])[] => {
  const written = rule.atoms.filter((atom) => atom.slot === 'what' && !atom.negated)
  const named = written.flatMap((atom) => atom.known.condition.index?.(atom.spec).services ?? [])
  const names = named.length > 0 ? named : rule.document.service === null ? null : [rule.document.service.name]
  const { services } = bundle.nouns
  if (names === null) return Object.entries(services)
  return [...new Set(names)].flatMap((name) => {
    const service = Object.hasOwn(services, name) ? services[name] : undefined
    return service === undefined ? [] : [[name, service] as const]
  })
}

const providersOf = (rule: ReadRule, bundle: Bundle): ReadonlySet<string> =>
  new Set(servicesOf(rule, bundle).flatMap(([, service]) => service.providers))

/** Claims by name with their type; null where providers declare different ones. */
const claimsOf = (rule: ReadRule, bundle: Bundle): ReadonlyMap<string, ClaimType | null> => {
  const accepted = providersOf(rule, bundle)
  const providers = Object.entries(bundle.nouns.providers).filter(([name]) => accepted.has(name))
  const types = new Map<string, ClaimType | null>()
  for (const [name, type] of providers.flatMap(([, provider]) => Object.entries(provider.claims)))
    types.set(name, types.has(name) && types.get(name) !== type ? null : type)
  return types
}

const operationNames = (rule: ReadRule, bundle: Bundle, noun: 'operation' | 'tag'): ReadonlySet<string> => {
  const operations = servicesOf(rule, bundle).flatMap(([, service]) => service.operations)
  return new Set(operations.flatMap((operation) => (noun === 'operation' ? [operation.id] : operation.tags)))
}

const NOTHING: ReadonlySet<string> = new Set()

const knownNames = (noun: Noun, rule: ReadRule, bundle: Bundle): ReadonlySet<string> => {
  if (noun === 'claim') return new Set(claimsOf(rule, bundle).keys())
  if (noun === 'operation' || noun === 'tag') return operationNames(rule, bundle, noun)
  return bundle.declared.get(noun) ?? NOTHING
}

/** What is declared round a condition, for those that check it themselves. */
export const specPlaceOf = (
  atom: SlotAtom,
  rule: ReadRule,
  context: { bundle: Bundle; captures: readonly string[] },
): SpecPlace => ({
  kind: rule.kind,
  slot: atom.slot,
  claims: claimsOf(rule, context.bundle),
  captures: context.captures,
  names: (noun) => knownNames(noun, rule, context.bundle),
})

/** The scalar or key within a condition that spells a name; the whole condition when none does. */
const spelled = (node: Node, name: string): Node => {
  if (node.kind === 'list')
    return node.items.map((item) => spelled(item, name)).find((item) => item.kind === 'scalar' && plainOf(item) === name) ?? node
  if (node.kind !== 'map') return node
  for (const entry of node.entries.values()) {
    if (entry.key === name) return { kind: 'scalar', value: name, ...entry.at }
    const inner = spelled(entry.value, name)
    if (inner.kind === 'scalar' && inner.value === name) return inner
  }
  return node
}

const CODE: Partial<Record<Noun, 'claim.unknown' | 'operation.unknown'>> = {
  claim: 'claim.unknown',
  operation: 'operation.unknown',
  tag: 'operation.unknown',
}

const checkReference = (
  { noun, name }: Reference,
  atom: SlotAtom,
  context: { readonly rule: ReadRule; readonly bundle: Bundle },
): void => {
  const { rule, bundle } = context
  const known = knownNames(noun, rule, bundle)
  if (known.has(name)) return
  const help = suggest(name, known) || undefined
  bundle.to.report(CODE[noun] ?? 'name.unknown', spelled(atom.at, name), { noun, name, help })
}

/** Every name a rule mentions is declared: a misspelt group would otherwise switch a guardrail off without a word. */
export const checkReferences = (rule: ReadRule, bundle: Bundle): void => {
  for (const atom of rule.atoms) {
    for (const reference of atom.known.condition.refers?.(atom.spec) ?? []) checkReference(reference, atom, { rule, bundle })
  }
}

/** A fact that nobody here provides is unknown for every request: a guardrail that reads it refuses everybody. */
export const checkSources = (rule: ReadRule, bundle: Bundle): void => {
  for (const atom of rule.atoms) {
    const { key } = atom.known.condition
    const reads = factsReadBy(atom.known.condition, atom.spec)
    const missing = reads.find((fact) => bundle.facts !== null && !bundle.facts.has(fact))
    if (missing !== undefined) bundle.to.report('fact.no_source', atom.key, { key, fact: missing })
    const blind = reads.includes('operation')
      ? servicesOf(rule, bundle).find(([, service]) => service.operations.length === 0)
      : undefined
    if (blind !== undefined) bundle.to.report('fact.no_document', atom.key, { key, service: blind[0] })
  }
}
