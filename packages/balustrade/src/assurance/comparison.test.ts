import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CONDITIONS, type PolicyImage } from '@balustrade/core/kit'
import { caseText, compilePolicy, type PolicyFile } from '@balustrade/core/policy'
import { createCaseJudge } from '../terminal/judge-case.ts'
import { type Change, comparePolicies } from './comparison.ts'

interface Row {
  readonly note: string
  readonly base: string
  readonly head: string
  readonly changes: readonly (readonly [weight: string, code: string, rule: string])[]
}

const FIXTURES = join(import.meta.dirname, 'fixtures')
const NOW = Date.UTC(2026, 10, 24, 10)
const rows = parse(readFileSync(join(FIXTURES, 'changes.yaml'), 'utf8')) as readonly Row[]
const nouns = readFileSync(join(FIXTURES, 'nouns.yaml'), 'utf8')

const filesOf = (rules: string, more = ''): readonly PolicyFile[] => [
  { path: 'nouns.yaml', text: nouns.replace('lifetime: 1h', `lifetime: ${more === '' ? '1h' : more}`) },
  { path: 'rules.yaml', text: `balustrade: 1\nservice: app\nzone: Europe/Berlin\n${rules}` },
]

const compile = (files: readonly PolicyFile[]) => {
  const compiled = compilePolicy(files, { conditions: CONDITIONS, now: NOW })
  expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return { image: compiled.image as PolicyImage, cases: compiled.cases }
}

/** The outcome a witness gets in a policy, pasted into it as a case. */
const outcomeIn = ({ witness }: Change, files: readonly PolicyFile[]): string => {
  const text = witness === null ? '' : caseText(witness).replaceAll(/^/gm, '  ')
  const { image, cases } = compile([...files, { path: 'case.yaml', text: `balustrade: 1\ncases:\n${text}\n` }])
  return createCaseJudge(image).judge(cases[0] as never).decision.outcome
}

const ruleOf = ({ message }: Change): string => /'([^']+)'/.exec(message)?.[1] ?? ''

describe('what a change comes to', () => {
  test.each(rows)('$note', ({ base, head, changes }) => {
    const [before, after] = [filesOf(base), filesOf(head)]
    const got = comparePolicies(compile(before).image, compile(after).image, NOW)
    expect(got.changes.map((change) => [change.weight, change.code, ruleOf(change)])).toEqual(changes)
    expect(got.search.complete).toBe(true)
    for (const change of got.changes) {
      if (change.witness === null) continue
      const outcomes = [outcomeIn(change, before), outcomeIn(change, after)]
      expect(outcomes).toEqual([change.before, change.witness.expect])
      expect(outcomes.map((outcome) => outcome === 'allow')).toEqual(
        change.weight === 'strengthening' ? [true, false] : [false, true],
      )
    }
  })

  test('every weakening and strengthening has a witness', () => {
    for (const { base, head } of rows) {
      const { changes } = comparePolicies(compile(filesOf(base)).image, compile(filesOf(head)).image, NOW)
      const bare = changes.filter(({ weight, witness }) => weight.endsWith('ening') && witness === null)
      expect(bare).toEqual([])
    }
  })

  test('a policy is no weaker than itself, and the other way round is the other way round', () => {
    for (const { base, head } of rows) {
      const [one, two] = [compile(filesOf(base)).image, compile(filesOf(head)).image]
      expect(comparePolicies(one, one, NOW).changes).toEqual([])
      const there = comparePolicies(one, two, NOW).changes.filter(({ weight }) => weight === 'strengthening')
      const back = comparePolicies(two, one, NOW).changes.filter(
        ({ weight, code }) => weight === 'weakening' || code === 'grant.added',
      )
      expect(back.length).toBeGreaterThanOrEqual(there.length)
    }
  })
})

describe('what requests cannot tell', () => {
  test('declarations by which callers are recognised are named', () => {
    const rules = 'grants: { staff-in: { who: { group: staff }, what: { path: /a } } }\n'
    const { changes } = comparePolicies(compile(filesOf(rules)).image, compile(filesOf(rules, '30m')).image, NOW)
    expect(changes.map(({ weight, message }) => [weight, message.split(' ')[0]])).toEqual([['unjudged', 'providers.corp']])
  })

  test('a spelling that a service reads otherwise is looked at', () => {
    const rules =
      'grants: { staff-in: { who: { group: staff }, what: { path: /** } } }\nguardrails: { factor: { what: { path: /admin }, how: { mfa: any } } }\n'
    const same = filesOf(rules).map(({ path, text }) => ({
      path,
      text: text.replace('trailing-slash: distinct', 'trailing-slash: same'),
    }))
    const { changes } = comparePolicies(compile(same).image, compile(filesOf(rules)).image, NOW)
    expect(changes.filter(({ weight }) => weight === 'weakening').map(({ code, witness }) => [code, witness?.request])).toEqual([
      ['guardrail.narrower', expect.stringMatching(/\/admin\/$/)],
    ])
  })
})
