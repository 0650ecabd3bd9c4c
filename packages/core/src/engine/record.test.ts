import { describe, expect, test } from 'vitest'
import { ada, allowed, callerIn, challenged, requestOf } from '../../../../test/support/evaluations.ts'
import { grant, guardrail, imageWith, is, not, planOfImage } from '../../../../test/support/small-policy.ts'
import { ANONYMOUS, type CredentialFacts, type Facts, UNIDENTIFIED, UNKNOWN } from '../model/fact.ts'
import type { Authentication, Identity } from '../model/identity.ts'
import { agentFacts, EXAMPLE_NOW, exampleFacts, exampleImage } from '../testing/example-facts.ts'
import { codesOfJudgement, givenCodes } from './given-codes.ts'
import type { Judgement } from './judge.ts'
import { authenticationRecord, createIdentityJson, decisionRecord, type Recording } from './record.ts'
import { credentialJson, readCredentialJson, requestJson } from './record-facts.ts'
import { snapshotOf } from './snapshot.ts'

const pseudonym = (text: string) => `hashed ${text}`
const REQUEST = requestOf('GET https://acme.pay.example.com/charges/7?query=1')
const DIGEST = { policy: 'sha256:a', data: 'sha256:b' }

const judgementOf = (authentication: Authentication, differing: Partial<Judgement> = {}): Judgement => ({
  decision: allowed,
  serviceName: 'payments',
  service: exampleImage.services.payments ?? null,
  authentication,
  facts: [exampleFacts],
  preflight: false,
  ...differing,
})

const recordingOf = (judgement: Judgement, differing: Partial<Recording> = {}): Recording => ({
  id: 'an-id',
  point: 'test',
  request: REQUEST,
  judgement,
  snapshot: null,
  shadow: null,
  holds: null,
  took: 0.0125,
  ...differing,
})

const recordOf = (judgement: Judgement, differing: Partial<Recording> = {}) =>
  decisionRecord(recordingOf(judgement, differing), createIdentityJson({ pseudonym }))

const verified = (identity: Identity = ada): Authentication => ({ status: 'verified', identity })
const ABSENT: Authentication = { status: 'absent' }

describe('the record of a decision', () => {
  test('of nobody, in whole', () => {
    expect(recordOf(judgementOf(ABSENT))).toStrictEqual({
      kind: 'decision',
      at: EXAMPLE_NOW,
      id: 'an-id',
      point: 'test',
      service: 'payments',
      method: 'GET',
      host: 'acme.pay.example.com',
      path: '/charges/7',
      peer: '192.0.2.1',
      client: '192.0.2.1',
      who: null,
      outcome: 'allow',
      class: null,
      reasons: [],
      remedy: null,
      rule: 'use',
      exceptions: [],
      shadow: null,
      digest: null,
      facts: { operation: { id: 'createCharge', tags: ['money'] } },
      verdicts: {},
      holds: null,
      latency: 13,
    })
  })

  test('holds what was decided', () => {
    const shadow = { all: 'deny', alone: {} } as const
    const decision = { ...challenged({ scopes: ['a'] }, 'scope.missing'), exceptions: ['x'] }
    expect(recordOf(judgementOf(ABSENT, { decision }), { shadow, holds: 'opened' })).toMatchObject({
      outcome: 'challenge',
      class: null,
      reasons: [{ code: 'scope.missing' }],
      remedy: { scopes: ['a'] },
      rule: null,
      exceptions: ['x'],
      shadow,
      holds: 'opened',
    })
  })

  test.each([
    { note: 'a query', target: '/a?b=1', path: '/a' },
    { note: 'an empty query', target: '/a?', path: '/a' },
    { note: 'no query', target: '/a', path: '/a' },
    { note: 'a question mark in the query', target: '/a?b?c', path: '/a' },
  ])('the path without $note', ({ target, path }) => {
    expect(recordOf(judgementOf(ABSENT), { request: requestOf(`GET https://acme.pay.example.com${target}`) }).path).toBe(path)
  })

  test('says who: a person', () => {
    expect(recordOf(judgementOf(verified({ ...ada, credentialId: 'jti' }))).who).toStrictEqual({
      kind: 'human',
      provider: 'corp',
      subject: 'ada',
      actingFor: null,
      credential: 'jwt',
      credentialHash: 'hash',
      credentialId: 'jti',
      factors: [{ level: 'phishing-resistant', age: 120_000 }],
    })
  })

  test.each<{ note: string; facts: Partial<CredentialFacts>; who: object }>([
    { note: 'an agent', facts: { kind: 'agent', actingFor: 'corp/ada' }, who: { kind: 'agent', actingFor: 'corp/ada' } },
    {
      note: 'what is unknown is not said',
      facts: { kind: UNKNOWN, actingFor: UNKNOWN, factors: UNKNOWN },
      who: { kind: null, actingFor: null, factors: [] },
    },
    {
      note: 'a factor of unknown age',
      facts: { factors: [{ level: 'any', at: UNKNOWN }] },
      who: { factors: [{ level: 'any', age: null }] },
    },
    { note: 'no factors', facts: { factors: null }, who: { factors: [] } },
  ])('says who: $note', ({ facts, who }) => {
    expect(recordOf(judgementOf(verified({ ...ada, facts: { ...ada.facts, ...facts } }))).who).toMatchObject(who)
  })

  test('says that nobody could be told apart', () => {
    expect(recordOf(judgementOf({ status: 'unavailable', code: 'credential.keys_unavailable' }, { facts: [] })).facts).toEqual({
      unidentified: true,
    })
    expect(recordOf(judgementOf({ status: 'rejected', code: 'credential.expired', http: 401 }, { facts: [] })).facts).toEqual({})
  })

  test('holds the digest, and verdicts in place of what the log does not keep', () => {
    const plan = planOfImage(imageWith(guardrail('g', { how: is('what.header', { 'x-environment': 'staging' }) })))
    expect(recordOf(judgementOf(ABSENT), { snapshot: snapshotOf(plan, DIGEST) })).toMatchObject({
      digest: DIGEST,
      verdicts: { 'what.header:0': 'met' },
    })
  })
})

describe('what the log keeps of an identity', () => {
  const jsonOf = (identity: Identity) => createIdentityJson({ pseudonym })(identity)

  test('claims as keyed hashes, without those that are absent or unknown', () => {
    const claims = new Map<string, string | null | typeof UNKNOWN | readonly string[]>([
      ['tenant', 'acme'],
      ['none', null],
      ['open', UNKNOWN],
      ['regions', ['eu']],
    ])
    expect(jsonOf({ ...ada, facts: { ...ada.facts, claims } })).toMatchObject({
      claims: { tenant: 'hashed "acme"', regions: 'hashed ["eu"]' },
    })
    expect(Object.keys(jsonOf({ ...ada, facts: { ...ada.facts, claims } }).claims as object)).toEqual(['tenant', 'regions'])
  })

  test.each<{ note: string; claims: CredentialFacts['claims'] }>([
    { note: 'none', claims: null },
    { note: 'unknown', claims: UNKNOWN },
    { note: 'an empty set', claims: new Map() },
  ])('no claims: $note', ({ claims }) => {
    expect(jsonOf({ ...ada, facts: { ...ada.facts, claims } })).not.toHaveProperty('claims')
  })

  test('the person an agent acts for, beside it', () => {
    const json = jsonOf({ ...ada, facts: callerIn(agentFacts), behalf: callerIn(exampleFacts) })
    expect(json).toMatchObject({ kind: 'agent', behalf: { kind: 'human', user: 'corp/ada' } })
    expect(jsonOf(ada)).not.toHaveProperty('behalf')
  })

  test('is made once', () => {
    const identityJson = createIdentityJson({ pseudonym })
    expect(identityJson(ada)).toBe(identityJson(ada))
    expect(identityJson({ ...ada })).not.toBe(identityJson(ada))
  })
})

describe('facts of the caller in a record', () => {
  const HIDDEN: Partial<CredentialFacts> = { claims: UNKNOWN }
  const cases: readonly { note: string; facts: CredentialFacts; kept?: Partial<CredentialFacts> }[] = [
    { note: 'a person', facts: callerIn(exampleFacts), kept: HIDDEN },
    { note: 'an agent', facts: callerIn(agentFacts), kept: HIDDEN },
    { note: 'nobody', facts: ANONYMOUS },
    { note: 'who knows whom', facts: UNIDENTIFIED },
    {
      note: 'memberships that may be more',
      facts: { ...callerIn(exampleFacts), groups: { names: new Set(['b', 'a']), complete: false } },
      kept: HIDDEN,
    },
    {
      note: 'a factor of unknown age',
      facts: {
        ...callerIn(exampleFacts),
        factors: [
          { level: 'any', at: UNKNOWN },
          { level: 'hardware', at: 5 },
        ],
      },
      kept: HIDDEN,
    },
    { note: 'no scopes', facts: { ...callerIn(exampleFacts), scopes: new Set() }, kept: HIDDEN },
  ]

  test.each(cases)('are read back: $note', ({ facts, kept }) => {
    const text = JSON.stringify(credentialJson(facts))
    expect(readCredentialJson(JSON.parse(text) as ReturnType<typeof credentialJson>)).toEqual({ ...facts, ...kept })
  })

  test('are sorted, absent ones left out, claims never written', () => {
    const json = credentialJson({
      ...callerIn(exampleFacts),
      groups: { names: new Set(['b', 'a']), complete: true },
      scopes: new Set(['d', 'c']),
      loginAt: null,
    })
    expect(json).toMatchObject({ groups: { complete: true, names: ['a', 'b'] }, scopes: ['c', 'd'] })
    expect(Object.keys(json)).toEqual(Object.keys(json).toSorted())
    expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['loginAt']))
    expect(json).not.toHaveProperty('claims')
    expect(credentialJson(ANONYMOUS)).toEqual({})
  })

  test.each([
    { note: 'a set that is none', kept: { scopes: 'a' }, facts: { scopes: new Set() } },
    { note: 'names that are none', kept: { scopes: ['a', 7, null] }, facts: { scopes: new Set(['a']) } },
    { note: 'factors that are none', kept: { factors: 'x' }, facts: { factors: UNKNOWN } },
    {
      note: 'factors of another form',
      kept: { factors: [7, null, ['x'], { level: 'any', at: 'x' }] },
      facts: { factors: [{ level: 'any', at: UNKNOWN }] },
    },
    {
      note: 'a membership without a promise',
      kept: { groups: { names: ['a'], complete: 'yes' } },
      facts: { groups: { names: new Set(['a']), complete: false } },
    },
    { note: 'null', kept: { user: null }, facts: { user: null } },
    {
      note: 'an object that looks unknown',
      kept: { user: { unknown: false } },
      facts: { user: { names: new Set(), complete: false } },
    },
  ])('a record of another form gives no more than it holds: $note', ({ kept, facts }) => {
    expect(readCredentialJson(kept as never)).toMatchObject(facts)
  })
})

describe('facts of the request in a record', () => {
  test.each<{ note: string; target: string; facts: Partial<Facts> | undefined; json: object }>([
    { note: 'nothing that is said elsewhere', target: '/a', facts: undefined, json: {} },
    { note: 'a slash at the end', target: '/a/', facts: undefined, json: { trailingSlash: true } },
    { note: 'no operation', target: '/a', facts: { operation: null }, json: {} },
    { note: 'an unknown operation', target: '/a', facts: { operation: UNKNOWN }, json: {} },
    {
      note: 'an operation',
      target: '/a',
      facts: { operation: { id: 'x', tags: ['t'] } },
      json: { operation: { id: 'x', tags: ['t'] } },
    },
  ])('$note', ({ target, facts, json }) => {
    const given = facts === undefined ? undefined : { ...exampleFacts, ...facts }
    expect(requestJson(requestOf(`GET https://acme.pay.example.com${target}`), given)).toStrictEqual(json)
  })

  test('a websocket', () => {
    expect(requestJson({ ...REQUEST, upgrade: 'websocket' }, undefined)).toStrictEqual({ upgrade: 'websocket' })
  })
})

describe('the record of a credential', () => {
  test.each([
    {
      note: 'rejected',
      authentication: { status: 'rejected', code: 'credential.expired', http: 401 },
      outcome: 'rejected',
      code: 'credential.expired',
    },
    {
      note: 'unavailable',
      authentication: { status: 'unavailable', code: 'credential.keys_unavailable' },
      outcome: 'unavailable',
      code: 'credential.keys_unavailable',
    },
  ] as const)('$note, in whole', ({ authentication, outcome, code }) => {
    expect(authenticationRecord(recordingOf(judgementOf(authentication)))).toStrictEqual({
      kind: 'authentication',
      at: EXAMPLE_NOW,
      id: 'an-id',
      point: 'test',
      service: 'payments',
      peer: '192.0.2.1',
      client: '192.0.2.1',
      outcome,
      code,
    })
  })

  test('nothing where there is nothing to say', () => {
    expect([ABSENT, verified()].map((authentication) => authenticationRecord(recordingOf(judgementOf(authentication))))).toEqual([
      null,
      null,
    ])
  })
})

describe('verdicts in place of what the log does not keep', () => {
  const HEADER = is('what.header', { 'x-environment': 'staging' })
  const TENANT = is('who.claim', { tenant: 'acme' })
  const plan = planOfImage(imageWith(grant('use', { who: TENANT }), guardrail('g', { how: not(HEADER) })))

  test('of each judgement, under keys of its own', () => {
    const other: Facts = { ...exampleFacts, claims: new Map([['tenant', 'globex']]) }
    const codes = givenCodes(plan, [exampleFacts, other])
    expect(codes).toEqual({
      'who.claim:1': 'met',
      'what.header:0': 'met',
      'who.claim:1@1': 'claim.other',
      'what.header:0@1': 'met',
    })
    expect(Object.fromEntries(codesOfJudgement(codes, 0))).toEqual({ 'who.claim:1': 'met', 'what.header:0': 'met' })
    expect(Object.fromEntries(codesOfJudgement(codes, 1))).toEqual({ 'who.claim:1': 'claim.other', 'what.header:0': 'met' })
    expect(codesOfJudgement(codes, 2).size).toBe(0)
  })

  test.each([
    { note: 'a policy that reads nothing hidden', rules: [grant('use')], facts: [exampleFacts] },
    { note: 'no judgement', rules: [guardrail('g', { how: HEADER })], facts: [] },
    {
      note: 'no rule that matches',
      rules: [guardrail('g', { what: is('what.service', 'console'), how: HEADER })],
      facts: [exampleFacts],
    },
  ])('none: $note', ({ rules, facts }) => expect(givenCodes(planOfImage(imageWith(...rules)), facts)).toEqual({}))
})
