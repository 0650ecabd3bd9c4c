import type { Address } from '../lib/address.ts'
import type { Network } from '../lib/network.ts'
import { UNKNOWN } from '../model/fact.ts'
import type { Fault } from './fault.ts'
import type { Int } from './integer.ts'

/** The source of a value did not tell it: one and the same for facts and for what is computed from them. */
export { UNKNOWN } from '../model/fact.ts'

export interface Uint {
  readonly kind: 'uint'
  readonly value: Int
}
export interface Double {
  readonly kind: 'double'
  readonly value: number
}
export interface Bytes {
  readonly kind: 'bytes'
  readonly octets: Uint8Array
}
/** Nanoseconds, an int64. */
export interface Duration {
  readonly kind: 'duration'
  readonly nanos: Int
}
/** Whole seconds since 1970 and the nanoseconds after them, 0 to 999,999,999. */
export interface Timestamp {
  readonly kind: 'timestamp'
  readonly seconds: number
  readonly nanos: number
}
export interface TypeValue {
  readonly kind: 'type'
  readonly name: string
}
export interface Optional {
  readonly kind: 'optional'
  /** Undefined: none. */
  readonly value: Value | undefined
}
/** Keys by their form for comparison (see `keyOf`), so that 1, 1u and 1.0 find the same entry. */
export interface MapValue {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<MapKey, MapEntry>
}
export type MapKey = string | boolean | Int
export interface MapEntry {
  readonly key: Value
  readonly value: Value
}
/** A list whose source does not promise that it names everything: what is not in it is unknown, not absent. */
export interface OpenList {
  readonly kind: 'open'
  readonly items: readonly Value[]
}
export interface IpValue {
  readonly kind: 'ip'
  readonly address: Address
}
/** `address` keeps the bits beyond the prefix; `network` has none. */
export interface CidrValue {
  readonly kind: 'cidr'
  readonly address: Address
  readonly network: Network
}

export type Tagged =
  | Uint
  | Double
  | Bytes
  | Duration
  | Timestamp
  | TypeValue
  | Optional
  | MapValue
  | OpenList
  | IpValue
  | CidrValue
  | Fault

/** A value of the language: text, truth and lists are JavaScript's own; an int is a number while it is safe, a bigint beyond. */
export type Value = string | boolean | Int | null | typeof UNKNOWN | readonly Value[] | Tagged

export type Kind = Exclude<Tagged['kind'], 'open'> | 'string' | 'bool' | 'int' | 'null' | 'unknown' | 'list'

const PRIMITIVES: Readonly<Record<string, Kind>> = {
  string: 'string',
  boolean: 'bool',
  number: 'int',
  bigint: 'int',
  symbol: 'unknown',
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

export const isTagged = (value: Value): value is Tagged => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value, where it has this kind. */
export const tagged = <K extends Tagged['kind']>(value: Value, kind: K): Extract<Tagged, { readonly kind: K }> | null =>
  isTagged(value) && value.kind === kind ? (value as Extract<Tagged, { readonly kind: K }>) : null

export const kindOf = (value: Value): Kind => {
  if (typeof value !== 'object') return PRIMITIVES[typeof value] as Kind
  if (value === null) return 'null'
  if (isList(value) || value.kind === 'open') return 'list'
  return value.kind
}

/** Unknown, or a fault: nothing can be computed from it. */
export const isVoid = (value: Value): value is typeof UNKNOWN | Fault =>
  value === UNKNOWN ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && (value as Tagged).kind === 'fault')

/** How little is known of a value: what is unknown may still be anything, what the caller left unsaid is for the caller to mend. */
const rankOf = (value: Value): number => {
  if (value === UNKNOWN) return 3
  if (!isVoid(value)) return 0
  return value.code === 'unsaid' ? 2 : 1
}

/** Of two values the one of which less is known, so that the order of parts decides nothing; the first of equals. */
export const leastKnown = (a: Value, b: Value): Value => (rankOf(b) > rankOf(a) ? b : a)

export const uint = (value: Int): Uint => ({ kind: 'uint', value })
export const double = (value: number): Double => ({ kind: 'double', value })
export const optional = (value: Value | undefined): Optional => ({ kind: 'optional', value })
export const NONE: Optional = { kind: 'optional', value: undefined }

const TYPE_NAMES: Readonly<Partial<Record<Kind, string>>> = {
  null: 'null_type',
  optional: 'optional_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  ip: 'net.IP',
  cidr: 'net.CIDR',
}

/** The name of a value's type, as the language spells it. */
export const typeNameOf = (value: Value): string => {
  const kind = kindOf(value)
  return TYPE_NAMES[kind] ?? kind
}

/** The number of a numeric value; undefined for any other. Numbers and bigints compare exactly with each other. */
export const numberOf = (value: Value): Int | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (!isTagged(value)) return undefined
  return value.kind === 'uint' || value.kind === 'double' ? value.value : undefined
}

/** The form in which a key is looked up; undefined for what can be no key. Doubles find the integer they equal. */
export const keyOf = (value: Value): MapKey | undefined => {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  const number = numberOf(value)
  if (typeof number !== 'number' || Number.isSafeInteger(number)) return number === undefined ? undefined : (number as MapKey)
  return Number.isInteger(number) ? BigInt(number) : undefined
}
