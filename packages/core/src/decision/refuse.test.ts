import { describe, expect, test } from 'vitest'
import {
  all,
  any,
  asks,
  AUDITOR,
  EDITOR,
  exception,
  factsWith,
  FRESH,
  GOLD,
  grant,
  guardrail,
  HARDWARE,
  HOME,
  imageWith,
  is,
  never,
  not,
  OFFICE,
  planOfImage,
  planWith,
  publicEntry,
  REFUNDS,
  SILVER,
  tell,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import {
  anonymousFacts,
  EXAMPLE_NOW,
  exampleFacts,
  exampleImage,
  unidentifiedFacts,
  workloadFacts,
} from '../testing/example-facts.ts'
import { decide } from './decide.ts'

const FORBIDDEN = 'deny forbidden'
const UNAVAILABLE = 'deny unavailable'
const stepUp = { level: 'hardware', maxAge: null }
const login = { maxAge: 300_000 }
const anyLogin = { maxAge: null }

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: Partial<Facts>
  readonly gives: string
}

const run = ({ rules, facts, gives }: Row) => expect(tell(decide(planWith(...rules), [factsWith(facts)]))).toBe(gives)
const rows = (...table: readonly Row[]) => test.each<Row>(table)('$note', run)
const use = grant('use')

type Told = readonly [note: string, rules: readonly RuleImage[], gives: string, facts?: Partial<Facts>]

const callerOf =
  (caller: Facts) =>
  (...[note, rules, gives, facts]: Told): Row => ({ note, rules, gives, facts: { ...caller, ...facts } })

describe('what an anonymous caller is told to do', () => {
  const nobody = callerOf(anonymousFacts)
  rows(
    nobody('to sign in, whatever is granted', [], asks({ login: anyLogin })),
    nobody('what a grant asks is not told', [grant('use', { how: HARDWARE })], asks({ login: anyLogin })),
    nobody('not what refuses whoever signs in', [guardrail('guard', { how: never })], FORBIDDEN),
    nobody('not where the network refuses', [guardrail('guard', { how: OFFICE })], FORBIDDEN),
    nobody('not while the network is unknown', [guardrail('guard', { how: OFFICE })], UNAVAILABLE, { address: UNKNOWN }),
    nobody('the level a guardrail asks of everybody', [guardrail('guard', { how: HARDWARE })], asks({ login: anyLogin, stepUp })),
    nobody('the age a guardrail asks of everybody', [guardrail('guard', { how: FRESH })], asks({ login })),
    nobody(
      'the class a guardrail asks of everybody',
      [guardrail('guard', { how: GOLD })],
      asks({ login: anyLogin, acr: ['gold'] }),
    ),
    nobody('not the scopes: they are the client’s affair', [guardrail('guard', { how: REFUNDS })], asks({ login: anyLogin })),
    nobody('not the role: nobody can do anything about it', [guardrail('guard', { how: EDITOR })], asks({ login: anyLogin })),
    nobody('not what is asked of some', [guardrail('guard', { who: AUDITOR, how: HARDWARE })], asks({ login: anyLogin })),
    nobody('not what is refused to some', [guardrail('guard', { who: AUDITOR, how: never })], asks({ login: anyLogin })),
    nobody(
      'not what is refused to all but some',
      [guardrail('guard', { who: not(AUDITOR), how: never })],
      asks({ login: anyLogin }),
    ),
    nobody(
      'nothing else, where one alternative is met already',
      [guardrail('guard', { how: any(HOME, HARDWARE) })],
      asks({ login: anyLogin }),
    ),
    nobody(
      'the alternative that is left',
      [guardrail('guard', { how: any(OFFICE, HARDWARE) })],
      asks({ login: anyLogin, stepUp }),
    ),
    nobody('nothing, where one demand refuses everybody', [guardrail('guard', { how: all(OFFICE, HARDWARE) })], FORBIDDEN),
    nobody(
      'an exception may be for whoever signs in',
      [guardrail('guard', { how: never }), exception('exempt', { names: ['guard'], who: AUDITOR })],
      asks({ login: anyLogin }),
    ),
    nobody(
      'an exception whose demand refuses everybody',
      [guardrail('guard', { how: never }), exception('exempt', { names: ['guard'], how: OFFICE })],
      FORBIDDEN,
    ),
    nobody(
      'an exception whose demand somebody may meet',
      [guardrail('guard', { how: never }), exception('exempt', { names: ['guard'], how: HARDWARE })],
      asks({ login: anyLogin }),
    ),
    nobody('a guardrail about other times', [guardrail('guard', { until: EXAMPLE_NOW, how: never })], asks({ login: anyLogin })),
    nobody('a public entry beside it changes nothing of that', [publicEntry('home', { how: OFFICE })], asks({ login: anyLogin })),
  )
})

describe('a service that accepts no credential', () => {
  const payments = { ...exampleImage.services.payments, credentials: [] } as (typeof exampleImage.services)[string]
  const tellAt = (rules: readonly RuleImage[], facts: Partial<Facts> = {}) =>
    tell(decide(planOfImage({ ...imageWith(...rules), services: { payments } }), [{ ...anonymousFacts, ...facts }]))
  test.each<Row>([
    { note: 'offers no login', rules: [use], gives: FORBIDDEN },
    { note: 'refuses what its public entries do not permit', rules: [publicEntry('home', { how: OFFICE })], gives: FORBIDDEN },
    {
      note: 'is unavailable where they may',
      rules: [publicEntry('home', { how: OFFICE })],
      facts: { address: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'refuses where a guardrail does, whatever is unknown',
      rules: [publicEntry('home', { how: OFFICE }), guardrail('guard', { how: never })],
      facts: { address: UNKNOWN },
      gives: FORBIDDEN,
    },
    {
      note: 'is unavailable where a guardrail is unknown',
      rules: [publicEntry('home'), guardrail('guard', { how: OFFICE })],
      facts: { address: UNKNOWN },
      gives: UNAVAILABLE,
    },
    { note: 'offers no step-up', rules: [publicEntry('home'), guardrail('guard', { how: HARDWARE })], gives: FORBIDDEN },
    { note: 'lets its public entries in', rules: [publicEntry('home')], gives: 'allow home public' },
  ])('$note', ({ rules, facts, gives }) => expect(tellAt(rules, facts)).toBe(gives))

  test('so does one that is not there', () => {
    expect(tellAt([use], { service: 'nowhere' })).toBe(FORBIDDEN)
    expect(tell(decide(planWith(use), [anonymousFacts]))).toBe(asks({ login: anyLogin }))
  })
})

describe('nobody knows who calls', () => {
  const unknown = callerOf(unidentifiedFacts)
  rows(
    unknown('it may be somebody whom a grant selects, or nobody', [], UNAVAILABLE),
    unknown('a grant changes nothing of that', [use], UNAVAILABLE),
    unknown('a guardrail may refuse for certain', [use, guardrail('guard', { how: never })], FORBIDDEN),
    unknown('not one that may be about others', [use, guardrail('guard', { who: AUDITOR, how: never })], UNAVAILABLE),
    unknown(
      'nor one that somebody may be excepted from',
      [guardrail('guard', { how: never }), exception('exempt', { names: ['guard'] })],
      UNAVAILABLE,
    ),
    unknown('a demand is not offered before it is known of whom', [guardrail('guard', { how: HARDWARE })], UNAVAILABLE),
    unknown('the public is let in', [publicEntry('home')], 'allow home public'),
    unknown('a public entry that may come to be met', [publicEntry('home', { how: OFFICE })], UNAVAILABLE, { address: UNKNOWN }),
  )
})

describe('public entries for a caller with a credential', () => {
  rows(
    {
      note: 'one that may come to be met',
      rules: [publicEntry('home', { how: OFFICE })],
      facts: { address: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'one that may come to be met, before a guardrail that refuses',
      rules: [publicEntry('home', { how: OFFICE }), guardrail('guard', { how: never })],
      facts: { address: UNKNOWN },
      gives: FORBIDDEN,
    },
    { note: 'one that is not met', rules: [publicEntry('home', { how: OFFICE })], gives: FORBIDDEN },
    {
      note: 'a remedy of a grant comes before what is unknown',
      rules: [publicEntry('home', { how: OFFICE }), grant('use', { how: FRESH })],
      facts: { address: UNKNOWN },
      gives: asks({ login }),
    },
  )
})

describe('several judgements', () => {
  const agents = grant('use', { who: is('who.acting-for', 'anyone') })
  test.each([
    {
      note: 'remedies of both',
      rules: [
        grant('a', { what: is('what.method', 'POST'), how: FRESH }),
        grant('b', { what: is('what.method', 'GET'), how: HARDWARE }),
      ],
      facts: [exampleFacts, factsWith({ method: 'GET' })],
      gives: asks({ login, stepUp }),
    },
    {
      note: 'one that is allowed asks for nothing',
      rules: [use, guardrail('guard', { what: is('what.method', 'GET'), how: HARDWARE })],
      facts: [exampleFacts, factsWith({ method: 'GET' })],
      gives: asks({ stepUp }),
    },
    {
      note: 'one that is allowed to the public asks for nothing',
      rules: [publicEntry('home', { what: is('what.method', 'GET') }), grant('use', { how: FRESH })],
      facts: [{ ...anonymousFacts, method: 'GET' as const }, exampleFacts],
      gives: asks({ login }),
    },
    {
      note: 'one that is allowed may need the present login',
      rules: [
        grant('a', { what: is('what.method', 'POST'), how: SILVER }),
        grant('b', { what: is('what.method', 'GET'), how: GOLD }),
      ],
      facts: [exampleFacts, factsWith({ method: 'GET' })],
      gives: FORBIDDEN,
    },
    {
      note: 'one that is allowed to the public does not need the present login',
      rules: [
        publicEntry('a', { what: is('what.method', 'POST') }),
        grant('b', { what: is('what.method', 'GET'), how: GOLD }),
        grant('c', { what: is('what.method', 'POST'), how: SILVER }),
      ],
      facts: [exampleFacts, factsWith({ method: 'GET' })],
      gives: asks({ acr: ['gold'] }),
    },
    {
      note: 'one that cannot be helped decides',
      rules: [agents, grant('b', { who: EDITOR, how: FRESH })],
      facts: [exampleFacts, workloadFacts],
      gives: FORBIDDEN,
    },
  ])('$note', ({ rules, facts, gives }) => {
    expect(tell(decide(planWith(...rules), facts))).toBe(gives)
    expect(tell(decide(planWith(...rules), facts.toReversed()))).toBe(gives)
  })
})
