import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CONDITIONS } from '../catalogue.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { FactName } from '../model/fact.ts'
import { MEANING_DIAGNOSTICS } from './diagnostics-meaning.ts'
import { compilePolicy, DIAGNOSTICS, diagnosticsReference, type PolicyFile, renderDiagnostics } from './index.ts'

interface Fault {
  readonly code: string
  readonly note?: string
  readonly base?: false
  readonly policy?: string
  readonly files?: Readonly<Record<string, string>>
  readonly generate?: 'long' | 'deep' | 'many'
  readonly environment?: string
  readonly facts?: readonly FactName[]
  /** The text the diagnostic's range covers; null: not looked at. */
  readonly at: string | null
  readonly help?: string
  readonly says?: string
  readonly also?: readonly string[]
}

const FIXTURES = join(import.meta.dirname, 'fixtures')
const NOW = Date.UTC(2026, 10, 24)
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')

const faults = ['syntax', 'nouns', 'rules'].flatMap((name) => parse(fixture(`diagnostics-${name}.yaml`)) as readonly Fault[])

const GENERATED: Readonly<Record<NonNullable<Fault['generate']>, () => string>> = {
  long: () => `balustrade: 1\n#${'x'.repeat(1_048_576)}\n`,
  deep: () => `balustrade: 1\nguardrails: { a: { how: ${'{ not: '.repeat(60)}{ mfa: any }${' }'.repeat(60)} } }\n`,
  // Empty rules are refused one by one; what matters is that counting comes first.
  many: () => `balustrade: 1\nguardrails:\n${Array.from({ length: 26_000 }, (_, i) => `  a${i}: {how: never}\n`).join('')}`,
}

const BASE: readonly PolicyFile[] = [
  { path: 'base.yaml', text: fixture('base.yaml') },
  { path: 'pay.openapi.json', text: fixture('pay.openapi.json') },
]

const filesOf = (fault: Fault): readonly PolicyFile[] => {
  const text = fault.generate === undefined ? fault.policy : GENERATED[fault.generate]()
  const own = text === undefined ? [] : [{ path: 'policy.yaml', text }]
  const more =
    fault.generate === 'many' ? ['z.yaml'].map((path, i) => ({ path, text: (text ?? '').replaceAll('  a', `  a${i}z`) })) : []
  const others = Object.entries(fault.files ?? {}).map(([path, body]) => ({ path, text: body }))
  return [...(fault.base === false ? [] : BASE), ...own, ...more, ...others]
}

const compile = (fault: Fault) =>
  compilePolicy(filesOf(fault), {
    conditions: CONDITIONS,
    now: NOW,
    ...(fault.environment === undefined ? {} : { environment: fault.environment }),
    ...(fault.facts === undefined ? {} : { facts: fault.facts }),
  })

const covered = (diagnostic: Diagnostic, files: readonly PolicyFile[]): string => {
  const lines = (files.find((file) => file.path === diagnostic.file)?.text ?? '').split('\n')
  const offset = (line: number, column: number): number =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1
  return lines.join('\n').slice(offset(diagnostic.line, diagnostic.column), offset(diagnostic.endLine, diagnostic.endColumn))
}

/** Placeholders of the catalogue's entry that were left as they stand. */
const unfilled = (code: string): RegExp => {
  const entry = Object.entries(DIAGNOSTICS).find(([each]) => each === code)?.[1]
  const holes = [...`${entry?.what} ${entry?.why} ${entry?.help}`.matchAll(/\{[a-zA-Z]+\}/g)].map((match) => match[0])
  return new RegExp(['undefined', ...holes].join('|').replaceAll('{', '\\{'))
}

const named = faults.map((fault) => ({ ...fault, title: fault.note === undefined ? fault.code : `${fault.code}: ${fault.note}` }))

describe('every fault', () => {
  it.each(named)('$title', (fault) => {
    const { diagnostics, image } = compile(fault)
    expect(diagnostics.map((each) => each.code).toSorted()).toEqual([fault.code, ...(fault.also ?? [])].toSorted())
    const found = diagnostics.find((each) => each.code === fault.code)
    expect(found).toBeDefined()
    if (found === undefined) return
    if (fault.at !== null) expect(covered(found, filesOf(fault))).toBe(fault.at)
    if (fault.help !== undefined) expect(found.help).toBe(fault.help)
    if (fault.says !== undefined) expect(found.message).toBe(fault.says)
    expect(`${found.message} ${found.why} ${found.help}`).not.toMatch(unfilled(fault.code))
    expect(image === null).toBe(diagnostics.some((each) => each.severity === 'error'))
  })
})

describe('the catalogue', () => {
  const OF_FOLDERS = new Set(Object.keys(DIAGNOSTICS).filter((code) => /^folder\.(?!empty)|^file\.unreadable/.test(code)))

  it('has a test for every code', () => {
    const told = faults.flatMap((fault) => [fault.code, ...(fault.also ?? [])])
    // Codes of meaning are given, and tested, where requests are judged.
    const tested = new Set([...told, ...OF_FOLDERS, ...Object.keys(MEANING_DIAGNOSTICS)])
    expect(Object.keys(DIAGNOSTICS).filter((code) => !tested.has(code))).toEqual([])
  })

  it('knows every code that is given, or a condition does', () => {
    const own = new Set(CONDITIONS.flatMap((condition) => condition.examples.refused.map((each) => each.code)))
    const given = faults
      .filter((fault) => fault.generate === undefined)
      .flatMap((fault) => compile(fault).diagnostics.map((each) => each.code))
    expect(given.filter((code) => !(code in DIAGNOSTICS) && !own.has(code))).toEqual([])
  })

  it('is written as people speak', () => {
    for (const { what, why, help } of Object.values(DIAGNOSTICS)) {
      for (const text of [what, why, help]) expect(text).toMatch(/^[^!]*$/)
      expect(why).toMatch(/[.]$/)
    }
  })

  it('fills a page', () => {
    const page = diagnosticsReference(CONDITIONS)
    for (const code of Object.keys(DIAGNOSTICS)) expect(page).toContain(`\`${code}\``)
    expect(page).toContain('| `path.pattern` | `what.path` |')
  })
})

describe('what must pass', () => {
  it('the base of the faults', () => {
    expect(compilePolicy(BASE, { conditions: CONDITIONS, now: NOW }).diagnostics).toEqual([])
  })

  it('gives all faults at once', () => {
    const text =
      'balustrade: 1\nservice: pay\ngrants:\n  a: { who: { group: nobody }, what: { path: /a } }\n  b: { who: { grup: a }, what: { path: /a//b } }\n'
    const { diagnostics } = compilePolicy([...BASE, { path: 'p.yaml', text }], { conditions: CONDITIONS, now: NOW })
    expect(diagnostics.map((each) => each.code)).toEqual(['name.unknown', 'condition.unknown', 'path.pattern'])
  })
})

describe('rendering', () => {
  it('shows the line with carets, why and help', () => {
    const files = [
      ...BASE,
      { path: 'p.yaml', text: 'balustrade: 1\nguardrails: { a: { who: { group: custmers }, how: never } }\n' },
    ]
    const { diagnostics } = compilePolicy(files, { conditions: CONDITIONS, now: NOW })
    expect(renderDiagnostics(diagnostics, files)).toMatchInlineSnapshot(`
      "p.yaml:2:34 error[name.unknown]: There is no group 'custmers'.
          |
        2 | guardrails: { a: { who: { group: custmers }, how: never } }
          |                                  ^^^^^^^^
        why: A name that is not declared matches nobody: a misspelt one would switch the rule off without a word.
        help: Did you mean 'customers'?"
    `)
  })

  it('keeps control characters of documents from the terminal', () => {
    const files = [{ path: 'p.yaml', text: 'balustrade: 1\n"a\u001b[31m\u202e": 1\n' }]
    const { diagnostics } = compilePolicy(files, { conditions: CONDITIONS, now: NOW })
    expect(renderDiagnostics(diagnostics, files)).not.toMatch(/[\u001b\u202e]/)
  })
})
