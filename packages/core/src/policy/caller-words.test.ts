import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { ANONYMOUS, type CredentialKind, UNKNOWN } from '../model/fact.ts'
import {
  type CallerWords,
  compilePolicy,
  factsFromWords,
  type PolicyMatrix,
  renderMatrix,
  replaceTable,
  sameTable,
} from './index.ts'

const now = Date.UTC(2026, 10, 24, 10)
const base = readFileSync(join(import.meta.dirname, 'fixtures/base.yaml'), 'utf8').replace('    openapi: pay.openapi.json\n', '')

const compile = (text: string) =>
  compilePolicy(
    [
      { path: 'base.yaml', text: base },
      { path: 'p.yaml', text: `balustrade: 1\n${text}` },
    ],
    { conditions: CONDITIONS, now },
  )

const callerOf = (as: string): CallerWords => {
  const { cases, diagnostics } = compile(`cases: [{ note: n, request: GET https://pay.example.com/, as: ${as}, expect: deny }]\n`)
  expect(diagnostics).toEqual([])
  return cases[0]?.as ?? {}
}

const { image } = compile('')
if (image === null) throw new Error('the base has an image')
const factsOf = (as: string) => factsFromWords(callerOf(as), { image, now })

describe('a caller in words', () => {
  it.each([
    { note: 'no words', as: '{}', facts: ANONYMOUS },
    {
      note: 'a group',
      as: '{ group: admins }',
      facts: { kind: 'human', provider: 'corp', groups: { names: new Set(['admins']), complete: true } },
    },
    {
      note: 'what is not said is absent, lists are complete',
      as: '{ kind: human }',
      facts: {
        user: null,
        client: null,
        workload: null,
        actingFor: null,
        acr: null,
        factors: [],
        loginAt: null,
        scopes: new Set(),
        roles: { names: new Set(), complete: true },
        claims: new Map([['tenant', null]]),
      },
    },
    {
      note: 'a user brings the provider',
      as: '{ user: corp/ada }',
      facts: { user: 'corp/ada', provider: 'corp', credential: 'jwt' },
    },
    {
      note: 'a workload by its declared name',
      as: '{ workload: batch }',
      facts: { kind: 'workload', workload: 'corp/batch', user: null },
    },
    { note: 'a client by its declared name', as: '{ client: app }', facts: { client: 'f7c1', kind: 'human' } },
    {
      note: 'ages count back from now',
      as: '{ mfa: { level: hardware, age: 20m }, login: { age: 1h } }',
      facts: { factors: [{ level: 'hardware', at: now - 1_200_000 }], loginAt: now - 3_600_000 },
    },
    { note: 'a factor without an age', as: '{ mfa: any }', facts: { factors: [{ level: 'any', at: UNKNOWN }] } },
    {
      note: 'several factors',
      as: '{ mfa: [{ level: hardware, age: 1d }, { level: any, age: 1m }] }',
      facts: {
        factors: [
          { level: 'hardware', at: now - 86_400_000 },
          { level: 'any', at: now - 60_000 },
        ],
      },
    },
    {
      note: 'a session: a person, who has no client and no scopes',
      as: '{ credential: session, group: admins, mfa: any }',
      facts: {
        credential: 'session',
        kind: 'human',
        client: null,
        scopes: null,
        groups: { names: new Set(['admins']), complete: true },
      },
    },
    {
      note: 'a key: a workload of our own, which has scopes and no more',
      as: '{ credential: api-key, scope: charges.write }',
      facts: {
        credential: 'api-key',
        kind: 'workload',
        provider: 'balustrade',
        workload: null,
        scopes: new Set(['charges.write']),
        groups: null,
        claims: null,
        factors: null,
      },
    },
    {
      note: 'a workload of our own comes with a key',
      as: '{ workload: reporter }',
      facts: { credential: 'api-key', workload: 'balustrade/reporter', provider: 'balustrade', kind: 'workload' },
    },
    {
      note: 'a token, as is left out elsewhere',
      as: '{ credential: jwt, workload: batch }',
      facts: { credential: 'jwt', workload: 'corp/batch' },
    },
    { note: 'claims', as: '{ claim: { tenant: acme } }', facts: { claims: new Map([['tenant', 'acme']]) } },
    {
      note: 'what could not be found out',
      as: '{ group: admins, unknown: [groups, factors] }',
      facts: { groups: UNKNOWN, factors: UNKNOWN, kind: 'human' },
    },
  ])('$note', ({ as, facts }) => {
    expect(factsOf(as).facts).toMatchObject(facts)
  })

  it.each<{ note: string; as: string; accepts: readonly CredentialKind[]; credential: CredentialKind }>([
    { note: 'a token where tokens are accepted', as: '{ group: admins }', accepts: ['jwt', 'session'], credential: 'jwt' },
    {
      note: 'a session where only people who log in are',
      as: '{ group: admins }',
      accepts: ['session', 'api-key'],
      credential: 'session',
    },
    { note: 'a token of a program even there', as: '{ workload: batch }', accepts: ['session'], credential: 'jwt' },
    { note: 'a token where nothing is', as: '{ group: admins }', accepts: [], credential: 'jwt' },
    { note: 'a key of our own workload', as: '{ workload: reporter }', accepts: ['jwt'], credential: 'api-key' },
    { note: 'what is said', as: '{ credential: jwt, group: admins }', accepts: ['session'], credential: 'jwt' },
  ])('who says nothing of a credential comes with $note', ({ as, accepts, credential }) => {
    expect(factsFromWords(callerOf(as), { image, now, accepts }).facts.credential).toBe(credential)
  })

  it('an agent is judged as itself and as the person', () => {
    const { facts, behalf } = factsOf('{ client: app, acting-for: { user: corp/ada, group: [customers] } }')
    expect(facts).toMatchObject({ kind: 'agent', actingFor: 'corp/ada' })
    expect(behalf).toMatchObject({ kind: 'human', user: 'corp/ada', groups: { names: new Set(['customers']), complete: true } })
    expect(factsOf('{ acting-for: corp/ada }').behalf).toMatchObject({ user: 'corp/ada', kind: 'human' })
  })
})

describe('cases', () => {
  it('are read with what they say', () => {
    const text =
      'cases:\n  - note: n\n    request: POST https://pay.example.com/a\n    from: 203.0.113.9\n    at: 2026-11-24T10:00:00Z\n    headers: { X-A: [b, c] }\n    upgrade: websocket\n    opened: { glass: 2h }\n    expect: challenge\n    because: [mfa.too_old, request.target_form]\n'
    expect(compile(text).cases).toEqual([
      {
        at: { file: 'p.yaml', line: 3, column: 5 },
        note: 'n',
        request: 'POST https://pay.example.com/a',
        as: {},
        from: '203.0.113.9',
        when: now,
        headers: { 'X-A': ['b', 'c'] },
        upgrade: 'websocket',
        opened: { glass: 7_200_000 },
        expect: 'challenge',
        because: ['mfa.too_old', 'request.target_form'],
      },
    ])
  })
})

describe('a matrix', () => {
  const text = (expected: string): string =>
    `matrix:\n  service: pay\n  callers: { anonymous: {}, admin: { group: admins } }\n  requests: [GET /a, POST /a]\n${expected}`
  const matrixOf = (written: string): PolicyMatrix => {
    const { matrices, diagnostics } = compile(written)
    expect(diagnostics).toEqual([])
    return matrices[0] as PolicyMatrix
  }
  const table = (matrix: PolicyMatrix): string =>
    renderMatrix(matrix, (request, caller) => (caller === 'admin' ? 'allow' : `deny ${request.split(' ')[0]?.toLowerCase()}`))

  it('is written as a table', () => {
    expect(table(matrixOf(text('')))).toBe(
      'request | anonymous | admin\nGET /a  | deny get  | allow\nPOST /a | deny post | allow',
    )
  })

  it.each([
    {
      note: 'a block',
      expected: '  expect: |\n    old\n    lines\ncases: [{ note: n, request: GET https://pay.example.com/, expect: deny }]\n',
    },
    { note: 'a word', expected: '  expect: old\n' },
    { note: 'a word in quotes', expected: '  expect: "old"\n' },
  ])('is replaced where $note stood, and then holds', ({ expected }) => {
    const before = matrixOf(text(expected))
    expect(sameTable(before.expect ?? '', table(before))).toBe(false)
    const source = `balustrade: 1\n${text(expected)}`
    const after = replaceTable(source, before, table(before)) ?? ''
    const matrix = matrixOf(after.slice('balustrade: 1\n'.length))
    expect(sameTable(matrix.expect ?? '', table(matrix))).toBe(true)
    expect(after.includes('cases:')).toBe(source.includes('cases:'))
  })

  it('is not invented where there is none', () => {
    const matrix = matrixOf(text(''))
    expect(replaceTable('', matrix, table(matrix))).toBeNull()
  })
})
