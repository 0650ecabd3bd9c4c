import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { CONDITIONS } from '../catalogue.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { compilePolicy, describeRule, type PolicyFile, policyJsonSchema, renderDiagnostics } from './index.ts'

const options = { conditions: CONDITIONS, now: Date.UTC(2026, 10, 24) }
const EXAMPLE = join(import.meta.dirname, '../../../../examples/payments')
const payments: readonly PolicyFile[] = readdirSync(EXAMPLE)
  .filter((file) => /\.(yaml|json)$/.test(file))
  .map((path) => ({ path, text: readFileSync(join(EXAMPLE, path), 'utf8') }))
const base: PolicyFile = {
  path: 'base.yaml',
  text: readFileSync(join(import.meta.dirname, 'fixtures/base.yaml'), 'utf8').replace('    openapi: pay.openapi.json\n', ''),
}

const compile = (text: string) => compilePolicy([base, { path: 'p.yaml', text: `balustrade: 1\n${text}` }], options)
const rule = (text: string, name = 'a') => {
  const { image, diagnostics } = compile(text)
  expect(diagnostics.filter((each) => each.severity === 'error')).toEqual([])
  return image?.rules.find((each) => each.name === name)
}

/** Characters that mean something in YAML, and pieces of the language. */
const shards = fc.array(
  fc.oneof(
    fc.constantFrom(...'{}[],:&*!|>\'"%@`#?- \n\t'.split('')),
    fc.constantFrom(
      'balustrade: 1\n',
      'grants:',
      'guardrails:',
      'who:',
      'how: never',
      'any: [',
      'not:',
      'use:',
      '{ variable: a }',
      'services:',
      'cases:',
      'matrix:',
      '__proto__: ',
      '<<: ',
      '\ud800',
      '\u0000',
      '? ',
      '  a:\n    ',
    ),
    fc.string({ maxLength: 6 }),
  ),
  { maxLength: 60 },
)

describe('any text', () => {
  it('is answered, never thrown at', () => {
    fc.assert(
      fc.property(shards, fc.constantFrom('p.yaml', 'environments/e.yaml'), (pieces, path) => {
        const text = `balustrade: 1\n${pieces.join('')}`
        const files = [base, { path, text }]
        const { image, diagnostics } = compilePolicy(files, { ...options, ...(path === 'p.yaml' ? {} : { environment: 'e' }) })
        expect(image === null).toBe(diagnostics.some((each) => each.severity === 'error'))
        renderDiagnostics(diagnostics, files)
        const lines = text.split('\n').length
        for (const each of diagnostics)
          expect(each.line >= 1 && each.endLine >= each.line && (each.file !== path || each.endLine <= lines)).toBe(true)
        if (image !== null) canonicalJson(image)
      }),
      { numRuns: 500, seed: 20261124 },
    )
  })
})

describe('the image', () => {
  it('is plain JSON', () => {
    const { image } = compilePolicy(payments, options)
    expect(JSON.parse(canonicalJson(image))).toEqual(image)
  })

  it('does not depend on the order of files', () => {
    const { image } = compilePolicy(payments, options)
    expect(compilePolicy(payments.toReversed(), options).image).toEqual(image)
  })

  it('does not depend on when it is made', () => {
    const { image } = compilePolicy(payments, options)
    expect(compilePolicy(payments, { ...options, now: Date.UTC(2026, 11, 31) }).image).toEqual(image)
  })
})

describe('what rules mean', () => {
  it('several keys are all, a file names the service of its rules', () => {
    expect(rule('service: pay\ngrants: { a: { who: { group: admins, kind: human }, what: { path: /a } } }\n')).toMatchObject({
      who: {
        all: [
          { is: 'who.group', spec: 'admins' },
          { is: 'who.kind', spec: 'human' },
        ],
      },
      what: {
        all: [
          { is: 'what.service', spec: 'pay' },
          { is: 'what.path', spec: '/a' },
        ],
      },
    })
  })

  it('a guardrail without `what` is about the service of its file', () => {
    expect(rule('service: pay\nguardrails: { a: { how: never } }\n')?.what).toEqual({ is: 'what.service', spec: 'pay' })
  })

  it('none is each of them not', () => {
    expect(rule('guardrails: { a: { who: { none: [{ group: admins }, { role: auditor }] }, how: never } }\n')?.who).toEqual({
      all: [{ not: { is: 'who.group', spec: 'admins' } }, { not: { is: 'who.role', spec: 'auditor' } }],
    })
  })

  it('modifiers belong to their condition and count as one under not', () => {
    expect(
      rule("zone: UTC\nguardrails: { a: { when: { not: { days: mon, hours: '08:00-18:00' } }, how: never } }\n")?.when,
    ).toEqual({
      not: { is: 'when.hours', spec: { hours: '08:00-18:00', days: 'mon' } },
    })
  })

  it('named conditions are written out', () => {
    expect(rule('conditions: { b: { use: c }, c: { mfa: any } }\nguardrails: { a: { how: { use: b } } }\n')?.how).toEqual({
      is: 'how.mfa',
      spec: 'any',
    })
  })

  it('a date is the whole day in the zone, an instant is exact', () => {
    const found = rule('zone: Europe/Berlin\nguardrails: { a: { how: never, from: 2026-03-29, until: 2026-10-25 } }\n')
    expect([found?.from, found?.until]).toEqual([Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 9, 25, 23)])
    expect(rule('guardrails: { a: { how: never, from: 2026-03-29T01:00:00+02:00 } }\n')?.from).toBe(Date.UTC(2026, 2, 28, 23))
  })

  it('a variable stands for a value, a list among items for its items', () => {
    const text =
      'variables: { nets: { value: [10.0.0.0/8] }, age: { value: 15m } }\nnetworks: { n: [192.0.2.0/24, { variable: nets }] }\n'
    const { image } = compile(`${text}guardrails: { a: { how: { mfa: { level: any, max-age: { variable: age } } } } }\n`)
    expect(image?.networks['n']).toEqual(['10.0.0.0/8', '192.0.2.0/24'])
    expect(image?.rules[0]?.how).toEqual({ is: 'how.mfa', spec: { level: 'any', 'max-age': '15m' } })
  })

  it('keys of the writer are ignored, wherever keys are read', () => {
    expect(
      compile('x-note: 1\nguardrails: { a: { x-why: b, who: { group: admins, x-c: 1 }, how: never } }\n').diagnostics,
    ).toEqual([])
  })
})

describe('sentences', () => {
  const sentence = (text: string): string => {
    const found = rule(text)
    return found === undefined ? '' : describeRule(found, CONDITIONS)
  }

  it('say who, what, when and how', () => {
    const text =
      'service: pay\nzone: UTC\ngrants: { a: { who: { any: [{ group: admins }, { role: auditor }] }, what: { path: /a }, when: { days: mon-fri }, how: { mfa: any, not: { network: office } } } }\n'
    expect(sentence(text)).toMatchInlineSnapshot(
      `"Allows a caller who belongs to admins, or holds the role auditor for the service pay, /a when it is mon-fri if a second factor was proved, and not (the request comes from office)."`,
    )
  })

  it('say what the end of a trial comes to', () => {
    const tried = 'shadow: { owner: ada@example.com, until: 2026-12-01T00:00:00Z }'
    expect(sentence(`guardrails: { a: { how: never, ${tried} } }\n`)).toMatchInlineSnapshot(
      `"Refuses everyone. Until 2026-12-01T00:00:00Z it is only watched, and enforced from then on; ada@example.com answers for that."`,
    )
    expect(
      sentence(`service: pay\ngrants: { a: { who: { group: admins }, what: { path: /a }, ${tried} } }\n`),
    ).toMatchInlineSnapshot(
      `"Allows a caller who belongs to admins for the service pay, /a. Until 2026-12-01T00:00:00Z it is only watched, and off from then on; ada@example.com answers for that."`,
    )
  })

  it('say what a guardrail refuses', () => {
    expect(sentence('guardrails: { a: { when: { network: office }, how: never } }\n')).toMatchInlineSnapshot(
      `"Refuses everyone when the request comes from office."`,
    )
    expect(sentence('guardrails: { a: { what: { path: /t/$t/** }, how: { claim: { tenant: $t } } } }\n')).toMatchInlineSnapshot(
      `"Refuses everyone for /t/$t and all below it unless the caller has the claim tenant $t."`,
    )
  })
})

describe('the JSON Schema', () => {
  const editor = z.fromJSONSchema(policyJsonSchema(CONDITIONS) as Parameters<typeof z.fromJSONSchema>[0])
  const examples = ['quickstart', 'console', 'payments'].flatMap((name) =>
    readdirSync(join(EXAMPLE, '..', name))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => ({ note: `${name}/${file}`, text: readFileSync(join(EXAMPLE, '..', name, file), 'utf8') })),
  )

  it.each(examples)('admits $note', ({ text }) => {
    expect(editor.safeParse(parse(text)).error?.issues ?? []).toEqual([])
  })

  it.each([
    { note: 'a misspelt block', text: 'balustrade: 1\ngrnts: {}\n' },
    { note: 'no version', text: 'zone: UTC\n' },
    { note: 'a condition that does not exist', text: 'balustrade: 1\nguardrails: { a: { who: { grup: a }, how: never } }\n' },
    { note: 'a level that does not exist', text: 'balustrade: 1\nguardrails: { a: { how: { mfa: strong } } }\n' },
    { note: 'a grant without who', text: 'balustrade: 1\ngrants: { a: { what: { path: /a } } }\n' },
  ])('refuses $note', ({ text }) => {
    expect(editor.safeParse(parse(text)).success).toBe(false)
  })

  it('offers every condition where it may stand, and no other', () => {
    const schema = policyJsonSchema(CONDITIONS) as { readonly $defs: Readonly<Record<string, { readonly properties?: object }>> }
    const keys = (name: string): readonly string[] => Object.keys(schema.$defs[name]?.properties ?? {})
    expect(keys('grant-when')).toEqual(expect.arrayContaining(['days', 'hours', 'zone', 'any', 'not']))
    expect(keys('grant-when')).not.toContain('network')
    expect(keys('guardrail-when')).toContain('network')
    expect(keys('public-how')).not.toContain('scope')
    expect(keys('exception-how')).toContain('group')
  })
})
