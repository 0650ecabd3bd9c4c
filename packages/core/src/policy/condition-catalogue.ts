import { z } from 'zod'
import type { Condition } from '../model/condition.ts'
import { FACTS } from '../model/fact.ts'
import type { RuleKind } from '../model/policy-image.ts'

export type Slot = 'who' | 'what' | 'when' | 'how'
/** `named`: a reusable condition, whose place is checked where it is used. */
export type FormulaKind = RuleKind | 'named'

export interface KnownCondition {
  readonly condition: Condition
  readonly schema: z.ZodType
  readonly modifiers: readonly string[]
  /** `place.key`. */
  readonly id: string
  readonly remedy: boolean
  readonly readsCredential: boolean
}

/** The conditions this policy may use, by key and by id. */
export interface ConditionCatalogue {
  readonly all: readonly KnownCondition[]
  readonly byKey: ReadonlyMap<string, readonly KnownCondition[]>
  readonly byId: ReadonlyMap<string, KnownCondition>
  /** Owners of a modifier key. */
  readonly owners: ReadonlyMap<string, readonly string[]>
}

const know = (condition: Condition): KnownCondition => ({
  condition,
  schema: condition.schema(z),
  modifiers: condition.modifiers ?? [],
  id: `${condition.place}.${condition.key}`,
  remedy: Object.values(condition.reasons).some((reason) => reason.remedy),
  readsCredential: condition.reads.some((fact) => FACTS[fact].from === 'credential'),
})

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

export const createConditionCatalogue = (conditions: readonly Condition[]): ConditionCatalogue => {
  const all = conditions.map(know)
  const owned = all.flatMap((known) => known.modifiers.map((modifier) => ({ modifier, owner: known.condition.key })))
  const owners = groupBy(owned, (pair) => pair.modifier)
  return {
    all,
    byKey: groupBy(all, (known) => known.condition.key),
    byId: new Map(all.map((known) => [known.id, known])),
    owners: new Map([...owners].map(([modifier, pairs]) => [modifier, pairs.map((pair) => pair.owner)])),
  }
}

const inHow = (known: KnownCondition, kind: FormulaKind): boolean => {
  const { place } = known.condition
  if (kind === 'guardrail' || kind === 'invariant') return true
  if (kind === 'public') return (place === 'circumstance' || place === 'how') && !known.readsCredential
  return place === 'how' || place === 'circumstance' || place === 'who'
}

/** The table at the top of the language's description: which condition may stand where. */
export const mayStand = (known: KnownCondition, kind: FormulaKind, slot: Slot): boolean => {
  const { place } = known.condition
  // Its place gives it its role; what it may read there is checked with the rest of the rule.
  if (kind === 'named' || place === 'any') return true
  if (slot === 'how') return inHow(known, kind)
  if (slot === 'when' && place === 'circumstance') return kind === 'guardrail' || kind === 'invariant'
  return place === slot
}

/** Keys offered in a place, for "did you mean". */
export const keysFor = (catalogue: ConditionCatalogue, kind: FormulaKind, slot: Slot): readonly string[] =>
  catalogue.all.filter((known) => mayStand(known, kind, slot)).flatMap((known) => [known.condition.key, ...known.modifiers])

/** The places of the language in which a condition may stand, for messages. */
export const placesOf = (known: KnownCondition): string => {
  const { place } = known.condition
  if (place === 'any') return 'any `who`, `what`, `when` or `how`'
  if (place === 'circumstance') return 'the `when` of a guardrail, or any `how`'
  if (place === 'who') return 'any `who`, or a `how` of a rule that needs a caller'
  if (place === 'how') return 'a `how`'
  return `a \`${place}\`, or the \`how\` of a guardrail`
}
