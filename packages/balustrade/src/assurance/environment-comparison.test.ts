import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CONDITIONS, type PolicyImage } from '@balustrade/core/kit'
import { caseText, compilePolicy, environmentValues, type PolicyFile } from '@balustrade/core/policy'
import { createCaseJudge } from '../terminal/judge-case.ts'
import { compareEnvironments, type Difference } from './environment-comparison.ts'

interface Row {
  readonly note: string
  readonly policy: string
  /** Texts of the two overlays, without their first line. */
  readonly one: string
  readonly other: string
  readonly differences: readonly (readonly [rule: string, values: readonly string[], one: string, other: string])[]
  readonly values: readonly (readonly [path: string, effect: string])[]
}

const FIXTURES = join(import.meta.dirname, 'fixtures')
const NOW = Date.UTC(2026, 10, 24, 10)
const rows = parse(readFileSync(join(FIXTURES, 'environments.yaml'), 'utf8')) as readonly Row[]
const nouns = readFileSync(join(FIXTURES, 'nouns.yaml'), 'utf8')

const filesOf = ({ policy, one, other }: Pick<Row, 'policy' | 'one' | 'other'>): readonly PolicyFile[] => [
  { path: 'nouns.yaml', text: nouns },
  { path: 'rules.yaml', text: `balustrade: 1\nservice: app\nzone: Europe/Berlin\n${policy}` },
  { path: 'environments/one.yaml', text: `balustrade: 1\n${one}` },
  { path: 'environments/other.yaml', text: `balustrade: 1\n${other}` },
]

const compile = (files: readonly PolicyFile[], environment: string) => {
  const compiled = compilePolicy(files, { conditions: CONDITIONS, now: NOW, environment })
  expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return { image: compiled.image as PolicyImage, cases: compiled.cases }
}

const compare = (files: readonly PolicyFile[], names: readonly [string, string] = ['one', 'other']) => {
  const [one, other] = names.map((name) => ({
    name,
    image: compile(files, name).image,
    values: environmentValues(files, name),
  }))
  if (one === undefined || other === undefined) throw new Error('two environments')
  return compareEnvironments([one, other], files, NOW)
}

/** The outcome the witness of an environment gets there, pasted into the policy as a case. */
const outcomeIn = ({ cases }: Difference, which: 0 | 1, files: readonly PolicyFile[]): string => {
  const text = caseText(cases[which]).replaceAll(/^/gm, '  ')
  const pasted = [...files, { path: 'case.yaml', text: `balustrade: 1\ncases:\n${text}\n` }]
  const { image, cases: read } = compile(pasted, which === 0 ? 'one' : 'other')
  return createCaseJudge(image).judge(read[0] as never).decision.outcome
}

describe('what two environments decide otherwise', () => {
  test.each(rows)('$note', (row) => {
    const files = filesOf(row)
    const got = compare(files)
    expect(got.differences.map(({ rule, values, outcomes }) => [rule, values, ...outcomes])).toEqual(row.differences)
    const others = got.values.filter(({ effect }) => effect !== 'decides')
    expect(others.map(({ path, effect }) => [path, effect])).toEqual(row.values)
    expect(got.search.complete).toBe(true)
    for (const difference of got.differences) {
      expect([outcomeIn(difference, 0, files), outcomeIn(difference, 1, files)]).toEqual(difference.outcomes)
      expect(difference.outcomes.filter((outcome) => outcome === 'allow')).toHaveLength(1)
    }
  })

  test('an environment is no other than itself, and the other way round is the other way round', () => {
    for (const row of rows) {
      const files = filesOf(row)
      expect(compare(files, ['other', 'other'])).toMatchObject({ differences: [], values: [] })
      // Which value makes it alone is asked from the first environment, so that it need not be the same from the other.
      const told = (all: readonly Difference[], turn: boolean) =>
        new Set(all.map(({ rule, outcomes }) => [rule, turn ? outcomes.toReversed() : outcomes].join(' ')))
      expect(told(compare(files, ['other', 'one']).differences, true)).toEqual(told(compare(files).differences, false))
    }
  })

  test('the value is told as each has it, with its place', () => {
    const [row] = rows
    const { values } = compare(filesOf(row as Row))
    expect(values).toEqual([
      {
        path: 'variables.fresh',
        texts: ['15m', '5m'],
        at: [
          { file: 'rules.yaml', line: 4, column: 30 },
          { file: 'environments/other.yaml', line: 2, column: 21 },
        ],
        effect: 'decides',
      },
    ])
  })
})
