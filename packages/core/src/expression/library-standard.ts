import { compare, equals, isIn } from './equality.ts'
import { FAULT } from './fault.ts'
import { addInt, divideInt, INT64, type Int, type IntOperation, moduloInt, multiplyInt, subtractInt, UINT64 } from './integer.ts'
import { type Library, type Overload, overload } from './signature.ts'
import { BOOL, type Type } from './type.ts'
import {
  type Bytes,
  double,
  type Double,
  isList,
  type MapValue,
  type OpenList,
  uint,
  type Uint,
  UNKNOWN,
  type Value,
} from './value.ts'

const int = (value: Int | null): Value => value ?? FAULT.overflow
const unsigned = (value: Int | null): Value => (value === null ? FAULT.overflow : uint(value))

type Division = (a: Int, b: Int, range: typeof INT64) => Int | null

const isZero = (value: Int): boolean => value === 0

/** The operation for int and uint. */
const integers = (operation: IntOperation | Division, divides: boolean): readonly Overload[] => [
  overload('(int, int) -> int', (a: Int, b: Int) => (divides && isZero(b) ? FAULT.divide : int(operation(a, b, INT64)))),
  overload('(uint, uint) -> uint', (a: Uint, b: Uint) =>
    divides && isZero(b.value) ? FAULT.divide : unsigned(operation(a.value, b.value, UINT64)),
  ),
]

const doubles = (operation: (a: number, b: number) => number): Overload =>
  overload('(double, double) -> double', (a: Double, b: Double) => double(operation(a.value, b.value)))

const joinOctets = (a: Bytes, b: Bytes): Value => {
  const octets = new Uint8Array(a.octets.length + b.octets.length)
  octets.set(a.octets)
  octets.set(b.octets, a.octets.length)
  return { kind: 'bytes', octets }
}

const itemsOf = (list: readonly Value[] | OpenList): readonly Value[] =>
  isList(list as Value) ? (list as readonly Value[]) : (list as OpenList).items

/** What either may hold unsaid, both may. */
const joinLists = (a: readonly Value[] | OpenList, b: readonly Value[] | OpenList): Value => {
  const items = [...itemsOf(a), ...itemsOf(b)]
  return isList(a as Value) && isList(b as Value) ? items : { kind: 'open', items }
}

const sizeOfList = (list: readonly Value[] | OpenList): Value =>
  isList(list as Value) ? (list as readonly Value[]).length : UNKNOWN

/** Code points, not code units. */
export const lengthOf = (text: string): number => {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xdc00 || unit > 0xdfff) count++
  }
  return count
}

const sizes = (name: 'function' | 'method'): readonly Overload[] => {
  const form = (type: string) => (name === 'function' ? `(${type}) -> int` : `${type}.() -> int`)
  return [
    overload(form('string'), (text: string) => lengthOf(text)),
    overload(form('bytes'), ({ octets }: Bytes) => octets.length),
    overload(form('list<A>'), sizeOfList),
    overload(form('map<A,B>'), ({ entries }: MapValue) => entries.size),
  ]
}

const NUMBERS = ['int', 'uint', 'double'] as const
const ORDERED = ['bool', 'string', 'bytes', 'timestamp', 'duration'] as const

/** Numbers of different types are compared as what they are: points of one line. */
const mixed = (run: (a: never, b: never) => Value): readonly Overload[] =>
  NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => overload(`(${a}, ${b}) -> bool`, run)))

const ordering = (test: (order: number) => boolean): readonly Overload[] => {
  const run = (a: Value, b: Value): Value => {
    const order = compare(a, b)
    if (order === undefined) return FAULT.no_overload
    return order !== null && test(order)
  }
  return [...NUMBERS, ...ORDERED].map((type) => overload(`(${type}, ${type}) -> bool`, run)).concat(mixed(run))
}

const equality = (equal: boolean): readonly Overload[] => {
  const run = (a: Value, b: Value): Value => {
    const found = equals(a, b)
    return found === UNKNOWN ? UNKNOWN : found === equal
  }
  return [overload('(A, A) -> bool', run), ...mixed(run)]
}

const logic: Overload = {
  params: [BOOL],
  result: BOOL,
  method: false,
  run: ([value]) => (value === true ? false : value === false),
}

const texts = (name: string, run: (text: string, part: string) => Value): Library => ({
  [name]: [overload('string.(string) -> bool', run)],
})

/** Types of both operands, for the checker and for whatever is not computed in a shorter way. */
export const STANDARD: Library = {
  '_+_': [
    ...integers(addInt, false),
    doubles((a, b) => a + b),
    overload('(string, string) -> string', (a: string, b: string) => a + b),
    overload('(bytes, bytes) -> bytes', joinOctets),
    overload('(list<A>, list<A>) -> list<A>', joinLists),
  ],
  '_-_': [...integers(subtractInt, false), doubles((a, b) => a - b)],
  '_*_': [...integers(multiplyInt, false), doubles((a, b) => a * b)],
  '_/_': [...integers(divideInt, true), doubles((a, b) => a / b)],
  '_%_': integers(moduloInt, true),
  '-_': [
    overload('(int) -> int', (a: Int) => int(subtractInt(0, a, INT64))),
    overload('(double) -> double', (a: Double) => double(-a.value)),
  ],
  '!_': [logic],
  '_==_': equality(true),
  '_!=_': equality(false),
  '_<_': ordering((order) => order < 0),
  '_<=_': ordering((order) => order <= 0),
  '_>_': ordering((order) => order > 0),
  '_>=_': ordering((order) => order >= 0),
  '@in': [overload('(A, list<A>) -> bool', isIn), overload('(A, map<A,B>) -> bool', isIn)],
  size: [...sizes('function'), ...sizes('method')],
  ...texts('contains', (text, part) => text.includes(part)),
  ...texts('startsWith', (text, part) => text.startsWith(part)),
  ...texts('endsWith', (text, part) => text.endsWith(part)),
  dyn: [
    {
      params: [{ is: 'param', name: 'A' }],
      result: { is: 'dyn' } satisfies Type,
      method: false,
      run: ([value]) => value ?? null,
    },
  ],
}
