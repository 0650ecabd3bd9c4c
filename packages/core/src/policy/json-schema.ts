import { z } from 'zod'
import { attempt } from '../lib/attempt.ts'
import type { Condition } from '../model/condition.ts'
import { RULE_KINDS } from '../model/policy-image.ts'
import { caseBlocks } from './cases.ts'
import {
  type ConditionCatalogue,
  createConditionCatalogue,
  type FormulaKind,
  type KnownCondition,
  mayStand,
  type Slot,
} from './condition-catalogue.ts'
import { RULE_BLOCKS } from './document.ts'
import { namedConditions } from './named-conditions.ts'
import { networks } from './networks.ts'
import { boundsShape } from './nouns.ts'
import { bindings, clients, scopes, workloads } from './principals.ts'
import { providers } from './providers.ts'
import { KIND_OF, RULE_SHAPES } from './rule-shapes.ts'
import { services } from './services.ts'
import { type JsonSchema, NAME } from './shape.ts'
import { variables } from './variables.ts'

const SLOTS: readonly Slot[] = ['who', 'what', 'when', 'how']
const VARIABLE = {
  type: 'object',
  properties: { variable: { type: 'string' } },
  required: ['variable'],
  additionalProperties: false,
}

const schemaOf = (known: KnownCondition): JsonSchema => {
  const made = attempt(() => z.toJSONSchema(known.schema, { io: 'input', unrepresentable: 'any' }))
  if (!made.ok) return {}
  const { $schema: _, ...schema } = made.value
  return schema
}

interface KeySchema {
  readonly key: string
  /** Name of its definition. */
  readonly name: string
  readonly schema: JsonSchema
}

/** Every key a condition brings: its own and its modifiers'. A variable may stand for the value, or anywhere within it. */
const keysOf = (known: KnownCondition): readonly KeySchema[] => {
  const schema = schemaOf(known)
  const { about, key: own } = known.condition
  const named = (key: string): string => `${known.id}${key === own ? '' : `.${key}`}`
  if (known.modifiers.length === 0)
    return [{ key: own, name: named(own), schema: { description: about, ...admitVariables(schema) } }]
  const inner = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  return Object.entries(inner).map(([key, value]) => ({
    key,
    name: named(key),
    schema: { ...(key === own ? { description: about } : {}), ...admitVariables(value) },
  }))
}

/** A condition's schema with a variable admitted in place of each property's value and of the whole. */
const admitVariables = (schema: JsonSchema): JsonSchema => {
  const { properties, anyOf, ...rest } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly anyOf?: readonly JsonSchema[]
  }
  const members =
    properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, admitVariables(value)])) }
  const branches = anyOf === undefined ? {} : { anyOf: anyOf.map(admitVariables) }
  return { anyOf: [{ ...rest, ...members, ...branches }, { $ref: '#/$defs/variable' }] }
}

const compositionOf = (self: JsonSchema): JsonSchema => ({
  any: { type: 'array', items: self, minItems: 1 },
  all: { type: 'array', items: self, minItems: 1 },
  none: { type: 'array', items: self, minItems: 1 },
  not: self,
  use: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] },
})

const formulaSchema = (catalogue: ConditionCatalogue, kind: FormulaKind, slot: Slot): JsonSchema => {
  const own = kind === 'named' ? 'any-condition' : `${kind}-${slot}`
  const self = { $ref: `#/$defs/${own}` }
  const conditions = catalogue.all.filter((known) => mayStand(known, kind, slot)).flatMap((known) => keysOf(known).toReversed())
  const map = {
    type: 'object',
    properties: {
      ...compositionOf(self),
      ...Object.fromEntries(conditions.map(({ key, name }) => [key, { $ref: `#/$defs/${name}` }])),
    },
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    minProperties: 1,
  }
  return slot === 'how' && (kind === 'guardrail' || kind === 'invariant') ? { anyOf: [{ const: 'never' }, map] } : map
}

const definitions = (catalogue: ConditionCatalogue): JsonSchema => {
  const places = RULE_KINDS.flatMap((kind) =>
    SLOTS.map((slot) => [`${kind}-${slot}`, formulaSchema(catalogue, kind, slot)] as const),
  )
  const keys = catalogue.all.flatMap(keysOf).map(({ name, schema }) => [name, schema] as const)
  return {
    variable: VARIABLE,
    ...Object.fromEntries([...keys, ...places]),
    'any-condition': formulaSchema(catalogue, 'named', 'how'),
  }
}

const ruleBlocks = (): JsonSchema =>
  Object.fromEntries(
    RULE_BLOCKS.map((block) => [
      block,
      {
        type: 'object',
        propertyNames: { pattern: NAME.source },
        additionalProperties: RULE_SHAPES[KIND_OF[block]].schema,
        minProperties: 1,
      },
    ]),
  )

/** JSON Schema (2020-12) of a policy document, for editors. It knows forms, not names: `compilePolicy` decides. */
export const policyJsonSchema = (conditions: readonly Condition[]): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Balustrade policy',
  type: 'object',
  required: ['balustrade'],
  properties: {
    balustrade: { const: 1 },
    service: { type: 'string', description: 'The service all rules of this document are about, unless one names another.' },
    zone: { type: 'string', description: 'IANA zone of the dates and hours in this document.' },
    ...ruleBlocks(),
    services: services.schema,
    providers: providers.schema,
    groups: bindings.schema,
    roles: bindings.schema,
    workloads: workloads.schema,
    clients: clients.schema,
    scopes: scopes.schema,
    networks: networks.schema,
    conditions: namedConditions.schema,
    bounds: boundsShape.schema,
    variables: variables.schema,
    cases: caseBlocks.cases.schema,
    matrix: caseBlocks.matrix.schema,
  },
  patternProperties: { '^x-': {} },
  additionalProperties: false,
  $defs: definitions(createConditionCatalogue(conditions)),
})
