// Runs one expression by our implementation and by @bufbuild/cel, and says where they differ and whether the language's definition explains it.
import {
  type CelEnv,
  celEnv,
  type CelList,
  type CelMap,
  type CelType,
  type CelUint,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  parse as parseOther,
  plan,
} from '@bufbuild/cel'
import { compile } from '../../packages/core/src/expression/compiler.ts'
import { compileExpression, faultsOfCondition } from '../../packages/core/src/expression/expression.ts'
import { formatValue } from '../../packages/core/src/expression/format-value.ts'
import { createLibrary } from '../../packages/core/src/expression/library.ts'
import { parse } from '../../packages/core/src/expression/parser.ts'
import { formatDuration, formatTimestamp } from '../../packages/core/src/expression/time.ts'
import { DYN } from '../../packages/core/src/expression/type.ts'
import { double, isList, isTagged, type Tagged, uint, UNKNOWN, type Value } from '../../packages/core/src/expression/value.ts'
import type { Vocabulary } from '../../packages/core/src/expression/vocabulary.ts'
import type { Names } from '../../packages/core/src/testing/random-expressions.ts'

export const NAMES: Names = {
  int: ['i', 'j'],
  string: ['s'],
  bool: ['p'],
  double: ['d'],
  ints: ['li'],
  strings: ['ls'],
  map: ['m'],
}

const OURS: Readonly<Record<string, Value>> = {
  i: 5,
  j: -3,
  s: 'ab',
  p: true,
  d: double(2.5),
  li: [4, 5, 6],
  ls: ['x', 'ab'],
  m: { kind: 'map', entries: new Map([['a', { key: 'a', value: 10 }]]) },
  u: uint(3),
}

const THEIRS = { i: 5n, j: -3n, s: 'ab', p: true, d: 2.5, li: [4n, 5n, 6n], ls: ['x', 'ab'], m: new Map([['a', 10n]]) }

/** Which names are unknown, for what is computed from the others. */
const vocabularyWithout = (unknown: ReadonlySet<string>): Vocabulary<undefined> => ({
  variable: ([name = '', ...rest]) => {
    if (rest.length > 0 || !Object.hasOwn(OURS, name)) return null
    return { type: DYN, source: name, read: () => (unknown.has(name) ? UNKNOWN : (OURS[name] as Value)) }
  },
  members: () => null,
  instead: () => null,
})
const known = vocabularyWithout(new Set())
const library = createLibrary(() => null)

/** Both outcomes in one notation; `error` for whatever has no value. */
const ERROR = 'error'

const numberText = (value: number): string => `${Object.is(value, -0) ? '-0' : value}d`
const octetsText = (octets: Uint8Array): string => `b${[...octets].join()}`
const entriesText = (entries: readonly string[]): string => `{${entries.toSorted().join(', ')}}`

type Texts = { readonly [K in Tagged['kind']]?: (value: Extract<Tagged, { readonly kind: K }>) => string }

const TEXTS: Texts = {
  fault: () => ERROR,
  double: ({ value }) => numberText(value),
  bytes: ({ octets }) => octetsText(octets),
  map: ({ entries }) => entriesText([...entries.values()].map(({ key, value }) => `${ofOurs(key)}: ${ofOurs(value)}`)),
  timestamp: formatTimestamp,
  duration: formatDuration,
  type: ({ name }) => name,
}

const ofOurs = (value: Value): string => {
  if (isList(value)) return `[${value.map(ofOurs).join(', ')}]`
  if (typeof value === 'string') return JSON.stringify(value)
  if (isTagged(value)) return (TEXTS[value.kind] as ((value: Tagged) => string) | undefined)?.(value) ?? formatValue(value)
  if (value === UNKNOWN) return 'unknown'
  return value === null ? 'null' : String(value)
}

const timeOf = (message: { readonly $typeName: string; readonly seconds: bigint; readonly nanos: number }): string => {
  if (message.$typeName.endsWith('Timestamp'))
    return formatTimestamp({ kind: 'timestamp', seconds: Number(message.seconds), nanos: message.nanos })
  return formatDuration({ kind: 'duration', nanos: message.seconds * 1_000_000_000n + BigInt(message.nanos) })
}

const FORMS: readonly (readonly [is: (value: unknown) => boolean, text: (value: never) => string])[] = [
  [isCelError, () => ERROR],
  [(value) => typeof value === 'string', (value: string) => JSON.stringify(value)],
  [(value) => typeof value === 'number', numberText],
  [(value) => value instanceof Uint8Array, octetsText],
  [isCelUint, ({ value }: CelUint) => `${value}u`],
  [isCelType, ({ name }: CelType) => name],
  [isCelList, (list: CelList) => `[${[...list].map(ofTheirs).join(', ')}]`],
  [isCelMap, (map: CelMap) => entriesText([...map.entries()].map(([key, value]) => `${ofTheirs(key)}: ${ofTheirs(value)}`))],
]

const ofTheirs = (value: unknown): string => {
  const form = FORMS.find(([is]) => is(value))
  if (form !== undefined) return form[1](value as never)
  const message = (value as { readonly message?: unknown } | null)?.message ?? value
  return typeof message === 'object' && message !== null && '$typeName' in message ? timeOf(message as never) : String(value)
}

const env: CelEnv = celEnv()

const runTheirs = (text: string): string => {
  try {
    return ofTheirs(plan(env, parseOther(text))(THEIRS as never))
  } catch {
    return ERROR
  }
}

const evaluate = (text: string, vocabulary: Vocabulary<undefined>): string => {
  const parsed = parse(text)
  return parsed.ok ? ofOurs(compile(parsed.expr, { vocabulary, library, onValue: null })(undefined)) : ERROR
}

const runOurs = (text: string): string => evaluate(text, known)

/** What an expression comes to where these names are unknown: `unknown`, or what it came to anyway. */
export const evaluateWithout = (text: string, unknown: readonly string[]): string =>
  evaluate(text, vocabularyWithout(new Set(unknown)))

/** Everything that a policy and a decision do with a text: it is read, checked, read again, compiled and evaluated. Whether it is an expression. */
export function goThrough(text: string): boolean {
  faultsOfCondition(text, { vocabulary: known, library })
  const evaluateText = compileExpression(text, { vocabulary: known, library })
  if (evaluateText !== null) ofOurs(evaluateText(undefined))
  return evaluateText !== null
}

export interface Difference {
  readonly text: string
  readonly ours: string
  readonly theirs: string
}

interface Explanation {
  readonly why: string
  readonly example: string
  readonly applies: (difference: Difference) => boolean
}

const has =
  (pattern: RegExp) =>
  ({ text }: Difference): boolean =>
    pattern.test(text)

/** Where the other implementation departs from the definition of the language, or the definition leaves a choice. */
export const EXPLANATIONS: readonly Explanation[] = [
  {
    why: 'timestamp(int) counts seconds since 1970 (langdef, conversions); there it counts milliseconds',
    example: 'timestamp(5)',
    applies: has(/\btimestamp\((?!")/),
  },
  {
    why: 'double(string) fails for a text that is no number (langdef, conversions); there it is NaN',
    example: 'double("a")',
    applies: has(/\bdouble\(/),
  },
  {
    why: 'int(string) and uint(string) fail for a text that is no integer; there the empty text is 0, and others than digits are read',
    example: 'int("")',
    applies: ({ text, ours, theirs }) => ours === ERROR && theirs !== ERROR && /\bu?int\(/.test(text),
  },
  {
    why: 'string(timestamp) and string(duration): how many digits of fraction are written is left open; the digits needed, or three, six or nine',
    example: 'string(duration("-1.5s"))',
    applies: has(/\bstring\([\s\S]*(?:timestamp|duration)/),
  },
  {
    why: 'instants have nanoseconds (langdef, values); there readings of the clock round them to milliseconds',
    example: '(timestamp("2026-11-24T10:00:00Z") - duration("1ns")).getMinutes()',
    applies: has(/1ns|\.999999999/),
  },
  {
    why: 'division of uint is of 64 bits; there the greatest one divided by 1u is an overflow',
    example: '18446744073709551615u / 1u',
    applies: has(/u[)\s]*[/%]|uint\([\s\S]*[/%]|[/%][\s\S]*u\b/),
  },
  {
    why: 'keys of maps are int, uint, bool and string (langdef, values; fields/map_key_float of the suite); there a double is one',
    example: '{0.0: 1}',
    applies: ({ text, ours, theirs }) => ours === ERROR && theirs !== ERROR && text.includes('{'),
  },
  {
    why: 'in of what can be no key is false, as the suite has it for an index that finds nothing; there it fails',
    example: '[1] in {"a": 1}',
    applies: ({ text, theirs }) => theirs === ERROR && / in /.test(text),
  },
  {
    why: 'has() of what is neither map nor message fails (langdef, field selection); there it is false',
    example: 'has(true.a)',
    applies: ({ text, ours }) => ours === ERROR && text.includes('has('),
  },
  {
    why: 'negating the least int overflows, and a text has no negative (langdef, operators); there two signs cancel out unseen',
    example: '-(-(-9223372036854775808))',
    applies: ({ text, ours, theirs }) => ours === ERROR && theirs !== ERROR && text.includes('-(-('),
  },
  {
    why: 'lists are indexed by numbers (langdef, list access); there true and false are numbers as well',
    example: '[1, 2][true]',
    applies: ({ text, ours, theirs }) => ours === ERROR && theirs !== ERROR && /\[/.test(text),
  },
  {
    why: 'string(double) of minus zero: whether its sign is written is left open',
    example: 'string(-0.0)',
    applies: ({ text, ours }) => /-0|45,48/.test(ours) && /\bstring\(/.test(text),
  },
]

export const explanationOf = (difference: Difference): Explanation | null =>
  EXPLANATIONS.find(({ applies }) => applies(difference)) ?? null

/** Null where both come to the same. */
export function differenceOf(text: string): Difference | null {
  const [ours, theirs] = [runOurs(text), runTheirs(text)]
  return ours === theirs ? null : { text, ours, theirs }
}
