import { expect, test } from 'vitest'
import {
  all,
  EDITOR,
  factsWith,
  grant,
  guardrail,
  HOME,
  is,
  never,
  OFFICE,
  planWith,
  publicEntry,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW } from '../testing/example-facts.ts'
import { createRefusalForEveryone } from './for-everyone.ts'

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: Partial<Facts>
  readonly may: boolean
}

test.each<Row>([
  { note: 'no rule', rules: [], may: false },
  { note: 'only a grant', rules: [grant('use', { how: OFFICE })], may: false },
  { note: 'only a public entry', rules: [publicEntry('home', { how: OFFICE })], may: false },
  { note: 'a guardrail that refuses', rules: [guardrail('g', { how: never })], may: true },
  { note: 'a guardrail whose network is another', rules: [guardrail('g', { how: OFFICE })], may: true },
  { note: 'a guardrail that is met', rules: [guardrail('g', { how: HOME })], may: false },
  { note: 'a guardrail that is unknown', rules: [guardrail('g', { how: OFFICE })], facts: { address: UNKNOWN }, may: true },
  { note: 'asks something of the caller in how', rules: [guardrail('g', { how: all(OFFICE, EDITOR) })], may: false },
  { note: 'asks something of the caller in who', rules: [guardrail('g', { who: EDITOR, how: never })], may: false },
  {
    note: 'asks something of the caller in when',
    rules: [guardrail('g', { when: is('circumstance.credential', 'jwt'), how: never })],
    may: false,
  },
  { note: 'is about another method', rules: [guardrail('g', { what: is('what.method', 'GET'), how: never })], may: false },
  {
    note: 'is about another time',
    rules: [guardrail('g', { when: is('when.days', { days: 'wed' }), zone: 'Europe/Berlin', how: never })],
    may: false,
  },
  { note: 'may be about this path', rules: [guardrail('g', { what: is('what.path', '/Tenants/**'), how: never })], may: true },
  { note: 'is out of life', rules: [guardrail('g', { until: EXAMPLE_NOW, how: never })], may: false },
  {
    note: 'one of two, the other asks of the caller',
    rules: [guardrail('a', { who: EDITOR, how: never }), guardrail('b', { how: HOME })],
    may: false,
  },
  { note: 'one of two refuses', rules: [guardrail('a', { how: HOME }), guardrail('b', { how: never })], may: true },
])('$note', ({ rules, facts, may }) => {
  expect(createRefusalForEveryone(planWith(...rules))?.(factsWith(facts)) ?? false).toBe(may)
})

test('where no guardrail is free of the caller, nothing is looked up', () => {
  const plan = { ...planWith(grant('use'), guardrail('g', { who: EDITOR, how: never })), match: () => expect.fail('matched') }
  expect(createRefusalForEveryone(plan)?.(factsWith()) ?? false).toBe(false)
})
