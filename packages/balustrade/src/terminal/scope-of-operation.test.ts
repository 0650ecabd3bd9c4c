import { CONDITIONS } from '@balustrade/core/kit'
import { compilePolicy } from '@balustrade/core/policy'
import { describe, expect, test } from 'vitest'
import { createCaseJudge } from './judge-case.ts'

/** Reading is the document's own demand; creating has two ways; health needs none. */
const API = {
  openapi: '3.1.0',
  security: [{ oauth: ['charges.read'] }],
  components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
  paths: {
    '/charges': {
      get: { operationId: 'list' },
      post: { operationId: 'create', security: [{ oauth: ['charges.write', 'charges.read'] }, { oauth: ['admin'] }] },
    },
    '/health': { get: { operationId: 'health', security: [{}] } },
  },
}

const policyOf = (request: string, as: string): string => `balustrade: 1
service: charges
services:
  charges: { hosts: [charges.example.com], credentials: [jwt, api-key], audience: a, providers: corp, openapi: api.json }
providers:
  corp: { issuer: https://login.example.com, profile: rfc9068, algorithms: [RS256], lifetime: 1h }
scopes: [charges.read, charges.write, admin, 'charges.*']
grants:
  documented:
    who: { kind: [human, workload] }
    what: { path: /** }
    how: { scope: { of: operation } }
cases:
  - { note: it, request: ${request}, as: ${as}, expect: allow }
`

const judge = (request: string, as: string) => {
  const files = [
    { path: 'policy.yaml', text: policyOf(request, as) },
    { path: 'api.json', text: JSON.stringify(API) },
  ]
  const { image, cases, diagnostics } = compilePolicy(files, { conditions: CONDITIONS, now: Date.UTC(2026, 10, 24) })
  const [only] = cases
  if (image === null || only === undefined) throw new Error(JSON.stringify(diagnostics))
  const { outcome, remedy } = createCaseJudge(image).judge(only).decision
  return remedy?.scopes === undefined ? outcome : `${outcome} ${remedy.scopes.join(' ')}`
}

const LIST = 'GET https://charges.example.com/charges'
const CREATE = 'POST https://charges.example.com/charges'

describe('the scopes of an operation', () => {
  test.each([
    { note: 'those of the document', request: LIST, as: '{ user: corp/ada, scope: charges.read }' },
    { note: 'a declared wildcard over them', request: CREATE, as: '{ user: corp/ada, scope: charges.* }' },
    { note: 'the other way', request: CREATE, as: '{ user: corp/ada, scope: admin }' },
    { note: 'by a key', request: LIST, as: '{ credential: api-key, scope: charges.read }' },
    { note: 'none needed', request: 'GET https://charges.example.com/health', as: '{ user: corp/ada }' },
  ])('are enough: $note', ({ request, as }) => expect(judge(request, as)).toBe('allow'))

  test.each([
    { note: 'by a token, which can be had with them', request: LIST, as: '{ user: corp/ada }', gives: 'challenge charges.read' },
    {
      note: 'by HEAD as by GET',
      request: 'HEAD https://charges.example.com/charges',
      as: '{ user: corp/ada }',
      gives: 'challenge charges.read',
    },
    {
      note: 'the way with the least left',
      request: CREATE,
      as: '{ user: corp/ada, scope: charges.read }',
      gives: 'challenge admin',
    },
    {
      note: 'by a key, which has what it has',
      request: CREATE,
      as: '{ credential: api-key, scope: charges.read }',
      gives: 'deny',
    },
    { note: 'one of two is none', request: CREATE, as: '{ credential: api-key, scope: charges.write }', gives: 'deny' },
    {
      note: 'of what is not described',
      request: 'DELETE https://charges.example.com/charges',
      as: '{ user: corp/ada, scope: admin }',
      gives: 'deny',
    },
    {
      note: 'of a path that is not described',
      request: 'GET https://charges.example.com/health/x',
      as: '{ user: corp/ada, scope: admin }',
      gives: 'deny',
    },
  ])('are asked for: $note', ({ request, as, gives }) => expect(judge(request, as)).toBe(gives))
})
