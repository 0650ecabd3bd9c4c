import { describe, expect, test } from 'vitest'
import { ada, around, challenged, DECISION_ID, denied, evaluationWith } from '../../../../test/support/evaluations.ts'
import type { Evaluation } from '../model/engine.ts'
import type { Remedy } from '../model/remedy.ts'
import { refusalOf, statusOf } from './status.ts'

const expired = { code: 'credential.expired', http: 401 } as const
const several = { code: 'credential.several', http: 400 } as const

describe('the status of a challenge', () => {
  test.each<{ note: string; remedy: Remedy; identity: Evaluation['identity']; status: number }>([
    { note: 'nobody: to sign in', remedy: { login: { maxAge: null } }, identity: null, status: 401 },
    { note: 'nobody: scopes', remedy: { scopes: ['a'] }, identity: null, status: 401 },
    { note: 'somebody: scopes alone (RFC 6750 section 3.1)', remedy: { scopes: ['a'] }, identity: ada, status: 403 },
    { note: 'somebody: scopes and a login', remedy: { scopes: ['a'], login: { maxAge: 5 } }, identity: ada, status: 401 },
    {
      note: 'somebody: scopes and a factor',
      remedy: { scopes: ['a'], stepUp: { level: 'any', maxAge: null } },
      identity: ada,
      status: 401,
    },
    { note: 'somebody: scopes and a class', remedy: { scopes: ['a'], acr: ['gold'] }, identity: ada, status: 401 },
    {
      note: 'somebody: a factor (RFC 9470 section 3)',
      remedy: { stepUp: { level: 'any', maxAge: null } },
      identity: ada,
      status: 401,
    },
    { note: 'somebody: nothing in particular', remedy: {}, identity: ada, status: 401 },
  ])('$note', ({ remedy, identity, status }) => {
    expect(statusOf(evaluationWith({ identity, decision: challenged(remedy) }))).toBe(status)
  })

  test('of a record without its remedy', () => {
    expect(statusOf(evaluationWith({ identity: ada, decision: { ...challenged({ scopes: ['a'] }), remedy: null } }))).toBe(401)
  })
})

describe('the status of a denial', () => {
  test.each<{ note: string; evaluation: Partial<Evaluation>; status: number }>([
    { note: 'forbidden', evaluation: { decision: denied('forbidden', 'grant.none') }, status: 403 },
    { note: 'forbidden, without a reason', evaluation: { decision: denied('forbidden') }, status: 403 },
    { note: 'no service', evaluation: { decision: denied('forbidden', 'service.none') }, status: 404 },
    { note: 'unavailable', evaluation: { decision: denied('unavailable', 'role.unknown') }, status: 503 },
    { note: 'not ready', evaluation: { decision: denied('unavailable', 'engine.not_ready') }, status: 503 },
    {
      note: 'failed closed',
      evaluation: { decision: denied('unavailable', 'role.unknown', 'engine.failed_closed') },
      status: 500,
    },
    {
      note: 'a credential that expired',
      evaluation: { decision: denied('refused', expired.code), rejected: expired },
      status: 401,
    },
    { note: 'several credentials', evaluation: { decision: denied('refused', several.code), rejected: several }, status: 400 },
    { note: 'a spelling', evaluation: { decision: denied('refused', 'request.semicolon') }, status: 400 },
    {
      note: 'forbidden with a credential that was not accepted',
      evaluation: { decision: denied('forbidden', 'guardrail.never'), rejected: expired },
      status: 403,
    },
  ])('$note', ({ evaluation, status }) => expect(statusOf(evaluationWith(evaluation))).toBe(status))
})

describe('what is told', () => {
  const told = (evaluation: Partial<Evaluation>) => refusalOf(evaluationWith(evaluation), around).reasons.map(({ code }) => code)
  const remedy: Remedy = { login: { maxAge: null } }

  test.each<{ note: string; evaluation: Partial<Evaluation>; codes: readonly string[] }>([
    {
      note: 'nobody learns what stood in the way of a login',
      evaluation: { decision: challenged(remedy, 'mfa.missing', 'login.required') },
      codes: ['login.required'],
    },
    {
      note: 'somebody learns the reasons',
      evaluation: { identity: ada, decision: challenged(remedy, 'login.too_old', 'mfa.missing') },
      codes: ['login.too_old', 'mfa.missing'],
    },
    {
      note: 'each once',
      evaluation: { identity: ada, decision: denied('forbidden', 'role.other', 'group.other', 'role.other') },
      codes: ['role.other', 'group.other'],
    },
    {
      note: 'nobody learns why nothing helps',
      evaluation: { decision: denied('forbidden', 'guardrail.never') },
      codes: ['guardrail.never'],
    },
    {
      note: 'what was wrong with the credential',
      evaluation: { rejected: expired, decision: denied('refused', 'grant.none') },
      codes: ['credential.expired'],
    },
    {
      note: 'not where something else decided',
      evaluation: { rejected: expired, decision: denied('forbidden', 'guardrail.never') },
      codes: ['guardrail.never'],
    },
    { note: 'something, where there is no reason', evaluation: { decision: denied('forbidden') }, codes: ['grant.none'] },
  ])('$note', ({ evaluation, codes }) => expect(told(evaluation)).toEqual(codes))

  test('in whole', () => {
    expect(
      refusalOf(evaluationWith({ identity: ada, decision: challenged({ scopes: ['a'] }, 'scope.missing') }), around),
    ).toStrictEqual({
      status: 403,
      decision: DECISION_ID,
      outcome: 'challenge',
      reasons: [{ code: 'scope.missing', text: 'Text of scope.missing.', help: 'Help for scope.missing.' }],
      remedy: { scopes: ['a'] },
    })
    expect(refusalOf(evaluationWith({ decision: denied('forbidden', 'x.y') }), around)).toMatchObject({
      outcome: 'deny',
      remedy: null,
    })
  })
})
