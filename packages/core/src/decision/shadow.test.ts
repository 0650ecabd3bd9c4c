import { expect, test } from 'vitest'
import {
  exception,
  factsWith,
  FRESH,
  grant,
  guardrail,
  is,
  never,
  planWith,
  publicEntry,
  type RuleParts,
} from '../../../../test/support/small-policy.ts'
import type { Facts } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { anonymousFacts, EXAMPLE_NOW, exampleFacts } from '../testing/example-facts.ts'
import { shadow } from './shadow.ts'

const inShadow = (parts: RuleParts = {}, until = EXAMPLE_NOW + 1): RuleParts => ({
  ...parts,
  shadow: { owner: 'a@example.com', until },
})

const GET = is('what.method', 'GET')
const POST = is('what.method', 'POST')

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: readonly Facts[]
  readonly gives: ReturnType<typeof shadow>
}

test.each<Row>([
  { note: 'no shadow rule', rules: [grant('use')], gives: null },
  { note: 'none that matches', rules: [grant('use'), guardrail('g', inShadow({ what: GET, how: never }))], gives: null },
  { note: 'none that is still tried', rules: [grant('use'), guardrail('g', inShadow({ how: never }, EXAMPLE_NOW))], gives: null },
  {
    note: 'one that changes nothing',
    rules: [grant('use'), guardrail('g', inShadow({ what: POST }))],
    gives: { all: 'allow', alone: {} },
  },
  {
    note: 'a guardrail that would refuse',
    rules: [grant('use'), guardrail('g', inShadow({ how: never }))],
    gives: { all: 'deny', alone: { g: 'deny' } },
  },
  {
    note: 'a guardrail that would challenge',
    rules: [grant('use'), guardrail('g', inShadow({ how: FRESH }))],
    gives: { all: 'challenge', alone: { g: 'challenge' } },
  },
  { note: 'a grant that would permit', rules: [grant('use', inShadow())], gives: { all: 'allow', alone: { use: 'allow' } } },
  {
    note: 'a public entry that would permit',
    rules: [publicEntry('home', inShadow())],
    facts: [anonymousFacts],
    gives: { all: 'allow', alone: { home: 'allow' } },
  },
  {
    note: 'an exception that would waive',
    rules: [grant('use'), guardrail('g', { how: never }), exception('x', inShadow({ names: ['g'] }))],
    gives: { all: 'allow', alone: { x: 'allow' } },
  },
  {
    note: 'rules that change something only together',
    rules: [grant('use', inShadow({ how: FRESH })), grant('a', inShadow()), guardrail('g', inShadow({ how: never }))],
    gives: { all: 'deny', alone: { a: 'allow', use: 'challenge' } },
  },
  {
    note: 'an exception of a shadow guardrail',
    rules: [grant('use'), guardrail('g', inShadow({ how: never })), exception('x', inShadow({ names: ['g'] }))],
    gives: { all: 'allow', alone: { g: 'deny' } },
  },
  {
    note: 'a rule about one judgement of two',
    rules: [grant('use'), guardrail('g', inShadow({ what: GET, how: never }))],
    facts: [exampleFacts, factsWith({ method: 'GET' })],
    gives: { all: 'deny', alone: { g: 'deny' } },
  },
  {
    note: 'a rule about both',
    rules: [grant('use'), guardrail('g', inShadow({ how: never }))],
    facts: [exampleFacts, factsWith({ method: 'GET' })],
    gives: { all: 'deny', alone: { g: 'deny' } },
  },
])('$note', ({ rules, facts = [exampleFacts], gives }) => {
  expect(shadow(planWith(...rules), facts)).toStrictEqual(gives)
})

test('rules alone are told by name, whatever they do', () => {
  const plan = planWith(grant('use', { how: FRESH }), grant('z', inShadow()), guardrail('a', inShadow({ how: never })))
  expect(Object.entries(shadow(plan, [exampleFacts])?.alone ?? {})).toEqual([
    ['a', 'deny'],
    ['z', 'allow'],
  ])
})
