import { FAULT } from './fault.ts'
import type { Int } from './integer.ts'
import {
  isList,
  isTagged,
  keyOf,
  kindOf,
  type MapEntry,
  type MapValue,
  numberOf,
  type Tagged,
  UNKNOWN,
  type Value,
} from './value.ts'

/** True, false, or unknown where that cannot be told. */
export type Answer = boolean | typeof UNKNOWN

type Order = -1 | 0 | 1 | null

const orderOf = <T extends string | number | bigint | boolean>(a: T, b: T): Order => {
  if (a < b) return -1
  if (a > b) return 1
  // NaN is neither less nor more, and equals nothing.
  return a >= b ? 0 : null
}

const allEqual = (pairs: Iterable<readonly [Value, Value]>): Answer => {
  let answer: Answer = true
  for (const [a, b] of pairs) {
    const equal = equals(a, b)
    if (equal === false) return false
    if (equal === UNKNOWN) answer = UNKNOWN
  }
  return answer
}

const listsEqual = (a: readonly Value[], b: readonly Value[]): Answer =>
  a.length === b.length && allEqual(a.map((value, i) => [value, b[i] as Value]))

const mapsEqual = (a: MapValue, b: MapValue): Answer => {
  if (a.entries.size !== b.entries.size) return false
  const pairs: [Value, Value][] = []
  for (const [key, { value }] of a.entries) {
    const other = b.entries.get(key)
    if (other === undefined) return false
    pairs.push([value, other.value])
  }
  return allEqual(pairs)
}

const octetsEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])

type Pair<K extends Tagged['kind']> = (a: Extract<Tagged, { kind: K }>, b: Extract<Tagged, { kind: K }>) => Answer

const BY_KIND: { readonly [K in Exclude<Tagged['kind'], 'uint' | 'double' | 'open' | 'fault'>]: Pair<K> } = {
  bytes: (a, b) => octetsEqual(a.octets, b.octets),
  duration: (a, b) => a.nanos === b.nanos,
  timestamp: (a, b) => a.seconds === b.seconds && a.nanos === b.nanos,
  type: (a, b) => a.name === b.name,
  optional: (a, b) => (a.value === undefined || b.value === undefined ? a.value === b.value : equals(a.value, b.value)),
  map: mapsEqual,
  ip: (a, b) => a.address.text === b.address.text,
  cidr: (a, b) => a.address.text === b.address.text && a.network.prefix === b.network.prefix,
}

/**
 * Both numbers in forms that compare: beside a double an integer is taken for the nearest double, as the suite of the language
 * does; int and uint compare exactly. Null where either is no number.
 */
const numbersOf = (a: Value, b: Value): readonly [Int, Int] | null => {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x === undefined || y === undefined) return null
  const inexact = (isTagged(a) && a.kind === 'double') || (isTagged(b) && b.kind === 'double')
  return inexact ? [Number(x), Number(y)] : [x, y]
}

const numbersEqual = (a: Value, b: Value): boolean | null => {
  if (numberOf(a) === undefined) return null
  const pair = numbersOf(a, b)
  return pair !== null && orderOf(pair[0], pair[1]) === 0
}

/** Equality of any two values; values of different types are not equal, but numbers of all three types are one line. */
export const equals = (a: Value, b: Value): Answer => {
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return a === b
  const numbers = numbersEqual(a, b)
  if (numbers !== null) return numbers
  return kindOf(a) === kindOf(b) ? equalsOfKind(a, b) : false
}

const equalsOfKind = (a: Value, b: Value): Answer => {
  if (isList(a)) return isList(b) ? listsEqual(a, b) : UNKNOWN
  if (!isTagged(a) || a.kind === 'open') return UNKNOWN
  const compare = BY_KIND[a.kind as keyof typeof BY_KIND] as ((a: Value, b: Value) => Answer) | undefined
  return compare?.(a, b) ?? UNKNOWN
}

/** Whether some item equals the value; an item that cannot be told from it leaves that unknown. */
const someEqual = (items: readonly Value[], value: Value): Answer => {
  let answer: Answer = false
  for (const item of items) {
    const equal = equals(item, value)
    if (equal === true) return true
    if (equal === UNKNOWN) answer = UNKNOWN
  }
  return answer
}

/** `value in container`. What an open list does not name may be in it all the same. */
export const isIn = (value: Value, container: Value): Value => {
  if (isList(container)) return typeof value === 'string' ? container.includes(value) : someEqual(container, value)
  if (!isTagged(container)) return container === null ? FAULT.absent : FAULT.no_overload
  if (container.kind === 'open') return someEqual(container.items, value) === true ? true : UNKNOWN
  if (container.kind !== 'map') return FAULT.no_overload
  return entryOf(container, value) !== undefined
}

export const entryOf = (map: MapValue, key: Value): MapEntry | undefined => {
  const form = keyOf(key)
  return form === undefined ? undefined : map.entries.get(form)
}

/** By code points: code units beyond the basic plane would come before the last of it. */
const orderOfTexts = (a: string, b: string): Order => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return orderOf(a.codePointAt(i) as number, b.codePointAt(i) as number)
  }
  return orderOf(a.length, b.length)
}

const orderOfOctets = (a: Uint8Array, b: Uint8Array): Order => {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return orderOf(a[i] as number, b[i] as number)
  return orderOf(a.length, b.length)
}

const orderOfTagged = (a: Tagged, b: Tagged): Order | undefined => {
  if (a.kind === 'timestamp' && b.kind === 'timestamp') return orderOf(a.seconds, b.seconds) || orderOf(a.nanos, b.nanos)
  if (a.kind === 'duration' && b.kind === 'duration') return orderOf(a.nanos, b.nanos)
  return a.kind === 'bytes' && b.kind === 'bytes' ? orderOfOctets(a.octets, b.octets) : undefined
}

/** Which comes first; null for NaN, which has no place; undefined for values that have no order with each other. */
export const compare = (a: Value, b: Value): Order | undefined => {
  const pair = numbersOf(a, b)
  if (pair !== null) return orderOf(pair[0], pair[1])
  if (typeof a === 'string' && typeof b === 'string') return orderOfTexts(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return orderOf(a, b)
  return isTagged(a) && isTagged(b) ? orderOfTagged(a, b) : undefined
}
