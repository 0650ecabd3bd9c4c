import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { NOUN_BLOCKS, RULE_BLOCKS } from './document.ts'
import { compilePolicy, environmentValues, type PolicyFile } from './index.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const NOW = Date.UTC(2026, 10, 24)
const fixture = (path: string): PolicyFile => ({ path, text: readFileSync(join(FIXTURES, path), 'utf8') })
const BASE = [fixture('base.yaml'), fixture('pay.openapi.json')]

const withOverlay = (overlay: string, policy = ''): readonly PolicyFile[] => [
  ...BASE,
  { path: 'policy.yaml', text: `balustrade: 1\n${policy}` },
  { path: 'environments/staging.yaml', text: `balustrade: 1\n${overlay}` },
]

/** Told whichever environment is in force: one that is not looked at today is in force tomorrow. */
const diagnosticsOf = (files: readonly PolicyFile[], environment?: string): readonly Diagnostic[] =>
  compilePolicy(files, { conditions: CONDITIONS, now: NOW, ...(environment === undefined ? {} : { environment }) }).diagnostics

const placeOf = (text: string, word: string) => {
  const at = text.indexOf(word)
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

const RULES: Readonly<Record<(typeof RULE_BLOCKS)[number], string>> = {
  grants: '{ who: { group: admins }, what: { path: /a } }',
  guardrails: '{ how: never }',
  exceptions: '{ waives: x, who: { group: admins }, what: { path: /a } }',
  public: '{ what: { path: /a } }',
  invariants: '{ how: never }',
}

const NOUNS: readonly string[] = NOUN_BLOCKS.filter((block) => block !== 'services' && block !== 'providers')
const OTHERS = ['conditions', 'bounds', 'cases', 'matrix', 'service', 'zone', 'trust', 'anything']
const MEMBERS_OF_SERVICES = [
  'audience',
  'providers',
  'credentials',
  'login',
  'sessions',
  'under',
  'routing',
  'cors',
  'openapi',
  'audit',
]
const MEMBERS_OF_PROVIDERS = ['algorithms', 'profile', 'lifetime', 'loopback', 'claims', 'groups-claim', 'complete', 'mfa']

const refused = [
  ...RULE_BLOCKS.map((block) => ({ key: block, overlay: `${block}: { a: ${RULES[block]} }\n` })),
  ...NOUNS.map((key) => ({ key, overlay: `${key}: { a: [10.0.0.0/8] }\n` })),
  ...OTHERS.map((key) => ({ key, overlay: `${key}: something\n` })),
  ...MEMBERS_OF_SERVICES.map((key) => ({ key, overlay: `services:\n  pay: { ${key}: x }\n` })),
  ...MEMBERS_OF_PROVIDERS.map((key) => ({ key, overlay: `providers:\n  corp: { ${key}: x }\n` })),
]

describe('what cannot stand in an environment', () => {
  it.each(refused)('$key', ({ key, overlay }) => {
    for (const environment of [undefined, 'staging']) {
      const found = diagnosticsOf(withOverlay(overlay), environment)
      const { line, column } = placeOf(`balustrade: 1\n${overlay}`, `${key}:`)
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({
        code: 'environment.not_allowed',
        severity: 'error',
        file: 'environments/staging.yaml',
        line,
        column,
      })
    }
  })

  it('knows every block of a policy', () => {
    const known = [...RULE_BLOCKS, ...NOUN_BLOCKS]
    expect(refused.map(({ key }) => key)).toEqual(
      expect.arrayContaining(known.filter((b) => b !== 'services' && b !== 'providers')),
    )
  })
})

describe('values beyond what is declared', () => {
  it.each([
    { note: 'a longer time than max', variable: 'value: 5m, max: 15m', value: '16m', at: '16m' },
    { note: 'a larger number than max', variable: 'value: 1, max: 3', value: '4', at: '4' },
    {
      note: 'a wider network than widest',
      variable: 'value: [10.1.0.0/24], widest: [10.1.0.0/16]',
      value: '[10.0.0.0/15]',
      at: '10.0.0.0/15',
    },
    {
      note: 'a network beside widest',
      variable: 'value: [10.1.0.0/24], widest: [10.1.0.0/16]',
      value: '[10.1.0.0/24, 10.2.0.0/24]',
      at: '10.2.0.0/24',
    },
    { note: 'a network wider than the own value', variable: 'value: [10.1.0.0/24]', value: '[10.1.0.0/23]', at: '10.1.0.0/23' },
    { note: 'every address of the other family', variable: 'value: [10.1.0.0/24]', value: "['::/0']", at: "'::/0'" },
    {
      note: 'the same in the mapped place',
      variable: 'value: [10.1.0.0/24]',
      value: "['::ffff:10.0.0.0/104']",
      at: "'::ffff:10.0.0.0/104'",
    },
  ])('$note', ({ variable, value, at }) => {
    for (const environment of [undefined, 'staging']) {
      const overlay = `variables: { v: ${value} }\n`
      const found = diagnosticsOf(withOverlay(overlay, `variables: { v: { ${variable} } }\n`), environment)
      const { line, column } = placeOf(`balustrade: 1\n${overlay}`, at)
      expect(found.map(({ code }) => code)).toEqual(['variable.beyond'])
      expect(found[0]).toMatchObject({ severity: 'error', file: 'environments/staging.yaml', line, column })
    }
  })

  it.each([
    { note: 'text where a time is bounded', variable: 'value: 5m, max: 15m', value: 'soon', code: 'variable.limit' },
    { note: 'a list where a time is bounded', variable: 'value: 5m, max: 15m', value: '[5m, 1h]', code: 'variable.limit' },
    {
      note: 'no network where networks are bounded',
      variable: 'value: [10.1.0.0/24]',
      value: '[everywhere]',
      code: 'network.invalid',
    },
    { note: 'a condition in place of a value', variable: 'value: 5m', value: '{ any: [] }', code: 'value.type' },
  ])('$note', ({ variable, value, code }) => {
    const found = diagnosticsOf(withOverlay(`variables: { v: ${value} }\n`, `variables: { v: { ${variable} } }\n`))
    expect(found.map((each) => [each.code, each.file])).toEqual([[code, 'environments/staging.yaml']])
  })

  it.each([
    { note: 'as long as max', variable: 'value: 5m, max: 15m', value: '15m' },
    { note: 'all of widest', variable: 'value: [10.1.0.0/24], widest: [10.1.0.0/16]', value: '[10.1.0.0/16]' },
    { note: 'a part of the own value', variable: 'value: [10.1.0.0/24]', value: '[10.1.0.128/25, 10.1.0.7/32]' },
  ])('must pass: $note', ({ variable, value }) => {
    expect(diagnosticsOf(withOverlay(`variables: { v: ${value} }\n`, `variables: { v: { ${variable} } }\n`), 'staging')).toEqual(
      [],
    )
  })
})

describe('one environment in two files', () => {
  it('is refused, whichever is asked for', () => {
    const files = [
      ...withOverlay('x-note: first\n'),
      { path: 'environments/staging.yml', text: 'balustrade: 1\nx-note: second\n' },
    ]
    const found = diagnosticsOf(files, 'staging')
    expect(found.map(({ code, file }) => [code, file])).toEqual([['name.duplicate', 'environments/staging.yml']])
  })
})

describe('the values of an environment', () => {
  const policy =
    'variables: { v: { value: 15m }, w: { value: [10.1.0.0/24] } }\n' +
    'conditions: { a: { use: b }, b: { mfa: { level: any, max-age: { variable: v } } } }\n' +
    'networks: { desks: { variable: w } }\nguardrails: { g: { how: { use: a } }, h: { how: { network: desks } } }\n'
  const valuesIn = (environment: string | undefined) =>
    environmentValues(
      withOverlay('variables: { v: 5m }\nproviders: { corp: { issuer: https://b.example.com } }\n', policy),
      environment,
    )

  it('are its own where it has any, with their places and where they stand', () => {
    const [before, after] = [valuesIn(undefined), valuesIn('staging')]
    expect(after.find(({ path }) => path === 'variables.v')).toEqual({
      path: 'variables.v',
      value: '5m',
      at: { file: 'environments/staging.yaml', line: 2, column: 17 },
      usedBy: ['guardrails.g'],
    })
    expect(after.find(({ path }) => path === 'variables.w')).toMatchObject({ value: ['10.1.0.0/24'], usedBy: ['networks.desks'] })
    const changed = after.filter(({ path, value }) => before.find((each) => each.path === path)?.value !== value)
    expect(changed.map(({ path }) => path)).toEqual(expect.arrayContaining(['providers.corp.issuer', 'variables.v']))
  })
})
