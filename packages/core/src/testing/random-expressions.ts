/** A stream of numbers from 0 to 1, the same for the same seed (xorshift, 32 bits). */
export type Random = () => number

export const createRandom = (seed: number): Random => {
  let state = (seed | 0) === 0 ? 1 : seed | 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Kinds of values that are drawn. */
const KINDS = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'ints', 'strings', 'map', 'timestamp', 'duration'] as const
export type DrawnKind = (typeof KINDS)[number]

/** Names that may stand for a value of a kind. */
export type Names = Readonly<Partial<Record<DrawnKind, readonly string[]>>>

interface Drawing {
  readonly random: Random
  readonly names: Names
  /** Names of loops round the place, with the kind of what they stand for. */
  readonly locals: readonly (readonly [name: string, kind: DrawnKind])[]
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

const LITERALS: Readonly<Record<DrawnKind, readonly string[]>> = {
  bool: ['true', 'false'],
  int: ['0', '1', '-1', '2', '3', '7', '-12', '60', '9007199254740993', '9223372036854775807', '-9223372036854775808', '0x1F'],
  uint: ['0u', '1u', '3u', '18446744073709551615u', '9007199254740993u'],
  double: ['0.0', '1.0', '-1.5', '3.25', '1e3', '-0.0', '1e308', '2.5e-3'],
  string: ['""', '"a"', "'ab'", '"żółw"', '"\\U0001F431"', 'r"\\d"', '"A b"', '"1"', '"-7"', '"true"', "'''it's'''"],
  bytes: ['b""', 'b"a"', "b'\\xff'", 'b"żó"'],
  ints: ['[]', '[1]', '[1, 2, 3]', '[3, -1, 2]'],
  strings: ['[]', '["a"]', '["a", "b", "ab"]'],
  map: ['{}', '{"a": 1}', '{"a": 1, "b": 2, "ab": 3}'],
  timestamp: [
    'timestamp("2026-11-24T10:00:00Z")',
    'timestamp("1969-12-31T23:59:59.5Z")',
    'timestamp("9999-12-31T23:59:59.999999999Z")',
    'timestamp(0)',
  ],
  duration: [
    'duration("1h")',
    'duration("-1.5s")',
    'duration("0s")',
    'duration("292y")'.replace('292y', '2540400h'),
    'duration("1ns")',
  ],
}

const READINGS = [
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getHours',
  'getMinutes',
  'getSeconds',
  'getMilliseconds',
]

type Draw = (drawing: Drawing, depth: number) => string

const of =
  (kind: DrawnKind): Draw =>
  (drawing, depth) =>
    draw(drawing, kind, depth - 1)

/** `%` stands for an operand, in turn. */
const form =
  (shape: string, ...operands: readonly (DrawnKind | Draw)[]): Draw =>
  (drawing, depth) => {
    const drawn = operands.map((operand) => (typeof operand === 'string' ? of(operand) : operand)(drawing, depth))
    return shape.replace(/%/g, () => drawn.shift() ?? '')
  }

const one =
  (...texts: readonly string[]): Draw =>
  ({ random }) =>
    pick(random, texts)

const same =
  (shape: string, ...kinds: readonly DrawnKind[]): Draw =>
  (drawing, depth) => {
    const kind = pick(drawing.random, kinds)
    return form(shape, kind, kind)(drawing, depth)
  }

/** A body within a loop over a list of ints or of strings, or over a map. */
const loop =
  (macro: string, result: DrawnKind): Draw =>
  (drawing, depth) => {
    const [range, item] = pick(drawing.random, [
      ['ints', 'int'],
      ['strings', 'string'],
      ['map', 'string'],
    ] as const)
    const name = `v${drawing.locals.length}`
    const inner = { ...drawing, locals: [...drawing.locals, [name, item] as const] }
    return `${draw(drawing, range, depth - 1)}.${macro}(${name}, ${draw(inner, result, depth - 2)})`
  }

const filtered =
  (range: 'ints' | 'strings'): Draw =>
  (drawing, depth) => {
    const name = `v${drawing.locals.length}`
    const inner = { ...drawing, locals: [...drawing.locals, [name, range === 'ints' ? 'int' : 'string'] as const] }
    return `${draw(drawing, range, depth - 1)}.filter(${name}, ${draw(inner, 'bool', depth - 2)})`
  }

const mapped =
  (result: 'int' | 'string'): Draw =>
  (drawing, depth) =>
    loop('map', result)(drawing, depth)

const ARITHMETIC = one('+', '-', '*', '/', '%')
const COMPARISON = one('<', '<=', '>', '>=', '==', '!=')

const infix =
  (operator: Draw, kind: DrawnKind): Draw =>
  (drawing, depth) =>
    `(${draw(drawing, kind, depth - 1)} ${operator(drawing, depth)} ${draw(drawing, kind, depth - 1)})`

const compared: Draw = (drawing, depth) => {
  const kind = pick(drawing.random, ['int', 'uint', 'double', 'string', 'bytes', 'bool', 'timestamp', 'duration'] as const)
  return infix(COMPARISON, kind)(drawing, depth)
}

const choice = (kind: DrawnKind): Draw => form('(% ? % : %)', 'bool', kind, kind)

const FORMS: Readonly<Record<DrawnKind, readonly Draw[]>> = {
  bool: [
    form('(% && %)', 'bool', 'bool'),
    form('(% || %)', 'bool', 'bool'),
    form('!%', 'bool'),
    compared,
    compared,
    same('(% == %)', 'ints', 'strings', 'map'),
    form('(dyn(%) == %)', 'int', 'double'),
    form('(% in %)', 'int', 'ints'),
    form('(% in %)', 'string', 'strings'),
    form('(% in %)', 'string', 'map'),
    form('%.startsWith(%)', 'string', 'string'),
    form('%.endsWith(%)', 'string', 'string'),
    form('%.contains(%)', 'string', 'string'),
    form('%.matches("[a-z]+")', 'string'),
    form('has(%.a)', 'map'),
    loop('all', 'bool'),
    loop('exists', 'bool'),
    loop('exists_one', 'bool'),
    form('bool(%)', 'string'),
    form('(type(%) == type(%))', 'int', 'uint'),
    choice('bool'),
  ],
  int: [
    infix(ARITHMETIC, 'int'),
    infix(ARITHMETIC, 'int'),
    form('-(%)', 'int'),
    form('size(%)', 'string'),
    form('size(%)', 'ints'),
    form('%.size()', 'map'),
    form('int(%)', 'double'),
    form('int(%)', 'uint'),
    form('int(%)', 'string'),
    form('int(%)', 'timestamp'),
    form('%[%]', 'ints', 'int'),
    form('%[%]', 'map', 'string'),
    form('%.a', 'map'),
    (drawing, depth) => `${draw(drawing, 'timestamp', depth - 1)}.${pick(drawing.random, READINGS)}()`,
    form('%.getSeconds()', 'duration'),
    choice('int'),
  ],
  uint: [infix(one('+', '-', '*', '/', '%'), 'uint'), form('uint(%)', 'int'), form('uint(%)', 'double'), choice('uint')],
  double: [
    infix(one('+', '-', '*', '/'), 'double'),
    form('-(%)', 'double'),
    form('double(%)', 'int'),
    form('double(%)', 'string'),
    choice('double'),
  ],
  string: [
    form('(% + %)', 'string', 'string'),
    form('string(%)', 'int'),
    form('string(%)', 'bool'),
    form('string(%)', 'uint'),
    form('string(%)', 'timestamp'),
    form('string(%)', 'bytes'),
    form('%[%]', 'strings', 'int'),
    choice('string'),
  ],
  bytes: [form('(% + %)', 'bytes', 'bytes'), form('bytes(%)', 'string'), choice('bytes')],
  ints: [form('(% + %)', 'ints', 'ints'), form('[%, %]', 'int', 'int'), filtered('ints'), mapped('int'), choice('ints')],
  strings: [
    form('(% + %)', 'strings', 'strings'),
    form('[%]', 'string'),
    filtered('strings'),
    mapped('string'),
    choice('strings'),
  ],
  map: [form('{%: %}', 'string', 'int'), form('{%: %, %: %}', 'string', 'int', 'string', 'int'), choice('map')],
  timestamp: [
    form('(% + %)', 'timestamp', 'duration'),
    form('(% - %)', 'timestamp', 'duration'),
    form('timestamp(%)', 'int'),
    choice('timestamp'),
  ],
  duration: [
    form('(% + %)', 'duration', 'duration'),
    form('(% - %)', 'timestamp', 'timestamp'),
    form('(% - %)', 'duration', 'duration'),
    choice('duration'),
  ],
}

const leaf = ({ random, names, locals }: Drawing, kind: DrawnKind): string => {
  const bound = locals.flatMap(([name, each]) => (each === kind ? [name] : []))
  const all = [...bound, ...bound, ...(names[kind] ?? [])]
  return all.length > 0 && random() < 0.6 ? pick(random, all) : pick(random, LITERALS[kind])
}

/** Now and then a value of another kind: what nobody checked must fail as well. */
const draw = (drawing: Drawing, wanted: DrawnKind, depth: number): string => {
  const { random } = drawing
  const kind = random() < 0.01 ? pick(random, KINDS) : wanted
  return depth <= 0 || random() < 0.15 ? leaf(drawing, kind) : pick(random, FORMS[kind])(drawing, depth)
}

/** An expression that mostly has the type of its kind, over these names. */
export const randomExpression = (random: Random, names: Names, kind: DrawnKind = pick(random, KINDS)): string =>
  draw({ random, names, locals: [] }, kind, 1 + Math.floor(random() * 4))

const PIECES = [
  ...Array.from('()[]{}.,:?!<>=&|+-*/%"\'`$\\ \n\t\r\u0000é0189uxXeabr_'),
  String.fromCharCode(0xd800),
  '🐱',
  '&&',
  '||',
  '==',
  '.?',
  '[?',
  '//',
  '"""',
  "'''",
  'in',
  'has(',
  '.all(x,',
  'null',
  'true',
  '9'.repeat(25),
  '\\u',
  '\\U0010ffff',
  'r"',
  'b"',
  '__proto__',
  'constructor',
  '.map(',
  'cel.bind(',
  '{',
  '(((((((((((((((((((((((((((((((((((',
]

/** The text with some of its parts cut, doubled, swapped or put in from elsewhere. */
export const mutate = (random: Random, text: string): string => {
  let mutated = text
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const [from, to] = [random(), random()].map((at) => Math.floor(at * (mutated.length + 1))).toSorted((a, b) => a - b) as [
      number,
      number,
    ]
    const part = mutated.slice(from, Math.min(to, from + 40))
    const put = pick(random, [
      '',
      part + part,
      pick(random, PIECES),
      pick(random, PIECES) + part,
      part.split('').toReversed().join(''),
    ])
    mutated = mutated.slice(0, from) + put + mutated.slice(from + part.length)
  }
  return mutated
}

/** A text of pieces of the language, in no order at all. */
export const randomText = (random: Random): string =>
  Array.from({ length: Math.floor(random() * 40) }, () => pick(random, PIECES)).join('')
