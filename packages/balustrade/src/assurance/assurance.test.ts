import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CONDITIONS, type Diagnostic, type PolicyImage } from '@balustrade/core/kit'
import { caseText, compilePolicy, DIAGNOSTICS, type PolicyFile, readPolicyFolder } from '@balustrade/core/policy'
import { createCaseJudge, type JudgedCase } from '../terminal/judge-case.ts'
import { inspectPolicy } from './assurance.ts'

interface Row {
  readonly note: string
  readonly policy: string
  /** The codes that must be given, each with the name of the rule it is given at. */
  readonly codes: Readonly<Record<string, string>>
}

const FIXTURES = join(import.meta.dirname, 'fixtures')
const NOW = Date.UTC(2026, 10, 24, 10)
const rows = parse(readFileSync(join(FIXTURES, 'findings.yaml'), 'utf8')) as readonly Row[]
const NOUNS: PolicyFile = { path: 'nouns.yaml', text: readFileSync(join(FIXTURES, 'nouns.yaml'), 'utf8') }

const filesOf = ({ policy }: Row): readonly PolicyFile[] => [
  NOUNS,
  { path: 'rules.yaml', text: `balustrade: 1\nservice: app\nzone: Europe/Berlin\n${policy}` },
]

const compile = (files: readonly PolicyFile[]) => compilePolicy(files, { conditions: CONDITIONS, now: NOW })

const imageOf = (files: readonly PolicyFile[]): PolicyImage => {
  const { image, diagnostics } = compile(files)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return image as PolicyImage
}

/** The name that a diagnostic's range covers. */
const covered = ({ file, line, column, endColumn }: Diagnostic, files: readonly PolicyFile[]): string =>
  (files.find(({ path }) => path === file)?.text.split('\n')[line - 1] ?? '').slice(column - 1, endColumn - 1)

/** Pastes the witness as a case, and judges it as `test` and `explain` do. */
const judgePasted = (diagnostic: Diagnostic, files: readonly PolicyFile[]): JudgedCase | null => {
  if (diagnostic.witness === undefined) return null
  const text = caseText(diagnostic.witness).replaceAll(/^/gm, '  ')
  const { image, cases, diagnostics } = compile([...files, { path: 'case.yaml', text: `balustrade: 1\ncases:\n${text}\n` }])
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const judged = createCaseJudge(image as PolicyImage).judge(cases[0] as never)
  expect(judged.decision.outcome).toBe(diagnostic.witness.expect)
  return judged
}

const isKeptOut = ({ decision, explanation }: JudgedCase, rule: string): void => {
  expect(decision.outcome).not.toBe('allow')
  const found = explanation?.rules[0]?.find((each) => each.rule === rule)
  // A refusal that no identity can change comes before anybody looks who calls.
  expect(['yes', 'unknown']).toContain(found?.selected)
  expect(found?.demand).toBe('met')
}

/** What the explanation of a witness must say of the rules it is about. */
const SHOWN: Readonly<Record<string, (judged: JudgedCase, rule: string) => void>> = {
  'demand.bypassed': ({ decision, explanation }, rule) => {
    expect(decision.outcome).toBe('allow')
    const rules = explanation?.rules[0] ?? []
    expect(rules.find((each) => each.rule === rule)).toMatchObject({ selected: 'yes', demand: 'met' })
    expect(rules.some(({ kind, selected, demand }) => kind === 'grant' && selected === 'yes' && demand !== 'met')).toBe(true)
  },
  'public.impossible': isKeptOut,
  'grant.impossible': isKeptOut,
  'grant.shadowed': ({ decision, explanation }) => {
    expect(decision.outcome).toBe('allow')
    const permits = (explanation?.rules[0] ?? []).filter(({ kind }) => kind === 'grant' || kind === 'public')
    expect(permits.filter(({ selected, demand }) => selected === 'yes' && demand === 'met').length).toBeGreaterThan(1)
  },
  'exception.removes_guardrail': ({ explanation }, rule) => {
    expect((explanation?.rules[0] ?? []).some(({ waivedBy }) => waivedBy.includes(rule))).toBe(true)
  },
  'exception.no_effect': ({ explanation }, rule) => {
    const guardrails = (explanation?.rules[0] ?? []).filter(({ waivedBy }) => waivedBy.includes(rule))
    expect(guardrails.filter(({ selected, demand }) => selected !== 'no' && demand !== 'met')).toEqual([])
  },
  'rule.never_selects': ({ explanation }, rule) => {
    expect(explanation?.rules[0]?.find((each) => each.rule === rule)?.selected ?? 'no').not.toBe('yes')
  },
  'rule.duplicate': ({ explanation }, rule) => {
    expect(explanation?.rules[0]?.find((each) => each.rule === rule)?.selected).toBe('yes')
  },
  'guardrail.partial_methods': ({ decision, explanation }, rule) => {
    expect(decision.outcome).toBe('allow')
    expect(explanation?.rules[0]?.some((each) => each.rule === rule && each.selected === 'yes')).not.toBe(true)
  },
}

describe('what judging requests shows', () => {
  test.each(rows)('$note', (row) => {
    const files = filesOf(row)
    const { diagnostics, search } = inspectPolicy(imageOf(files), NOW)
    expect(diagnostics.map((each) => [each.code, covered(each, files)])).toEqual(Object.entries(row.codes))
    expect(search.complete).toBe(true)
    for (const each of diagnostics) {
      expect(`${each.message} ${each.why} ${each.help}`).not.toMatch(/undefined|\{[a-z]+\}/)
      const judged = judgePasted(each, files)
      expect(judged).not.toBeNull()
      if (judged !== null) SHOWN[each.code]?.(judged, covered(each, files))
    }
  })

  test('has a row for every code of meaning, and a near miss for each', () => {
    const given = new Set(rows.flatMap(({ codes }) => Object.keys(codes)))
    expect([...given].filter((code) => !(code in DIAGNOSTICS))).toEqual([])
    expect(Object.keys(SHOWN).filter((code) => !given.has(code))).toEqual([])
    expect([...given].filter((code) => !(code in SHOWN))).toEqual([])
  })
})

describe('policies that people are given', () => {
  test.each(['examples/quickstart', 'examples/console', 'examples/payments', 'packages/balustrade/demo-policy'])(
    '%s',
    (folder) => {
      const read = readPolicyFolder(join(import.meta.dirname, '../../../..', folder), { conditions: CONDITIONS, now: NOW })
      expect(inspectPolicy(read.image as PolicyImage, NOW)).toMatchObject({ diagnostics: [], search: { complete: true } })
    },
  )
})
