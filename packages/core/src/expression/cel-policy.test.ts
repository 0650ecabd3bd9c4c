import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { compile } from './compiler.ts'
import { equals } from './equality.ts'
import { createLibrary } from './library.ts'
import { parse } from './parser.ts'
import { type Library, overload } from './signature.ts'
import { DYN } from './type.ts'
import { double, NONE, optional, tagged, type Value } from './value.ts'
import type { Vocabulary } from './vocabulary.ts'

interface Rule {
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly match?: readonly { readonly condition?: string; readonly output?: string; readonly rule?: Rule }[]
}
type Given = { readonly value?: unknown; readonly expr?: string }
interface Suite {
  readonly section: readonly {
    readonly name: string
    readonly tests: readonly { readonly name: string; readonly input?: Readonly<Record<string, Given>>; readonly output: Given }[]
  }[]
}

/** The function that the suite's own runner adds to one policy. */
const library: Library = {
  ...createLibrary(() => null),
  locationCode: [overload('(string) -> string', (address: string) => (address === '10.0.0.1' ? 'us' : 'ir'))],
}

const valueOf = (json: unknown): Value => {
  if (Array.isArray(json)) return json.map(valueOf)
  if (typeof json === 'number') return Number.isInteger(json) ? json : double(json)
  if (typeof json !== 'object' || json === null) return json as string | boolean | null
  return { kind: 'map', entries: new Map(Object.entries(json).map(([key, value]) => [key, { key, value: valueOf(value) }])) }
}

const named = (values: ReadonlyMap<string, Value>): Vocabulary<undefined> => ({
  variable: (path) => {
    const name = path.join('.')
    const value = values.get(name)
    return value === undefined ? null : { type: DYN, source: name, read: () => value }
  },
  members: () => null,
  instead: () => null,
})

const evaluate = (text: string, values: ReadonlyMap<string, Value>): Value => {
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.fault.message}`)
  return compile(parsed.expr, { vocabulary: named(values), library, onValue: null })(undefined)
}

type Match = NonNullable<Rule['match']>[number]

const resultOf = ({ output = 'null', rule }: Match, values: ReadonlyMap<string, Value>): Value =>
  rule === undefined ? evaluate(output, values) : judge(rule, values)

/** The first match whose condition holds and that comes to something; an optional of it where a rule may come to nothing. */
const judge = ({ variables = [], match = [] }: Rule, around: ReadonlyMap<string, Value>): Value => {
  const values = new Map(around)
  for (const { name, expression } of variables) values.set(`variables.${name}`, evaluate(expression, values))
  for (const each of match) {
    const found = evaluate(each.condition ?? 'true', values) === true ? resultOf(each, values) : NONE
    if (tagged(found, 'optional') === null || unwrapped(found) !== found) return found
  }
  return NONE
}

const given = ({ value, expr }: Given): Value => (expr === undefined ? valueOf(value) : evaluate(String(expr), new Map()))

const unwrapped = (value: Value): Value => {
  const held = tagged(value, 'optional')
  return held === null || held.value === undefined ? value : held.value
}

/** What is not offered: messages of protobuf, and texts that are written for people. */
const NOT_OFFERED = /\.format\(|TestAllTypes|kind: ValidatingAdmissionPolicy/

describeCorpus('cel-policy', (folder) => {
  const home = join(folder, 'policy', 'testdata')
  const policies = readdirSync(home).filter((name) => existsSync(join(home, name, 'tests.yaml')))
  const read = (name: string, file: string) => readFileSync(join(home, name, file), 'utf8')
  const offered = policies.filter((name) => !NOT_OFFERED.test(read(name, 'policy.yaml')))

  test(`of ${policies.length} policies with tests, ${offered.length} have a form that is offered: ${offered.join(', ')}`, () => {
    expect(offered.length).toBeGreaterThanOrEqual(6)
  })

  describe.each(offered)('%s', (name) => {
    const { rule } = parseYaml(read(name, 'policy.yaml')) as { readonly rule: Rule }
    const { section } = parseYaml(read(name, 'tests.yaml')) as Suite
    const cases = section.flatMap((each) => each.tests.map((one) => ({ ...one, title: `${each.name}: ${one.name}` })))
    test.each(cases)('$title', ({ input, output }) => {
      const values = new Map<string, Value>(Object.entries(input ?? {}).map(([key, value]) => [key, given(value)]))
      const found = judge(rule, values)
      const expected = given(output)
      expect(equals(unwrapped(found), unwrapped(expected)), JSON.stringify(found)).toBe(true)
    })
  })
})

test('an optional of something is that thing', () => expect(unwrapped(optional(1))).toBe(1))
