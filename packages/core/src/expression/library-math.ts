import { compare } from './equality.ts'
import { FAULT } from './fault.ts'
import { INT64, type Int, intFromBig, subtractInt, UINT64 } from './integer.ts'
import { type Library, type Overload, overload } from './signature.ts'
import { DYN, listOf, type Type } from './type.ts'
import { DOUBLE, INT, UINT } from './type.ts'
import { double, type Double, isList, numberOf, uint, type Uint, type Value } from './value.ts'

/** The first of those that come before all others; the list is not empty. */
const extreme = (values: readonly Value[], sign: 1 | -1): Value => {
  if (values.length === 0) return FAULT.argument
  let best = values[0] as Value
  if (!values.every((value) => numberOf(value) !== undefined)) return FAULT.no_overload
  for (const value of values) if (compare(value, best) === sign) best = value
  return best
}

const NUMBERS: readonly Type[] = [INT, UINT, DOUBLE]
const MOST_ARGUMENTS = 8

/** For a number, for several, and for a list of numbers. Of several types the result is known when it is computed. */
const extremes = (sign: 1 | -1): readonly Overload[] => {
  const run = (values: readonly Value[]): Value => extreme(values, sign)
  const alike = Array.from({ length: MOST_ARGUMENTS }, (_, i) =>
    NUMBERS.map((type) =>
      plain(
        Array.from({ length: i + 1 }, () => type),
        type,
        run,
      ),
    ),
  )
  const pairs = NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => plain([a, b], DYN, run)))
  const any = Array.from({ length: MOST_ARGUMENTS - 2 }, (_, i) =>
    plain(
      Array.from({ length: i + 3 }, () => DYN),
      DYN,
      run,
    ),
  )
  const ofList = ([list]: readonly Value[]): Value =>
    list !== undefined && isList(list) ? extreme(list, sign) : FAULT.no_overload
  const lists = [...NUMBERS, DYN].map((type) => plain([listOf(type)], type, ofList))
  return [...lists, ...alike.flat(), ...pairs, ...any]
}

const plain = (params: readonly Type[], result: Type, run: Overload['run']): Overload => ({
  params,
  result,
  method: false,
  fixed: true,
  run,
})

const ofDouble = (operation: (value: number) => number): readonly Overload[] => [
  overload('(double) -> double', ({ value }: Double) => double(operation(value))),
]

const testOfDouble = (test: (value: number) => boolean): readonly Overload[] => [
  overload('(double) -> bool', ({ value }: Double) => test(value)),
]

/** Halves away from zero. */
const round = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5)

const bits = (operation: (a: bigint, b: bigint) => bigint): readonly Overload[] => [
  overload('(int, int) -> int', (a: Int, b: Int) => signed(operation(BigInt(a), BigInt(b)))),
  overload('(uint, uint) -> uint', (a: Uint, b: Uint) => unsigned(operation(BigInt(a.value), BigInt(b.value)))),
]

const signed = (value: bigint): Value => intFromBig(BigInt.asIntN(64, value), INT64) as Int
const unsigned = (value: bigint): Value => uint(intFromBig(BigInt.asUintN(64, value), UINT64) as Int)

/** Shifts of 64 bits; both directions fill with zeros. */
const shift = (operation: (value: bigint, by: bigint) => bigint): readonly Overload[] => {
  const shifted = (value: Int, by: Int, give: (value: bigint) => Value): Value => {
    if (by < 0) return FAULT.argument
    return by >= 64 ? give(0n) : give(operation(BigInt.asUintN(64, BigInt(value)), BigInt(by)))
  }
  return [
    overload('(int, int) -> int', (value: Int, by: Int) => shifted(value, by, signed)),
    overload('(uint, int) -> uint', ({ value }: Uint, by: Int) => shifted(value, by, unsigned)),
  ]
}

const signOf = (value: Int): number => Number(value > 0) - Number(value < 0)

/** Numbers: the functions of the language's extension. */
export const MATH: Library = {
  'math.greatest': extremes(1),
  'math.least': extremes(-1),
  'math.ceil': ofDouble(Math.ceil),
  'math.floor': ofDouble(Math.floor),
  'math.round': ofDouble(round),
  'math.trunc': ofDouble(Math.trunc),
  'math.sqrt': [
    ...ofDouble(Math.sqrt),
    overload('(int) -> double', (value: Int) => double(Math.sqrt(Number(value)))),
    overload('(uint) -> double', ({ value }: Uint) => double(Math.sqrt(Number(value)))),
  ],
  'math.abs': [
    overload('(int) -> int', (value: Int) => (value < 0 ? (subtractInt(0, value, INT64) ?? FAULT.overflow) : value)),
    overload('(uint) -> uint', (value: Uint) => value),
    ...ofDouble(Math.abs),
  ],
  'math.sign': [
    overload('(int) -> int', signOf),
    overload('(uint) -> uint', ({ value }: Uint) => uint(signOf(value))),
    ...ofDouble(Math.sign),
  ],
  'math.isNaN': testOfDouble(Number.isNaN),
  'math.isInf': testOfDouble((value) => !Number.isNaN(value) && !Number.isFinite(value)),
  'math.isFinite': testOfDouble(Number.isFinite),
  'math.bitAnd': bits((a, b) => a & b),
  'math.bitOr': bits((a, b) => a | b),
  'math.bitXor': bits((a, b) => a ^ b),
  'math.bitNot': [
    overload('(int) -> int', (value: Int) => signed(~BigInt(value))),
    overload('(uint) -> uint', ({ value }: Uint) => unsigned(~BigInt(value))),
  ],
  'math.bitShiftLeft': shift((value, by) => value << by),
  'math.bitShiftRight': shift((value, by) => value >> by),
}
