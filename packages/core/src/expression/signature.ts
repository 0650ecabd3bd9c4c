import { FAULT } from './fault.ts'
import {
  BOOL,
  BYTES,
  CIDR,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  IP,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  type Type,
} from './type.ts'
import { typeOf, UINT } from './type.ts'
import { type Kind, kindOf, type Value } from './value.ts'

/** Arguments are known and free of faults; the receiver of a method is the first. Never throws. */
export type Run = (...args: readonly never[]) => Value

/** One way to call a function: what it takes, what it gives, and what it does. */
export interface Overload {
  readonly params: readonly Type[]
  readonly result: Type
  /** Written after a dot of its first argument. */
  readonly method: boolean
  /** No parameter stands in its types: they are the same for every call. */
  readonly fixed?: true
  readonly run: (args: readonly Value[]) => Value
}

export interface Library {
  /** Overloads by name; a name of a namespace is written with its dot. */
  readonly [name: string]: readonly Overload[]
}

const SIMPLE: Readonly<Record<string, Type>> = {
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  null: NULL,
  timestamp: TIMESTAMP,
  duration: DURATION,
  dyn: DYN,
  ip: IP,
  cidr: CIDR,
  type: typeOf({ is: 'param', name: 'A' }),
}

/** The type of a word such as `string`, `list<A>`, `map<A,B>` or `optional<A>`; a capital letter is a parameter. */
const typeOfWord = (word: string): Type => {
  const known = SIMPLE[word]
  if (known !== undefined) return known
  const composed = /^(list|optional|map)<([^,]+)(?:,(.+))?>$/.exec(word)
  if (composed === null) return { is: 'param', name: word }
  const [, of, first, second] = composed as unknown as readonly [string, string, string, string]
  if (of === 'map') return mapOf(typeOfWord(first), typeOfWord(second))
  return of === 'list' ? listOf(typeOfWord(first)) : optionalOf(typeOfWord(first))
}

const KINDS: Readonly<Record<string, Kind>> = { optional_type: 'optional', 'net.IP': 'ip', 'net.CIDR': 'cidr' }

/** The kind that an argument must have when it is called; null: any. */
const kindWanted = (type: Type): Kind | null => {
  if (type.is === 'dyn' || type.is === 'param' || type.is === 'wrapper' || type.is === 'error') return null
  return type.is === 'opaque' ? (KINDS[type.name] ?? null) : type.is
}

const SIGNATURE = /^(?:(\S+)\.)?\(([^)]*)\) -> (\S+)$/

/**
 * One overload from its signature: `(string, int) -> bool` for a function, `string.(int) -> bool` for a method. The types of
 * `run`'s parameters follow from the signature: arguments of another kind never reach it.
 */
export const overload = (signature: string, run: Run): Overload => {
  const [, receiver, list, result] = SIGNATURE.exec(signature) as unknown as readonly [string, string | undefined, string, string]
  const words = list === '' ? [] : list.split(/, /)
  const params = (receiver === undefined ? words : [receiver, ...words]).map(typeOfWord)
  return {
    params,
    result: typeOfWord(result),
    method: receiver !== undefined,
    ...(/\b[A-Z]\b|type/.test(signature) ? {} : { fixed: true }),
    run: (args) => (run as unknown as (...args: readonly Value[]) => Value)(...args),
  }
}

const accepts = (overload: Overload, args: readonly Value[]): boolean => {
  for (let i = 0; i < args.length; i++) {
    const wanted = kindWanted(overload.params[i] as Type)
    if (wanted !== null && wanted !== kindOf(args[i] as Value)) return false
  }
  return true
}

/** Calls the first overload whose parameters take these arguments. */
export const dispatch = (overloads: readonly Overload[], args: readonly Value[]): Value => {
  for (const each of overloads) if (accepts(each, args)) return each.run(args)
  return args.includes(null) ? FAULT.absent : FAULT.no_overload
}
