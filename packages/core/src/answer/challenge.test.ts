import { describe, expect, test } from 'vitest'
import { ada, challenged, corp, denied, evaluationWith, payments, requestOf } from '../../../../test/support/evaluations.ts'
import type { Decision } from '../model/decision.ts'
import type { Evaluation } from '../model/engine.ts'
import type { Remedy } from '../model/remedy.ts'
import { exampleImage } from '../testing/example-facts.ts'
import { challengeHeader } from './challenge.ts'

const REQUEST = requestOf('GET https://acme.pay.example.com/charges')
const METADATA = 'resource_metadata="https://acme.pay.example.com/.well-known/oauth-protected-resource"'
const bearer = (...parameters: readonly string[]) => `Bearer ${['realm="payments"', ...parameters, METADATA].join(', ')}`

const headerOf = (evaluation: Partial<Evaluation>, status = 401) => challengeHeader(evaluationWith(evaluation), REQUEST, status)
const of = (remedy: Remedy, identity: Evaluation['identity'] = ada) => headerOf({ identity, decision: challenged(remedy) })

const INSUFFICIENT = [
  'error="insufficient_user_authentication"',
  'error_description="A different authentication level is required"',
]

describe('when there is one', () => {
  const decision = challenged({ login: { maxAge: null } })
  const rejected = { code: 'credential.several', http: 400 } as const
  test.each<{ note: string; evaluation: Partial<Evaluation>; status: number; any: boolean }>([
    { note: '401', evaluation: { decision }, status: 401, any: true },
    { note: '403 of scopes', evaluation: { decision: challenged({ scopes: ['a'] }), identity: ada }, status: 403, any: true },
    { note: 'another 403', evaluation: { decision: denied('forbidden', 'grant.none') }, status: 403, any: false },
    { note: '503', evaluation: { decision }, status: 503, any: false },
    { note: '404', evaluation: { decision: denied('forbidden', 'service.none') }, status: 404, any: false },
    { note: '401 of no service', evaluation: { decision, service: null }, status: 401, any: false },
    {
      note: '400 of the credential',
      evaluation: { decision: denied('refused', rejected.code), rejected },
      status: 400,
      any: true,
    },
    { note: '400 of the request', evaluation: { decision: denied('refused', 'request.semicolon') }, status: 400, any: false },
  ])('$note: $any', ({ evaluation, status, any }) => expect(headerOf(evaluation, status) !== null).toBe(any))
})

describe('without a credential (RFC 6750 section 3.1: no error code)', () => {
  test.each<{ note: string; remedy: Remedy; header: string }>([
    { note: 'to sign in', remedy: { login: { maxAge: null } }, header: bearer() },
    { note: 'within an age, in whole seconds', remedy: { login: { maxAge: 90_999 } }, header: bearer('max_age="90"') },
    {
      note: 'with a level: every class that reaches it',
      remedy: { login: { maxAge: null }, stepUp: { level: 'any', maxAge: null } },
      header: bearer('acr_values="silver"'),
    },
    {
      note: 'with a level that no class reaches',
      remedy: { stepUp: { level: 'hardware', maxAge: 5_000 } },
      header: bearer('max_age="5"'),
    },
    {
      note: 'of a class',
      remedy: { login: { maxAge: null }, acr: ['gold', 'silver'] },
      header: bearer('acr_values="gold silver"'),
    },
    { note: 'scopes are not told', remedy: { scopes: ['a'] }, header: bearer() },
  ])('$note', ({ remedy, header }) => expect(of(remedy, null)).toBe(header))
})

describe('with a credential that is not enough (RFC 9470 section 3)', () => {
  test.each<{ note: string; remedy: Remedy; header: string }>([
    { note: 'a fresh login', remedy: { login: { maxAge: 300_000 } }, header: bearer(...INSUFFICIENT, 'max_age="300"') },
    { note: 'a login of any age', remedy: { login: { maxAge: null } }, header: bearer(...INSUFFICIENT) },
    {
      note: 'a level',
      remedy: { stepUp: { level: 'any', maxAge: null } },
      header: bearer(...INSUFFICIENT, 'acr_values="silver"'),
    },
    {
      note: 'the shorter age of two',
      remedy: { login: { maxAge: 60_000 }, stepUp: { level: 'any', maxAge: 30_000 } },
      header: bearer(...INSUFFICIENT, 'acr_values="silver"', 'max_age="30"'),
    },
    {
      note: 'the only age of two',
      remedy: { login: { maxAge: 60_000 }, stepUp: { level: 'any', maxAge: null } },
      header: bearer(...INSUFFICIENT, 'acr_values="silver"', 'max_age="60"'),
    },
    {
      note: 'an age of nothing',
      remedy: { stepUp: { level: 'any', maxAge: 0 } },
      header: bearer(...INSUFFICIENT, 'acr_values="silver"', 'max_age="0"'),
    },
    {
      note: 'classes, whatever the level',
      remedy: { acr: ['gold'], stepUp: { level: 'any', maxAge: null } },
      header: bearer(...INSUFFICIENT, 'acr_values="gold"'),
    },
    {
      note: 'scopes as well',
      remedy: { login: { maxAge: 1_000 }, scopes: ['a', 'b'] },
      header: bearer(...INSUFFICIENT, 'max_age="1"', 'scope="a b"'),
    },
    {
      note: 'a level and scopes',
      remedy: { stepUp: { level: 'any', maxAge: null }, scopes: ['a'] },
      header: bearer(...INSUFFICIENT, 'acr_values="silver"', 'scope="a"'),
    },
    {
      note: 'a class and scopes',
      remedy: { acr: ['gold'], scopes: ['a'] },
      header: bearer(...INSUFFICIENT, 'acr_values="gold"', 'scope="a"'),
    },
    {
      note: 'scopes alone (RFC 6750 section 3.1)',
      remedy: { scopes: ['a', 'b'] },
      header: bearer('error="insufficient_scope"', 'error_description="The credential lacks a scope"', 'scope="a b"'),
    },
  ])('$note', ({ remedy, header }) => expect(of(remedy)).toBe(header))
})

describe('acr_values of a level', () => {
  const classes = { weak: 'any', key: 'hardware', pass: 'phishing-resistant', other: 'any' } as const
  const image = {
    ...exampleImage,
    providers: {
      corp: { ...corp, mfa: { ...corp.mfa, acr: classes } },
      partner: { ...corp, mfa: { ...corp.mfa, acr: { weak: 'any', theirs: 'hardware' } as const } },
      unused: { ...corp, mfa: { ...corp.mfa, acr: { unused: 'any' } as const } },
    },
  }
  const valuesAt = (level: 'any' | 'phishing-resistant' | 'hardware', rest: Partial<Evaluation> = {}) =>
    /acr_values="([^"]*)"/.exec(
      headerOf({ image, identity: ada, decision: challenged({ stepUp: { level, maxAge: null } }), ...rest }) ?? '',
    )?.[1]

  test.each([
    { level: 'any', values: 'weak other pass key' },
    { level: 'phishing-resistant', values: 'pass key' },
    { level: 'hardware', values: 'key' },
  ] as const)('$level: those that reach it, the weakest first', ({ level, values }) => expect(valuesAt(level)).toBe(values))

  test('nobody is known: of all providers of the service, each once', () => {
    const service = { ...payments, providers: ['partner', 'corp', 'nowhere'] }
    expect(valuesAt('any', { identity: null, service })).toBe('weak other pass theirs key')
  })

  test('of the provider that vouches alone', () => {
    expect(valuesAt('hardware', { identity: { ...ada, provider: 'partner' } })).toBe('theirs')
  })

  test('no policy is loaded: none', () => expect(valuesAt('any', { image: null })).toBeUndefined())
})

describe('a credential that was not accepted (RFC 6750 section 3.1)', () => {
  const rejectedAs = (code: string, http: 400 | 401, decision: Decision = denied('refused', code)) =>
    headerOf({ rejected: { code, http }, decision }, http)

  test.each([
    { code: 'credential.expired', http: 401, parameters: ['error="invalid_token"', 'error_description="The token expired"'] },
    {
      code: 'credential.invalid',
      http: 401,
      parameters: ['error="invalid_token"', 'error_description="The token was not accepted"'],
    },
    {
      code: 'credential.malformed',
      http: 401,
      parameters: ['error="invalid_request"', 'error_description="The token was not accepted"'],
    },
    {
      code: 'credential.several',
      http: 400,
      parameters: ['error="invalid_request"', 'error_description="The token was not accepted"'],
    },
  ] as const)('$code', ({ code, http, parameters }) => expect(rejectedAs(code, http)).toBe(bearer(...parameters)))

  test('is not spoken of where something else decided', () => {
    expect(rejectedAs('credential.expired', 401, challenged({ login: { maxAge: null } }))).toBe(bearer())
  })

  test('a refusal without a remedy says only where', () =>
    expect(headerOf({ identity: ada, decision: denied('forbidden', 'grant.none') })).toBe(bearer()))
})

describe('quoting', () => {
  test.each([
    { note: 'quotes and backslashes', text: 'a"b\\c', quoted: 'a?b?c' },
    { note: 'controls and what is not ASCII', text: 'a\tbé\u007f', quoted: 'a?b??' },
    { note: 'the edges of what is allowed', text: ' !#[]~', quoted: ' !#[]~' },
  ])('$note', ({ text, quoted }) => {
    expect(headerOf({ serviceName: text, decision: challenged({ login: { maxAge: null } }) })).toContain(`realm="${quoted}"`)
  })

  test('a service without a name', () => {
    expect(headerOf({ serviceName: null, decision: challenged({ login: { maxAge: null } }) })).toContain('Bearer realm="", ')
  })
})
