import { describe, expect, test } from 'vitest'
import { compile } from './compiler.ts'
import { createLibrary } from './library.ts'
import { parse } from './parser.ts'
import { DYN } from './type.ts'
import { UNKNOWN, type Value } from './value.ts'
import type { Vocabulary } from './vocabulary.ts'

const MAP: Value = {
  kind: 'map',
  entries: new Map([
    ['a', { key: 'a', value: 1 }],
    ['b', { key: 'b', value: 2 }],
  ]),
}

/** `u` is not known; `open` names a and b and may hold more; `absent` is not there; `unsaid` was left out by the caller. */
const VALUES: Readonly<Record<string, Value>> = {
  u: UNKNOWN,
  open: { kind: 'open', items: ['a', 'b'] },
  list: ['a', 'b'],
  map: MAP,
  absent: null,
  unsaid: { kind: 'fault', code: 'unsaid' },
  yes: true,
  no: false,
}

const vocabulary: Vocabulary<undefined> = {
  variable: ([name = '', ...rest]) =>
    rest.length === 0 && Object.hasOwn(VALUES, name) ? { type: DYN, source: name, read: () => VALUES[name] as Value } : null,
  members: () => null,
  instead: () => null,
}

const library = createLibrary(() => null)

const told = (text: string): string => {
  const parsed = parse(text)
  if (!parsed.ok) return `syntax: ${parsed.fault.message}`
  const value = compile(parsed.expr, { vocabulary, library, onValue: null })(undefined)
  if (value === UNKNOWN) return 'unknown'
  if (typeof value === 'object' && value !== null && 'kind' in value) return value.kind === 'fault' ? value.code : value.kind
  return JSON.stringify(value)
}

const table = (rows: readonly (readonly [expr: string, gives: string])[]) =>
  test.each(rows)('%s is %s', (expr, gives) => expect(told(expr)).toBe(gives))

describe('what is unknown stays unknown', () => {
  table([
    ['u', 'unknown'],
    ['u == "a"', 'unknown'],
    ['u == u', 'unknown'],
    ['u != null', 'unknown'],
    ['!u', 'unknown'],
    ['-u', 'unknown'],
    ['u + "a"', 'unknown'],
    ['"a" < u', 'unknown'],
    ['type(u) == string', 'unknown'],
    ['size(u)', 'unknown'],
    ['u.size()', 'unknown'],
    ['u.startsWith("a")', 'unknown'],
    ['u.matches("a")', 'unknown'],
    ['"a".matches(u)', 'unknown'],
    ['[u]', 'unknown'],
    ['size([u])', 'unknown'],
    ['{"a": u}', 'unknown'],
    ['{u: 1}', 'unknown'],
    ['[1, 2][u]', 'unknown'],
    ['{"a": 1}[u]', 'unknown'],
    ['optional.of(u)', 'unknown'],
    ['[?u]', 'unknown'],
    ['cel.bind(x, u, x == 1)', 'unknown'],
  ])
})

describe('has()', () => {
  table([
    ['has(u.a)', 'unknown'],
    ['has(u.a.b)', 'unknown'],
    ['has(map.a)', 'true'],
    ['has(map.c)', 'false'],
    ['has(absent.a)', 'absent'],
    ['has(unsaid.a)', 'unsaid'],
    ['u.?a', 'unknown'],
    ['u[?0]', 'unknown'],
    ['u.?a.hasValue()', 'unknown'],
  ])
})

describe('in', () => {
  table([
    ['u in list', 'unknown'],
    ['"a" in u', 'unknown'],
    ['u in []', 'unknown'],
    ['"a" in open', 'true'],
    ['"z" in open', 'unknown'],
    ['!("z" in open)', 'unknown'],
    ['"a" in absent', 'absent'],
    ['"a" in ["a", "b"]', 'true'],
    ['u in map', 'unknown'],
  ])
})

describe('exists, all and the like', () => {
  table([
    ['u.exists(x, true)', 'unknown'],
    ['u.all(x, false)', 'unknown'],
    ['list.exists(x, x == "b" || u)', 'true'],
    ['list.exists(x, x == "z" || u)', 'unknown'],
    ['list.exists(x, u)', 'unknown'],
    ['list.all(x, x == "a" && u)', 'false'],
    ['list.all(x, u)', 'unknown'],
    ['[].exists(x, u)', 'false'],
    ['[].all(x, u)', 'true'],
    ['list.exists_one(x, x == "a")', 'true'],
    ['list.exists_one(x, x == "a" || u)', 'unknown'],
    ['list.filter(x, u)', 'unknown'],
    ['list.map(x, u)', 'unknown'],
    ['list.map(x, x == "z", u)', '[]'],
    ['list.filter(x, x == "a" || u).size() > 0', 'unknown'],
    ['map.exists(k, v, v == 2 || u)', 'true'],
    ['map.all(k, v, v == 1 && u)', 'false'],
    ['map.transformMap(k, v, u)', 'unknown'],
    ['list.transformList(i, v, u)', 'unknown'],
  ])
})

describe('a list that may hold more', () => {
  table([
    ['open.exists(x, x == "a")', 'true'],
    ['open.exists(x, x == "z")', 'unknown'],
    ['open.all(x, x == "a")', 'false'],
    ['open.all(x, x < "z")', 'unknown'],
    ['open.exists_one(x, x == "a")', 'unknown'],
    ['open.exists_one(x, x < "z")', 'false'],
    ['open.exists(i, x, x == "a")', 'unknown'],
    ['size(open)', 'unknown'],
    ['open == ["a", "b"]', 'unknown'],
    ['open + ["c"] == []', 'unknown'],
    ['"c" in open + ["c"]', 'true'],
    ['"z" in open.filter(x, x == "a")', 'unknown'],
    ['"a" in open.map(x, x)', 'true'],
    ['open[0] == "a"', 'index'],
  ])
})

describe('&&, || and ?:', () => {
  table([
    ['u && no', 'false'],
    ['no && u', 'false'],
    ['u && yes', 'unknown'],
    ['u || yes', 'true'],
    ['yes || u', 'true'],
    ['u || no', 'unknown'],
    ['u && 1 / 0 > 1', 'unknown'],
    ['1 / 0 > 1 && u', 'unknown'],
    ['1 / 0 > 1 && unsaid', 'unsaid'],
    ['unsaid && 1 / 0 > 1', 'unsaid'],
    ['1 / 0 > 1 && no', 'false'],
    ['1 / 0 > 1 || yes', 'true'],
    ['1 / 0 > 1 || no', 'divide'],
    ['"a" && no', 'false'],
    ['"a" && yes', 'no_overload'],
    ['absent && yes', 'absent'],
    ['u ? yes : yes', 'unknown'],
    ['yes ? u : yes', 'unknown'],
    ['no ? u : yes', 'true'],
    ['1 / 0 > 1 ? yes : yes', 'divide'],
    ['absent ? yes : no', 'absent'],
  ])
})

describe('what is unknown wins over what fails', () => {
  table([
    ['u + 1 / 0', 'unknown'],
    ['1 / 0 + u', 'unknown'],
    ['[1 / 0, u]', 'unknown'],
    ['{1 / 0: u}', 'unknown'],
    ['[1][1 / 0 + u]', 'unknown'],
    ['list.map(x, x == "a" ? 1 / 0 : u)', 'unknown'],
  ])
})

describe('nothing of the machine is reached', () => {
  table([
    ['map.__proto__', 'no_key'],
    ['map.constructor', 'no_key'],
    ['map["toString"]', 'no_key'],
    ['{}.__proto__', 'no_key'],
    ['has({}.hasOwnProperty)', 'false'],
    ['"a".constructor', 'no_overload'],
    ['list.length', 'no_overload'],
    ['constructor', 'undeclared'],
    ['__proto__', 'undeclared'],
    ['constructor.prototype', 'undeclared'],
    ['toString()', 'undeclared'],
    ['"a".toString()', 'undeclared'],
    ['list.push("c")', 'undeclared'],
    ['__proto__()', 'undeclared'],
    ['{"__proto__": 1}.__proto__ == 1', 'true'],
    ['"__proto__" in {"a": 1}', 'false'],
  ])
})

describe('budgets', () => {
  const nested = (depth: number): string =>
    depth === 0 ? '1' : `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(x${depth}, ${nested(depth - 1)}).size()`
  const doubled = (times: number): string => (times === 0 ? 'x' : `cel.bind(x, x + x, ${doubled(times - 1)})`)
  table([
    [nested(3), '10'],
    [nested(6), 'budget'],
    [`cel.bind(x, "0123456789", ${doubled(9)}.size())`, '5120'],
    [`cel.bind(x, "0123456789", ${doubled(14)}.size())`, 'budget'],
    [`cel.bind(x, [1, 2], ${doubled(20)}.size())`, 'budget'],
    [`cel.bind(x, "aaaaaaaaaaaaaaaa", ${doubled(7)}.replace("", "${'b'.repeat(500)}"))`, 'budget'],
    [`cel.bind(x, ["aaaaaaaaaaaaaaaa"], ${doubled(10)}.join("${'b'.repeat(100)}"))`, 'budget'],
    [`cel.bind(x, "aaaaaaaaaaaaaaaa", ${doubled(9)}.matches("(a|b|c|d){100}e"))`, 'budget'],
  ])
})
