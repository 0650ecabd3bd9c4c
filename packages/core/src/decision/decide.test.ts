import { describe, expect, test } from 'vitest'
import {
  all,
  any,
  AUDITOR,
  EDITOR,
  exception,
  factsWith,
  grant,
  guardrail,
  HOME,
  imageWith,
  invariant,
  is,
  never,
  not,
  OFFICE,
  planOfImage,
  planWith,
  publicEntry,
  tell,
  tellReasons,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { agentFacts, anonymousFacts, EXAMPLE_NOW, exampleFacts, workloadFacts } from '../testing/example-facts.ts'
import { conclude, decide } from './decide.ts'

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: Partial<Facts>
  readonly gives: string
}

const dead = { until: EXAMPLE_NOW }
const unborn = { from: EXAMPLE_NOW + 1 }
const justBorn = { from: EXAMPLE_NOW, until: EXAMPLE_NOW + 1 }

const run = ({ rules, facts, gives }: Row) => expect(tell(decide(planWith(...rules), [factsWith(facts)]))).toBe(gives)

describe('what permits', () => {
  test.each<Row>([
    { note: 'nothing', rules: [], gives: 'deny forbidden' },
    { note: 'a grant that says nothing', rules: [grant('use')], gives: 'allow use' },
    {
      note: 'a grant whose parts are all met',
      rules: [grant('use', { who: EDITOR, when: is('when.days', { days: 'tue' }), zone: 'Europe/Berlin', how: HOME })],
      gives: 'allow use',
    },
    { note: 'not by who', rules: [grant('use', { who: AUDITOR })], gives: 'deny forbidden' },
    { note: 'not by what', rules: [grant('use', { what: is('what.method', 'read') })], gives: 'deny forbidden' },
    {
      note: 'not by when',
      rules: [grant('use', { when: is('when.days', { days: 'wed' }), zone: 'Europe/Berlin' })],
      gives: 'deny forbidden',
    },
    { note: 'not by how', rules: [grant('use', { how: OFFICE })], gives: 'deny forbidden' },
    {
      note: 'the first by name of several',
      rules: [grant('c'), grant('b', { who: AUDITOR }), grant('a', { how: OFFICE }), grant('d')],
      gives: 'allow c',
    },
    { note: 'the first by name, whatever the order written', rules: [grant('b'), grant('a')], gives: 'allow a' },
    { note: 'a grant out of life', rules: [grant('use', dead)], gives: 'deny forbidden' },
    { note: 'a grant not yet in life', rules: [grant('use', unborn)], gives: 'deny forbidden' },
    { note: 'a grant in the only instant of its life', rules: [grant('use', justBorn)], gives: 'allow use' },
    {
      note: 'a shadow rule',
      rules: [grant('use', { shadow: { owner: 'a@example.com', until: EXAMPLE_NOW + 1 } })],
      gives: 'deny forbidden',
    },
    { note: 'an invariant', rules: [invariant('use')], gives: 'deny forbidden' },
    {
      note: 'a grant for an anonymous caller',
      rules: [grant('use')],
      facts: anonymousFacts,
      gives: 'challenge {"login":{"maxAge":null}}',
    },
    { note: 'an agent, without a word of it', rules: [grant('use')], facts: agentFacts, gives: 'deny forbidden' },
    {
      note: 'an agent, with',
      rules: [grant('use', { who: is('who.acting-for', 'anyone') })],
      facts: agentFacts,
      gives: 'allow use',
    },
    {
      note: 'a websocket, without a word of it',
      rules: [grant('use')],
      facts: { upgrade: 'websocket' },
      gives: 'deny forbidden',
    },
    {
      note: 'a websocket, with',
      rules: [grant('use', { what: is('what.upgrade', 'websocket') })],
      facts: { upgrade: 'websocket' },
      gives: 'allow use',
    },
  ])('$note', run)
})

describe('several judgements', () => {
  const agents = grant('agents', { who: is('who.acting-for', 'anyone') })
  const people = grant('people', { who: EDITOR })
  test.each([
    {
      note: 'all allowed: the first rule by name',
      rules: [agents, people],
      facts: [exampleFacts, agentFacts],
      gives: 'allow agents',
    },
    { note: 'the other order of judgements', rules: [agents, people], facts: [agentFacts, exampleFacts], gives: 'allow agents' },
    { note: 'only the first allowed', rules: [agents], facts: [agentFacts, exampleFacts], gives: 'deny forbidden' },
    { note: 'only the last allowed', rules: [people], facts: [agentFacts, exampleFacts], gives: 'deny forbidden' },
    {
      note: 'public only if all are',
      rules: [publicEntry('home', { what: is('what.method', 'POST') }), people],
      facts: [exampleFacts, { ...exampleFacts, method: 'GET' as const }],
      gives: 'allow home',
    },
    {
      note: 'public when all are',
      rules: [publicEntry('home')],
      facts: [exampleFacts, anonymousFacts],
      gives: 'allow home public',
    },
    {
      note: 'exceptions of any',
      rules: [
        agents,
        people,
        guardrail('guard', { how: EDITOR }),
        exception('exempt', { names: ['guard'], who: is('who.acting-for', 'anyone') }),
      ],
      facts: [agentFacts, exampleFacts],
      gives: 'allow agents by exempt',
    },
    {
      note: 'exceptions of all, each once',
      rules: [
        grant('use'),
        guardrail('guard', { how: OFFICE }),
        exception('b', { names: ['guard'] }),
        exception('a', { names: ['guard'], who: EDITOR }),
      ],
      facts: [workloadFacts, exampleFacts],
      gives: 'allow use by a,b',
    },
  ])('$note', ({ rules, facts, gives }) => expect(tell(decide(planWith(...rules), facts))).toBe(gives))

  test('none at all is refused', () => {
    const decision = decide(planWith(grant('use'), publicEntry('home')), [])
    expect(decision).toEqual({
      outcome: 'deny',
      class: 'forbidden',
      reasons: [{ code: 'grant.none' }],
      remedy: null,
      rule: null,
      public: false,
      exceptions: [],
      holdsUntil: Number.POSITIVE_INFINITY,
    })
    expect(conclude(planWith(), [])).toEqual(decision)
  })
})

describe('the whole answer', () => {
  test('of an allow', () => {
    expect(decide(planWith(grant('use')), [exampleFacts])).toStrictEqual({
      outcome: 'allow',
      class: null,
      reasons: [],
      remedy: null,
      rule: 'use',
      public: false,
      exceptions: [],
      holdsUntil: Number.POSITIVE_INFINITY,
    })
  })

  test('of a challenge and of denials', () => {
    const plan = planWith(grant('use', { how: is('how.scope', 'refunds.write') }))
    const common = { rule: null, public: false, exceptions: [], holdsUntil: Number.POSITIVE_INFINITY }
    const condition = 'how.scope'
    expect(decide(plan, [exampleFacts])).toStrictEqual({
      ...common,
      outcome: 'challenge',
      class: null,
      remedy: { scopes: ['refunds.write'] },
      reasons: [{ code: 'scope.missing', rule: 'use', condition }],
    })
    expect(decide(plan, [factsWith({ scopes: UNKNOWN })])).toStrictEqual({
      ...common,
      outcome: 'deny',
      class: 'unavailable',
      remedy: null,
      reasons: [{ code: 'scope.unknown', rule: 'use', condition }],
    })
    expect(decide(planWith(), [exampleFacts])).toStrictEqual({
      ...common,
      outcome: 'deny',
      class: 'forbidden',
      remedy: null,
      reasons: [{ code: 'grant.none' }],
    })
  })
})

describe('until when it holds', () => {
  const later = EXAMPLE_NOW + 1_000
  const FRESH = is('how.login', { 'max-age': '31m' })
  const freshUntil = EXAMPLE_NOW + 60_001
  test.each([
    { note: 'for good', rules: [grant('use')], until: Number.POSITIVE_INFINITY },
    { note: 'the end of a grant', rules: [grant('use', { until: later })], until: later },
    { note: 'the end of a guardrail', rules: [grant('use'), guardrail('guard', { until: later, how: HOME })], until: later },
    {
      note: 'the beginning of a guardrail',
      rules: [grant('use'), guardrail('guard', { from: later, how: OFFICE })],
      until: later,
    },
    {
      note: 'the end of an exception',
      rules: [grant('use'), guardrail('guard', { how: OFFICE }), exception('exempt', { names: ['guard'], until: later })],
      until: later,
    },
    {
      note: 'the earliest',
      rules: [
        grant('use', { until: later + 9 }),
        guardrail('guard', { until: later + 5, how: HOME }),
        exception('exempt', { names: ['guard'], until: later }),
      ],
      until: later,
    },
    {
      note: 'the earliest, first met',
      rules: [
        grant('use', { until: later }),
        guardrail('guard', { until: later + 5, how: HOME }),
        exception('exempt', { names: ['guard'], until: later + 9 }),
      ],
      until: later,
    },
    { note: 'a condition that lapses', rules: [grant('use', { how: FRESH })], until: freshUntil },
    { note: 'a refusal, until a grant begins', rules: [grant('use', { from: later })], until: later },
    {
      note: 'a refusal, until it may be allowed to nobody in particular',
      rules: [
        publicEntry('home'),
        guardrail('people', { who: EDITOR, how: never }),
        guardrail('nobody', { who: not(is('circumstance.credential', 'jwt')), how: never, until: later }),
      ],
      until: later,
    },
    {
      note: 'a public answer to a credential: as to none',
      rules: [
        publicEntry('home'),
        guardrail('guard', { who: not(is('circumstance.credential', 'jwt')), until: later, how: HOME }),
      ],
      until: later,
    },
    {
      note: 'a private answer does not depend on what nobody would get',
      rules: [grant('use'), guardrail('guard', { who: not(is('circumstance.credential', 'jwt')), until: later, how: HOME })],
      until: Number.POSITIVE_INFINITY,
    },
  ])('$note', ({ rules, until }) => expect(decide(planWith(...rules), [exampleFacts]).holdsUntil).toBe(until))

  test('of several judgements the earliest', () => {
    const plan = planWith(grant('use', { how: any(FRESH, is('who.workload', 'settlement-batch')) }))
    expect(decide(plan, [workloadFacts, exampleFacts]).holdsUntil).toBe(freshUntil)
    expect(decide(plan, [exampleFacts, workloadFacts]).holdsUntil).toBe(freshUntil)
    expect(decide(plan, [workloadFacts]).holdsUntil).toBe(Number.POSITIVE_INFINITY)
  })
})

test('a service whose paths the rule does not name is not let in by another', () => {
  const plan = planOfImage(imageWith(grant('use', { what: all(is('what.service', 'console'), is('what.path', '/**')) })))
  expect(tell(decide(plan, [exampleFacts]))).toBe('deny forbidden')
  expect(tellReasons(decide(plan, [exampleFacts]))).toEqual(['grant.none'])
  expect(tell(decide(plan, [factsWith({ service: 'console' })]))).toBe('allow use')
})
