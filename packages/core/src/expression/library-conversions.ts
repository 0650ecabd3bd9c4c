import { FAULT } from './fault.ts'
import { INT64, type Int, parseInt64, truncateToInt, UINT64 } from './integer.ts'
import { type Library, type Overload, overload } from './signature.ts'
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, timestampOf } from './time.ts'
import { DYN, typeOf } from './type.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'
import { type Bytes, type CidrValue, double, type Double, type IpValue, uint, type Uint, type Value } from './value.ts'
import type { Timestamp } from './value.ts'

const same = (type: string): Overload => overload(`(${type}) -> ${type}`, (value: Value) => value)

const unsigned = (value: Int | null): Value => (value === null ? FAULT.range : uint(value))
const signed = (value: Int | null): Value => value ?? FAULT.range
const between = (value: Int, { min, max }: typeof INT64): Int | null => (value < min || value > max ? null : value)

const DOUBLE = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+Infinity': Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

const doubleOf = (text: string): Value => {
  if (Object.hasOwn(SPECIAL, text)) return double(SPECIAL[text] as number)
  return DOUBLE.test(text) ? double(Number(text)) : FAULT.conversion
}

const BOOLS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
}

const boolOf = (text: string): Value => (Object.hasOwn(BOOLS, text) ? (BOOLS[text] as boolean) : FAULT.conversion)

const EXPONENT = /^(-?)([0-9.]+)e([+-])([0-9]+)$/

/** Shortest digits that give the number back, the exponent with two digits at least. */
export const formatDouble = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const match = EXPONENT.exec(String(value))
  return match === null ? String(value) : `${match[1]}${match[2]}e${match[3]}${(match[4] as string).padStart(2, '0')}`
}

const textOfOctets = ({ octets }: Bytes): Value => decodeUtf8(octets) ?? FAULT.conversion

/** A type is a value and a function of its name: `int` and `int(x)`. */
export const CONVERSIONS: Library = {
  bool: [same('bool'), overload('(string) -> bool', boolOf)],
  int: [
    same('int'),
    overload('(uint) -> int', ({ value }: Uint) => signed(between(value, INT64))),
    overload('(double) -> int', ({ value }: Double) => signed(truncateToInt(value, INT64))),
    overload('(string) -> int', (text: string) => parseInt64(text, INT64) ?? FAULT.conversion),
    overload('(timestamp) -> int', ({ seconds }: Timestamp) => seconds),
  ],
  uint: [
    same('uint'),
    overload('(int) -> uint', (value: Int) => unsigned(between(value, UINT64))),
    overload('(double) -> uint', ({ value }: Double) => unsigned(truncateToInt(value, UINT64))),
    overload('(string) -> uint', (text: string) => {
      const value = /^[+-]/.test(text) ? null : parseInt64(text, UINT64)
      return value === null ? FAULT.conversion : uint(value)
    }),
  ],
  double: [
    same('double'),
    overload('(int) -> double', (value: Int) => double(Number(value))),
    overload('(uint) -> double', ({ value }: Uint) => double(Number(value))),
    overload('(string) -> double', doubleOf),
  ],
  string: [
    same('string'),
    overload('(bool) -> string', String),
    overload('(int) -> string', String),
    overload('(uint) -> string', ({ value }: Uint) => String(value)),
    overload('(double) -> string', ({ value }: Double) => formatDouble(value)),
    overload('(bytes) -> string', textOfOctets),
    overload('(timestamp) -> string', formatTimestamp),
    overload('(duration) -> string', formatDuration),
    overload('(ip) -> string', ({ address }: IpValue) => address.text),
    overload('(cidr) -> string', ({ address, network }: CidrValue) => `${address.text}/${network.prefix}`),
  ],
  bytes: [
    same('bytes'),
    overload('(string) -> bytes', (text: string) => ({ kind: 'bytes', octets: Uint8Array.from(encodeUtf8(text)) })),
  ],
  timestamp: [
    same('timestamp'),
    overload('(string) -> timestamp', (text: string) => parseTimestamp(text)),
    overload('(int) -> timestamp', (seconds: Int) => timestampOf(seconds, 0)),
  ],
  duration: [same('duration'), overload('(string) -> duration', (text: string) => parseDuration(text))],
  // What type a value has is seen when it is computed; the name says the type that is asked for.
  type: [
    {
      params: [{ is: 'param', name: 'A' }],
      result: typeOf(DYN),
      method: false,
      run: () => FAULT.no_overload,
    },
  ],
}
