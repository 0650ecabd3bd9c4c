import { describe, expect, test } from 'vitest'
import {
  any,
  asks,
  FRESH,
  grant,
  guardrail,
  HARDWARE,
  imageWith,
  is,
  not,
  planOfImage,
  REFUNDS,
  tell,
} from '../../../../test/support/small-policy.ts'
import { type CredentialKind, type Facts, UNKNOWN } from '../model/fact.ts'
import type { PolicyImage, RuleImage } from '../model/policy-image.ts'
import { anonymousFacts, exampleFacts, keyFacts, sessionFacts, workloadFacts } from '../testing/example-facts.ts'
import { decide } from './decide.ts'

const FORBIDDEN = 'deny forbidden'
const login = { maxAge: null }
const stepUp = { level: 'hardware', maxAge: null }

const accepting = (kinds: readonly CredentialKind[], rules: readonly RuleImage[]): PolicyImage => {
  const image = imageWith(...rules)
  return {
    ...image,
    services: Object.fromEntries(
      Object.entries(image.services).map(([name, service]) => [name, { ...service, credentials: kinds }]),
    ),
  }
}

const by = (...kinds: readonly CredentialKind[]) => is('circumstance.credential', kinds)
const onlyBy = (name: string, ...kinds: readonly CredentialKind[]) => guardrail(name, { how: by(...kinds) })

interface Row {
  readonly note: string
  readonly accepts: readonly CredentialKind[]
  readonly rules: readonly RuleImage[]
  readonly gives: string
  readonly reasons: readonly string[]
}

describe('an anonymous caller', () => {
  test.each<Row>([
    {
      note: 'is offered a login where tokens are accepted',
      accepts: ['jwt'],
      rules: [],
      gives: asks({ login }),
      reasons: ['login.required'],
    },
    { note: 'and where sessions are', accepts: ['session'], rules: [], gives: asks({ login }), reasons: ['login.required'] },
    {
      note: 'is asked for a credential where only keys are',
      accepts: ['api-key'],
      rules: [],
      gives: asks({ login }),
      reasons: ['login.required'],
    },
    {
      note: 'is offered a login where the kind that is needed is accepted',
      accepts: ['jwt', 'session'],
      rules: [onlyBy('g', 'session')],
      gives: asks({ login }),
      reasons: ['login.required'],
    },
    {
      note: 'is refused where it is not',
      accepts: ['jwt'],
      rules: [onlyBy('g', 'session')],
      gives: FORBIDDEN,
      reasons: ['credential.missing'],
    },
    {
      note: 'is refused where each kind passes one guardrail and none passes both',
      accepts: ['jwt', 'session'],
      rules: [onlyBy('g', 'session'), onlyBy('h', 'jwt')],
      gives: FORBIDDEN,
      reasons: ['credential.missing', 'credential.missing'],
    },
    {
      note: 'is told the lightest that leads on with some kind',
      accepts: ['jwt', 'session'],
      rules: [guardrail('g', { when: by('jwt'), how: HARDWARE })],
      gives: asks({ login }),
      reasons: ['login.required'],
    },
    {
      note: 'is told what is asked of every kind',
      accepts: ['jwt', 'session'],
      rules: [guardrail('g', { how: HARDWARE })],
      gives: asks({ login, stepUp }),
      reasons: ['login.required', 'mfa.missing'],
    },
    {
      note: 'is asked of by the one kind that leads on',
      accepts: ['jwt', 'session'],
      rules: [guardrail('g', { how: HARDWARE }), onlyBy('h', 'session')],
      gives: asks({ login, stepUp }),
      reasons: ['login.required', 'mfa.missing'],
    },
    {
      note: 'has no way where keys alone are accepted and a factor is asked',
      accepts: ['api-key'],
      rules: [guardrail('g', { how: any(HARDWARE, FRESH) })],
      gives: FORBIDDEN,
      reasons: ['login.missing', 'mfa.missing'],
    },
    {
      note: 'has no way where sessions alone are accepted and a scope is asked',
      accepts: ['session'],
      rules: [guardrail('g', { how: REFUNDS })],
      gives: FORBIDDEN,
      reasons: ['scope.missing'],
    },
    {
      note: 'may obtain the scope where tokens are accepted too',
      accepts: ['jwt', 'session'],
      rules: [guardrail('g', { how: REFUNDS })],
      gives: asks({ login }),
      reasons: ['login.required'],
    },
    {
      note: 'a session is a person, of whom what is asked of people can be told',
      accepts: ['session'],
      rules: [guardrail('g', { who: is('who.kind', 'human'), how: HARDWARE })],
      gives: asks({ login, stepUp }),
      reasons: ['login.required', 'mfa.missing'],
    },
    {
      note: 'a token may be a program, of which nothing is asked',
      accepts: ['jwt'],
      rules: [guardrail('g', { who: is('who.kind', 'human'), how: HARDWARE })],
      gives: asks({ login }),
      reasons: ['login.required'],
    },
    {
      note: 'an exception for programs saves no session',
      accepts: ['session'],
      rules: [guardrail('g', { how: is('who.kind', 'workload') })],
      gives: FORBIDDEN,
      reasons: ['kind.missing'],
    },
  ])('$note', ({ accepts, rules, gives, reasons }) => {
    const decision = decide(planOfImage(accepting(accepts, rules)), [anonymousFacts])
    expect(tell(decision)).toBe(gives)
    expect(decision.reasons.map(({ code }) => code)).toEqual(reasons)
  })
})

describe('a caller with a credential', () => {
  const use = grant('use', { who: by('jwt', 'session', 'api-key') })
  type Row = readonly [note: string, facts: Facts, rules: readonly RuleImage[], gives: string]

  test.each<Row>([
    ['a token where one is asked', exampleFacts, [use, onlyBy('g', 'jwt')], 'allow use'],
    ['a session where one is asked', sessionFacts, [use, onlyBy('g', 'session')], 'allow use'],
    ['a key where one is asked', keyFacts, [use, onlyBy('g', 'api-key')], 'allow use'],
    ['another kind is no remedy', exampleFacts, [use, onlyBy('g', 'session', 'api-key')], FORBIDDEN],
    ['nor beside one', sessionFacts, [use, onlyBy('g', 'jwt'), guardrail('h', { how: HARDWARE })], FORBIDDEN],
    ['which kind is not known', { ...exampleFacts, credential: UNKNOWN }, [use, onlyBy('g', 'jwt')], 'deny unavailable'],
    ['people prove factors by a session', sessionFacts, [use, guardrail('g', { how: HARDWARE })], asks({ stepUp })],
    ['keys never do', keyFacts, [use, guardrail('g', { how: HARDWARE })], FORBIDDEN],
    ['a token may obtain scopes', exampleFacts, [use, guardrail('g', { how: REFUNDS })], asks({ scopes: ['refunds.write'] })],
    ['that of a program too', workloadFacts, [use, guardrail('g', { how: REFUNDS })], asks({ scopes: ['refunds.write'] })],
    ['a session may not', sessionFacts, [use, guardrail('g', { how: REFUNDS })], FORBIDDEN],
    ['a key may not', keyFacts, [use, guardrail('g', { how: REFUNDS })], FORBIDDEN],
    [
      'a session logs in again where that is the other way',
      sessionFacts,
      [use, guardrail('g', { how: any(REFUNDS, FRESH) })],
      asks({ login: { maxAge: 300_000 } }),
    ],
    ['what leaves a kind alone', sessionFacts, [use, guardrail('g', { when: not(by('session')), how: HARDWARE })], 'allow use'],
  ])('%s', (...[, facts, rules, gives]) => {
    expect(tell(decide(planOfImage(accepting(['jwt', 'session', 'api-key'], rules)), [facts]))).toBe(gives)
  })

  test('is told that the kind is the reason', () => {
    const { reasons } = decide(planOfImage(accepting(['jwt', 'session'], [use, onlyBy('g', 'session')])), [exampleFacts])
    expect(reasons).toEqual([{ code: 'credential.other_kind', rule: 'g', condition: 'circumstance.credential' }])
  })
})
