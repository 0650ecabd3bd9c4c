// Cases of the language's conformance suite, as values and types of our own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Overload } from '../../packages/core/src/expression/signature.ts'
import { parseDuration, parseTimestamp } from '../../packages/core/src/expression/time.ts'
import type { Type } from '../../packages/core/src/expression/type.ts'
import * as types from '../../packages/core/src/expression/type.ts'
import { type MapEntry, type MapKey, type Value, double, keyOf, uint } from '../../packages/core/src/expression/value.ts'
import type { Vocabulary } from '../../packages/core/src/expression/vocabulary.ts'

type Json = { readonly [key: string]: unknown }

export interface CelCase {
  readonly name: string
  readonly expr: string
  readonly value?: Json
  readonly typedResult?: { readonly result?: Json; readonly deducedType: Json }
  readonly evalError?: Json
  readonly disableCheck?: boolean
  readonly checkOnly?: boolean
  readonly container?: string
  readonly typeEnv?: readonly Json[]
  readonly bindings?: Readonly<Record<string, { readonly value: Json }>>
}

interface CelFile {
  readonly section: readonly { readonly name: string; readonly test: readonly Omit<CelCase, 'section'>[] }[]
}

/** Every case of a file, its name led by file and section. */
export function casesOf(folder: string, file: string): readonly CelCase[] {
  const { section } = JSON.parse(readFileSync(join(folder, 'json-head', `${file}.json`), 'utf8')) as CelFile
  return section.flatMap(({ name, test }) => test.map((each) => ({ ...each, name: `${file} ${name} ${each.name}` })))
}

/** Escapes that the conversion to JSON left as they were written in the suite. */
const ESCAPED = /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g

/** The suite's expectation as text, where its escapes were not read; raw literals hold none. */
export function mended(each: CelCase): CelCase {
  const text = each.value?.['stringValue']
  if (typeof text !== 'string' || /^r/i.test(each.expr)) return each
  const read = (_: string, short?: string, long?: string) => String.fromCodePoint(Number.parseInt((short ?? long) as string, 16))
  return { ...each, expr: each.expr, value: { stringValue: text.replace(ESCAPED, read) } }
}

const PROTO = /TestAllTypes|GlobalEnum|NestedEnum|google\.protobuf\.(?!Timestamp|Duration)\w|"enumValue"/

/** Why a case is not for a language without protobuf messages and containers; null when it is. */
export function notOffered(each: CelCase): string | null {
  if (PROTO.test(JSON.stringify(each))) return 'needs protobuf messages or enums'
  if (/bytes_literals triple_\w+_quoted_unescaped_punctuation/.test(each.name))
    return 'expects a backslash that the text lost on its way to JSON'
  if (each.container !== undefined) return 'needs a container for names'
  return null
}

const number = (text: unknown): number | bigint => {
  const big = BigInt(text as string)
  return Number.isSafeInteger(Number(big)) ? Number(big) : big
}

const DOUBLES: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity }

const mapOf = (entries: readonly { readonly key: Json; readonly value: Json }[]): Value => {
  const pairs = entries.map(({ key, value }): [MapKey, MapEntry] => [
    keyOf(valueOf(key)) as MapKey,
    { key: valueOf(key), value: valueOf(value) },
  ])
  return { kind: 'map', entries: new Map(pairs) }
}

const READERS: Readonly<Record<string, (json: never) => Value>> = {
  boolValue: (value: boolean) => value,
  stringValue: (value: string) => value,
  nullValue: () => null,
  int64Value: number,
  uint64Value: (value: string) => uint(number(value)),
  doubleValue: (value: number | string) => double(typeof value === 'number' ? value : (DOUBLES[value] ?? Number(value))),
  bytesValue: (value: string) => ({ kind: 'bytes', octets: new Uint8Array(Buffer.from(value, 'base64')) }),
  typeValue: (value: string) => ({ kind: 'type', name: value }),
  listValue: ({ values }: { readonly values?: readonly Json[] }) => (values ?? []).map(valueOf),
  mapValue: ({ entries }: { readonly entries?: readonly { readonly key: Json; readonly value: Json }[] }) => mapOf(entries ?? []),
  objectValue: (value: Json) => {
    const text = value['value'] as string
    return (value['@type'] as string).endsWith('Timestamp') ? parseTimestamp(text) : parseDuration(text)
  },
}

/** A value of the suite's JSON. */
export function valueOf(json: Json): Value {
  const [[name, content] = []] = Object.entries(json)
  return READERS[name as string]?.(content as never) as Value
}

const PRIMITIVES: Readonly<Record<string, Type>> = {
  BOOL: types.BOOL,
  INT64: types.INT,
  UINT64: types.UINT,
  DOUBLE: types.DOUBLE,
  STRING: types.STRING,
  BYTES: types.BYTES,
}

type TypeReader = (content: never) => Type

const TYPES: Readonly<Record<string, TypeReader>> = {
  primitive: (name: string) => PRIMITIVES[name] as Type,
  null: () => types.NULL,
  dyn: () => types.DYN,
  wellKnown: (name: string) => (name === 'TIMESTAMP' ? types.TIMESTAMP : types.DURATION),
  wrapper: (name: string) => types.wrapperOf(PRIMITIVES[name] as Type),
  listType: ({ elemType }: { readonly elemType: Json }) => types.listOf(typeOf(elemType)),
  mapType: (map: { readonly keyType: Json; readonly valueType: Json }) => types.mapOf(typeOf(map.keyType), typeOf(map.valueType)),
  typeParam: (name: string) => ({ is: 'param', name }),
  type: () => types.typeOf(types.DYN),
  abstractType: ({ name, parameterTypes }: { readonly name: string; readonly parameterTypes?: readonly Json[] }) => ({
    is: 'opaque',
    name,
    params: (parameterTypes ?? []).map(typeOf),
  }),
}

/** A type of the suite's JSON. */
export function typeOf(json: Json): Type {
  const [[name, content] = []] = Object.entries(json)
  return TYPES[name as string]?.(content as never) ?? types.DYN
}

/** Variables that a case declares, or binds without declaring them. */
export function vocabularyOf(each: CelCase): Vocabulary<unknown> {
  const declared = new Map<string, Type>()
  for (const name of Object.keys(each.bindings ?? {})) declared.set(name, types.DYN)
  for (const { name, ident } of each.typeEnv ?? []) {
    if (ident !== undefined) declared.set(name as string, typeOf((ident as { readonly type: Json }).type))
  }
  return {
    variable: (path) => {
      const name = path.join('.')
      const type = declared.get(name)
      const bound = each.bindings?.[name]
      if (type === undefined) return null
      return {
        type,
        source: name,
        read: () => (bound === undefined ? { kind: 'fault', code: 'undeclared' } : valueOf(bound.value)),
      }
    },
    members: (path) => (path.length === 0 ? [...declared.keys()] : null),
    instead: () => null,
  }
}

interface FunctionJson {
  readonly overloads: readonly { readonly params?: readonly Json[]; readonly resultType: Json }[]
}

/** Functions that a case declares: they have types, and nothing that runs them. */
export function functionsOf(each: CelCase): Readonly<Record<string, readonly Overload[]>> {
  const declared = (each.typeEnv ?? []).filter((entry) => entry['function'] !== undefined)
  return Object.fromEntries(
    declared.map((entry) => [
      entry['name'] as string,
      (entry['function'] as FunctionJson).overloads.map(({ params, resultType }) => ({
        params: (params ?? []).map(typeOf),
        result: typeOf(resultType),
        method: false,
        run: () => ({ kind: 'fault', code: 'undeclared' }) as const,
      })),
    ]),
  )
}
