import { describe, expect, test } from 'vitest'
import { compile } from './compiler.ts'
import { openExpression } from './expression.ts'
import { formatValue } from './format-value.ts'
import { createLibrary } from './library.ts'
import { parse } from './parser.ts'
import { createTrace } from './trace.ts'
import { formatType } from './type.ts'
import type { Vocabulary } from './vocabulary.ts'

const vocabulary: Vocabulary<undefined> = { variable: () => null, members: () => null, instead: () => null }
const language = { vocabulary, library: createLibrary((zone) => (zone === 'Asia/Kathmandu' ? 345 : null)) }

const told = (text: string): string => {
  const parsed = parse(text)
  return parsed.ok
    ? formatValue(compile(parsed.expr, { ...language, onValue: null })(undefined))
    : `syntax: ${parsed.fault.message}`
}

const table = (rows: readonly (readonly [expr: string, gives: string])[]) =>
  test.each(rows)('%s is %s', (expr, gives) => expect(told(expr)).toBe(gives))

describe('integers of 64 bits', () => {
  table([
    ['9007199254740991 + 2', '9007199254740993'],
    ['9007199254740993 - 2', '9007199254740991'],
    ['9007199254740993 - 2 == 9007199254740991', 'true'],
    ['9223372036854775807 + 1', 'the number is beyond 64 bits'],
    ['-9223372036854775808 - 1', 'the number is beyond 64 bits'],
    ['-(-9223372036854775808)', 'the number is beyond 64 bits'],
    ['3037000500 * 3037000500', 'the number is beyond 64 bits'],
    ['3037000499 * 3037000499', '9223372030926249001'],
    ['-9223372036854775808 / -1', 'the number is beyond 64 bits'],
    ['-9223372036854775808 % -1', '0'],
    ['9007199254740993 / 3', '3002399751580331'],
    ['9007199254740991 / 2', '4503599627370495'],
    ['-7 / 2', '-3'],
    ['-7 % 2', '-1'],
    ['7 % -2', '1'],
    ['0 * -5 == 0 && string(0 * -5) == "0"', 'true'],
    ['1.0 / double(0 * -5)', '+Inf'],
    ['1 / 0', 'division by zero'],
    ['1u % 0u', 'division by zero'],
    ['0u - 1u', 'the number is beyond 64 bits'],
    ['18446744073709551615u + 1u', 'the number is beyond 64 bits'],
    ['18446744073709551615u', '18446744073709551615u'],
    ['uint(-1)', 'the value is beyond the range of its type'],
    ['uint(-0.5)', 'the value is beyond the range of its type'],
    ['int(9223372036854774784.0)', '9223372036854774784'],
    ['int("+7")', '7'],
    ['int("7 ")', 'the text is not a value of this type'],
    ['{9223372036854775807: 1}[9223372036854775807]', '1'],
    ['{1152921504606846976: 1}[1152921504606846976.0]', '1'],
    ['9007199254740993 in [9007199254740993]', 'true'],
  ])
})

describe('values in words', () => {
  table([
    ['null', 'absent'],
    ['1.5', '1.5'],
    ['2.0', '2.0'],
    ['1e300', '1e+300'],
    ['double("NaN")', 'NaN'],
    ['b"abc"', '3 bytes'],
    ['duration("-1h30m0.5s")', '-5400.5s'],
    ['timestamp("2026-11-24T10:00:00.25+01:00")', '2026-11-24T09:00:00.25Z'],
    ['type(1)', 'int'],
    ['type(ip("::1"))', 'net.IP'],
    ['optional.of(1)', 'optional of 1'],
    ['optional.none()', 'none'],
    ['{"a": [1, 2u]}', '{"a": [1, 2u]}'],
    ['[1, 2, 3, 4, 5, 6, 7, 8, 9]', '[1, 2, 3, 4, 5, 6, 7, 8, …]'],
    [`"${'x'.repeat(70)}"`, `"${'x'.repeat(60)}…"`],
    ['ip("2001:DB8::0:1")', '2001:db8::1'],
    ['cidr("10.1.2.3/8")', '10.1.2.3/8'],
    ['cidr("10.1.2.3/8").masked()', '10.0.0.0/8'],
  ])
})

describe('optionals', () => {
  table([
    ['optional.ofNonZeroValue(0)', 'none'],
    ['optional.ofNonZeroValue(0.0)', 'none'],
    ['optional.ofNonZeroValue(b"")', 'none'],
    ['optional.ofNonZeroValue({})', 'none'],
    ['optional.ofNonZeroValue([])', 'none'],
    ['optional.ofNonZeroValue(duration("0s"))', 'none'],
    ['optional.ofNonZeroValue(timestamp(0))', 'none'],
    ['optional.ofNonZeroValue(optional.none())', 'none'],
    ['optional.ofNonZeroValue(ip("::"))', 'optional of ::'],
    ['optional.none().value()', 'the optional holds no value'],
    ['optional.of(false).orValue(true)', 'false'],
    ['optional.of(1).optFlatMap(x, x)', 'no such operation on values of these types'],
    ['1.optMap(x, x)', 'no such operation on values of these types'],
    ['optional.of(1 / 0)', 'division by zero'],
  ])
})

describe('times', () => {
  table([
    ['timestamp("2026-02-29T00:00:00Z")', 'the text is not a value of this type'],
    ['timestamp("2026-11-24")', 'the text is not a value of this type'],
    ['timestamp("0001-01-01T00:00:00Z") - duration("1ns")', 'the value is beyond the range of its type'],
    ['duration("")', 'the text is not a value of this type'],
    ['duration(".s")', 'the text is not a value of this type'],
    ['duration("1.5")', 'the text is not a value of this type'],
    ['duration("1us1ns")', '0.000001001s'],
    ['duration(".5s")', '0.5s'],
    ['duration("0")', '0s'],
    ['duration("-1.5s").getMilliseconds()', '-500'],
    ['timestamp("2026-11-24T23:30:00Z").getHours("Asia/Kathmandu")', '5'],
    ['timestamp("2026-11-24T23:30:00Z").getDate("-23:59")', '23'],
    ['timestamp(0).getHours("Nowhere")', 'an argument is not accepted'],
    ['timestamp("1969-12-31T23:59:59Z").getDayOfWeek()', '3'],
    ['timestamp(5) > timestamp(4) && duration("1m") < duration("61s")', 'true'],
  ])
})

describe('texts, networks and maps', () => {
  table([
    ['"🐱b".size()', '2'],
    ['"a🐱b".indexOf("b")', '2'],
    ['"a🐱b".substring(1, 2)', '"🐱"'],
    ['"aXbX".replace("X", "", 1)', '"abX"'],
    ['"ab".replace("", "-")', '"-a-b-"'],
    ['"ab".replace("", "-", 1)', '"-ab"'],
    ['"a,b,c".split(",", 2)', '["a", "b,c"]'],
    ['"ab".split("")', '["a", "b"]'],
    ['[1].join()', 'no such operation on values of these types'],
    ['"b" > "a" && "\\uffff" < "\\U0001F431"', 'true'],
    ['"a".matches("(")', 'the pattern cannot be read'],
    ['string(b"\\xc3")', 'the text is not a value of this type'],
    ['string(b"\\xed\\xa0\\x80")', 'the text is not a value of this type'],
    ['cidr("10.0.0.0/33")', 'the text is not a value of this type'],
    ['cidr("10.0.0.0/8").containsIP("x")', 'the text is not a value of this type'],
    ['cidr("10.0.0.0/8").containsCIDR("10.0.0.0/99")', 'the text is not a value of this type'],
    ['ip.isCanonical("x")', 'the text is not a value of this type'],
    ['isCIDR("10.0.0.0/8") && !isCIDR("10.0.0.0")', 'true'],
    ['{"a": 1} == {"a": 2}', 'false'],
    ['{"a": 1} == {"b": 1}', 'false'],
    ['[[1.0]] == [[1]]', 'true'],
    ['b"a" < b"b" && b"a" < b"ab"', 'true'],
    ['{1: 1, 1u: 2}', 'a key stands twice in a map'],
    ['{1.0: 1}', 'no key of a map has this type'],
    ['[1, 2].transformMapEntry(i, v, {v: i})', '{1: 0, 2: 1}'],
    ['[1].transformMapEntry(i, v, v)', 'no such operation on values of these types'],
    ['{"a": 1, "b": 2}.transformMap(k, v, v > 1, v * 2)', '{"b": 4}'],
    ['has({"a": 1}["a"])', 'true'],
    ['[1, 2].existsOne(i, v, v == i + 1)', 'false'],
  ])
})

describe('what is no expression', () => {
  table([
    ['has(1)', 'syntax: has() takes a field'],
    ['[1].filter(1, true)', 'syntax: filter takes the name of a variable here'],
    ['[1].all(x, x, true)', 'syntax: both variables have one name'],
    ['cel.bind(1, 2, 3)', 'syntax: bind takes the name of a variable here'],
    ['1 +', 'syntax: the expression ends where a value is expected'],
    ['a.', 'syntax: the expression ends where the name of a field is expected'],
    ['for', 'syntax: for can be no name here'],
    ['1a', 'syntax: 1a is neither a number nor a name'],
    ['1 2', 'syntax: 2 stands where an operator or the end is expected'],
    ['"a\nb"', 'syntax: the text is not closed'],
    [`${'('.repeat(65)}1`, 'syntax: more than 64 levels of nesting'],
    [`${'!'.repeat(70)}true`, 'syntax: ! stands where fewer signs is expected'],
    [Array.from({ length: 402 }, () => '1').join('+'), 'syntax: an expression has at most 400 operations'],
    [`"${'x'.repeat(4_096)}"`, 'syntax: an expression has at most 4096 characters'],
    ['\u0000', 'syntax: U+0000 means nothing here'],
  ])
})

describe('types', () => {
  const typeOf = (text: string): string => {
    const opened = openExpression(text, language)
    return opened.ok ? formatType(opened.type) : opened.faults.map(({ message }) => message).join('; ')
  }
  test.each([
    ['[1, "a"]', 'list(anything)'],
    ['[].map(x, x)', 'list(anything)'],
    ['{"a": [1]}', 'map(string, list(int))'],
    ['optional.of(1)', 'optional(int)'],
    ['ip("::")', 'net.IP'],
    ['int', 'type'],
    ['net.IP', 'type'],
    ['[1].transformMapEntry(i, v, {string(v): i})', 'map(string, int)'],
    ['[1].transformMapEntry(i, v, v)', 'transformMapEntry needs a map of one entry'],
    ['optional.of(1).optMap(x, string(x))', 'optional(string)'],
    ['{"a": 1}.?a', 'optional(int)'],
    ['optional.of({"a": 1}).a', 'optional(int)'],
    ['math.greatest(1, 2.0)', 'anything'],
    ['true ? 1 : "a"', 'one branch is int and the other string'],
  ])('of %s is %s', (text, type) => expect(typeOf(text)).toBe(type))
})

test('a trace of what is no expression is empty', () => expect(createTrace(')', language)(undefined)).toEqual([]))
