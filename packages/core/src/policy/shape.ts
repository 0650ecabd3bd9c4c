import { formatDuration, parseDuration } from '../lib/duration.ts'
import { type Reporter, suggest } from './reporter.ts'
import type { Span } from './source.ts'
import { describeNode, type Entry, isOwnKey, type MapNode, type Node } from './tree.ts'

export type JsonSchema = { readonly [key: string]: unknown }

/** What a value looks like: one statement from which reading, its diagnostics and the JSON Schema derive. */
export interface Shape<T> {
  /** Undefined when the value was refused; then it was reported. */
  readonly read: (node: Node, to: Reporter) => T | undefined
  readonly schema: JsonSchema
}

/** `{ variable: name }` may stand in place of any plain value or list. */
const orVariable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { $ref: '#/$defs/variable' }] })

export interface Located<T> {
  readonly value: T
  readonly at: Node
}

const isEmpty = (node: Node): boolean =>
  node.kind === 'scalar' ? node.value === null : node.kind === 'list' ? node.items.length === 0 : node.entries.size === 0

/** Reports null, empty maps and empty lists; true when the node is one. */
export const refuseEmpty = (node: Node, to: Reporter): boolean => {
  if (!isEmpty(node)) return false
  to.report('value.empty', node, { found: describeNode(node) })
  return true
}

export const refuseType = (node: Node, to: Reporter, wanted: string): undefined => {
  if (!refuseEmpty(node, to)) to.report('value.type', node, { wanted, found: describeNode(node) })
  return undefined
}

const refuseText = (node: Node, to: Reporter, wanted: string): undefined => {
  if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'string') return refuseType(node, to, wanted)
  const help = `Write it in quotes: "${node.file.text.slice(node.start, node.end)}".`
  to.report('value.type', node, { wanted, found: describeNode(node), help })
  return undefined
}

export const text = (wanted = 'text', pattern?: RegExp): Shape<string> => ({
  read: (node, to) => {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return refuseText(node, to, wanted)
    const fits = node.value.trim() !== '' && node.value.length <= 2_000 && (pattern === undefined || pattern.test(node.value))
    if (!fits) to.report('value.form', node, { wanted, found: describeNode(node) })
    return fits ? node.value : undefined
  },
  schema: orVariable(pattern === undefined ? { type: 'string', minLength: 1 } : { type: 'string', pattern: pattern.source }),
})

export const choice = <const T extends string>(values: readonly T[]): Shape<T> => ({
  read: (node, to) => {
    const found = node.kind === 'scalar' ? values.find((value) => value === node.value) : undefined
    if (found !== undefined || refuseEmpty(node, to)) return found
    const help = node.kind === 'scalar' ? suggest(String(node.value), values, 'values') : ''
    to.report('value.choice', node, {
      values: values.join(', '),
      found: describeNode(node),
      help: help === '' ? undefined : help,
    })
    return undefined
  },
  schema: orVariable({ enum: values }),
})

export const flag: Shape<boolean> = {
  read: (node, to) =>
    node.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : refuseType(node, to, 'true or false'),
  schema: orVariable({ type: 'boolean' }),
}

/** A duration in ms, at most `most`. */
export const duration = (most = Number.POSITIVE_INFINITY): Shape<number> => ({
  read: (node, to) => {
    const ms = node.kind === 'scalar' && typeof node.value === 'string' ? parseDuration(node.value) : null
    if (ms === null) return refuseType(node, to, 'a duration such as 90d, 8h, 15m or 1h30m')
    if (ms > most) to.report('value.too_long', node, { most: formatDuration(most) })
    return ms > most ? undefined : ms
  },
  schema: orVariable({
    type: 'string',
    pattern: '^([1-9][0-9]*d)?([1-9][0-9]*h)?([1-9][0-9]*m)?([1-9][0-9]*s)?([1-9][0-9]*ms)?$',
    minLength: 2,
  }),
})

export const located = <T>(shape: Shape<T>): Shape<Located<T>> => ({
  read: (node, to) => {
    const value = shape.read(node, to)
    return value === undefined ? undefined : { value, at: node }
  },
  schema: shape.schema,
})

/** The node as it stands, for what is read later with more known. */
export const raw = (schema: JsonSchema): Shape<Node> => ({
  read: (node, to) => (refuseEmpty(node, to) ? undefined : node),
  schema,
})

/** A list, or one value in place of a list of one. */
export const list = <T>(item: Shape<T>, single = true): Shape<readonly T[]> => ({
  read: (node, to) => {
    if (node.kind !== 'list') {
      if (!single) return refuseType(node, to, 'a list')
      const value = item.read(node, to)
      return value === undefined ? undefined : [value]
    }
    if (refuseEmpty(node, to)) return undefined
    const values = node.items.map((each) => item.read(each, to))
    return values.includes(undefined) ? undefined : (values as readonly T[])
  },
  schema: single
    ? { anyOf: [item.schema, { type: 'array', items: item.schema, minItems: 1 }] }
    : { type: 'array', items: item.schema, minItems: 1 },
})

export interface Named<T> {
  readonly name: string
  readonly at: Span
  readonly value: T
  readonly node: Node
}

/** Lower-case names with hyphens: of rules, services, providers and whatever else only policies name. */
export const NAME = /^[a-z][a-z0-9-]{0,62}$/
/** Names that others chose: groups, roles, claims, scopes. */
export const FOREIGN_NAME = /^[\x21-\x7e]{1,256}$/

/** Names of header fields (RFC 9110 section 5.1). */
export const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Names that plain objects answer to by themselves, and those of the writer's own keys, which are ignored elsewhere; but many header
 * fields begin with `x-`.
 */
const isReservedName = (name: string, pattern: RegExp): boolean =>
  name in Object.prototype || (isOwnKey(name) && pattern !== FIELD_NAME)

/** True when the name may be declared; otherwise reported. */
export const acceptName = (entry: { readonly name: string; readonly at: Span }, pattern: RegExp, to: Reporter): boolean => {
  if (isReservedName(entry.name, pattern)) to.report('name.reserved', entry.at, { name: entry.name })
  else if (!pattern.test(entry.name)) to.report('name.form', entry.at, { name: entry.name })
  else return true
  return false
}

/** A map keyed by name; each value by itself, so that one fault does not hide the others. */
export const named = <T>(value: Shape<T>, pattern: RegExp = NAME): Shape<readonly Named<T>[]> => ({
  read: (node, to) => {
    if (node.kind !== 'map') return refuseType(node, to, 'a map keyed by name')
    if (refuseEmpty(node, to)) return undefined
    return [...node.entries.values()].flatMap((entry) => {
      const good = acceptName({ name: entry.key, at: entry.at }, pattern, to)
      const read = value.read(entry.value, to)
      return good && read !== undefined ? [{ name: entry.key, at: entry.at, value: read, node: entry.value }] : []
    })
  },
  schema: { type: 'object', propertyNames: { pattern: pattern.source }, additionalProperties: value.schema, minProperties: 1 },
})

interface Field<T> {
  readonly shape: Shape<T>
  readonly required: boolean
}

export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> }

export const need = <T>(shape: Shape<T>): Field<T> => ({ shape, required: true })
export const maybe = <T>(shape: Shape<T>): Field<T | undefined> => ({ shape, required: false })

/** Reports keys that mean nothing here. */
export const refuseUnknownKeys = (
  node: MapNode,
  known: readonly string[],
  report: (entry: Entry, help: string | undefined) => void,
): void => {
  for (const entry of node.entries.values()) {
    if (known.includes(entry.key) || isOwnKey(entry.key)) continue
    const help = suggest(entry.key, known, 'keys')
    report(entry, help === '' ? undefined : help)
  }
}

const recordSchema = (fields: Fields<Record<string, unknown>>): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.shape.schema])),
  required: Object.entries(fields).flatMap(([key, field]) => (field.required ? [key] : [])),
  patternProperties: { '^x-': {} },
  additionalProperties: false,
})

/** Values of a record whose faults were reported: what could be read, and whether that is all. */
export interface Partly<T> {
  readonly values: Partial<T>
  readonly whole: boolean
}

export interface RecordShape<T> extends Shape<T> {
  /** What could be read in spite of faults; null when the node is no map at all. */
  readonly partly: (node: Node, to: Reporter) => Partly<T> | null
}

/** A map of known keys. Read as a whole it is undefined when a required key is missing or any value was refused. */
export const record = <T extends object>(of: string, fields: Fields<T>): RecordShape<T> => {
  const known = Object.keys(fields)
  const all = Object.entries(fields) as readonly (readonly [string, Field<unknown>])[]
  const readField = (
    node: MapNode,
    field: readonly [string, Field<unknown>],
    to: Reporter,
  ): readonly [value: unknown, good: boolean] => {
    const [key, { shape, required }] = field
    const entry = node.entries.get(key)
    if (entry === undefined) {
      if (required) to.report('key.missing', node, { key, of })
      return [undefined, !required]
    }
    const value = shape.read(entry.value, to)
    return [value, value !== undefined]
  }
  const partly = (node: Node, to: Reporter): Partly<T> | null => {
    if (node.kind !== 'map') return refuseType(node, to, `a map with ${known.slice(0, 6).join(', ')}`) ?? null
    if (refuseEmpty(node, to)) return null
    refuseUnknownKeys(node, known, (entry, help) => to.report('key.unknown', entry.at, { key: entry.key, of, help }))
    const read = all.map((field) => [field[0], readField(node, field, to)] as const)
    const values = Object.fromEntries(read.map(([key, [value]]) => [key, value]))
    return { values: values as Partial<T>, whole: read.every(([, [, good]]) => good) }
  }
  return {
    partly,
    read: (node, to) => {
      const read = partly(node, to)
      return read !== null && read.whole ? (read.values as T) : undefined
    },
    schema: recordSchema(fields as Fields<Record<string, unknown>>),
  }
}
