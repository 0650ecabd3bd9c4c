import { describe, expect, test } from 'vitest'
import {
  exception,
  FRESH,
  factsWith,
  grant,
  guardrail,
  not,
  is,
  never,
  planWith,
  publicEntry,
} from '../../../../test/support/small-policy.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { anonymousFacts, EXAMPLE_NOW, exampleFacts } from '../testing/example-facts.ts'
import { decide } from './decide.ts'
import { explain } from './explain.ts'
import { createRefusalForEveryone } from './for-everyone.ts'
import { shadow } from './shadow.ts'

const HOUR = 3_600_000
const END = EXAMPLE_NOW + HOUR
const TRIED = { shadow: { owner: 'a@example.com', until: END } }
const at = (now: number) => factsWith({ now })
const outcomes = (rules: readonly RuleImage[], facts = exampleFacts) =>
  [END - 1, END].map((now) => decide(planWith(...rules), [{ ...facts, now }]).outcome)

describe('when a trial ends', () => {
  test.each([
    {
      note: 'a guardrail is enforced',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: never })],
      gives: ['allow', 'deny'],
    },
    {
      note: 'its demand is asked for',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: FRESH })],
      gives: ['allow', 'challenge'],
    },
    { note: 'a grant stays off', rules: [grant('use', TRIED)], gives: ['deny', 'deny'] },
    {
      note: 'a public entry stays off',
      rules: [publicEntry('home', TRIED)],
      facts: anonymousFacts,
      gives: ['challenge', 'challenge'],
    },
    {
      note: 'an exception stays off',
      rules: [grant('use'), guardrail('g', { how: never }), exception('x', { ...TRIED, names: ['g'] })],
      gives: ['deny', 'deny'],
    },
    {
      note: 'a guardrail is enforced, and the exception that was tried with it waives nothing',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: never }), exception('x', { ...TRIED, names: ['g'] })],
      gives: ['allow', 'deny'],
    },
    {
      note: 'an exception in force waives it',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: never }), exception('x', { names: ['g'] })],
      gives: ['allow', 'allow'],
    },
    {
      note: 'a guardrail whose life begins later is not enforced yet',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: never, from: END + 1 })],
      gives: ['allow', 'allow'],
    },
    {
      note: 'a guardrail whose life is over is not enforced any more',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: never, until: END })],
      gives: ['allow', 'allow'],
    },
    {
      note: 'a guardrail that the index has one place for, at a path spelled otherwise',
      rules: [grant('use'), guardrail('g', { ...TRIED, how: never, what: is('what.path', '/TENANTS/**') })],
      facts: factsWith({ service: 'legacy', host: 'legacy.example.com' }),
      gives: ['allow', 'deny'],
    },
  ])('$note', ({ rules, facts, gives }) => expect(outcomes(rules, facts)).toEqual(gives))

  test('what was allowed before holds until then', () => {
    const plan = planWith(grant('use'), guardrail('g', { ...TRIED, how: never }))
    expect([decide(plan, [at(EXAMPLE_NOW)]).holdsUntil, decide(plan, [at(END)]).holdsUntil]).toEqual([
      END,
      Number.POSITIVE_INFINITY,
    ])
    const elsewhere = planWith(grant('use'), guardrail('g', { ...TRIED, how: never, what: is('what.method', 'DELETE') }))
    expect(decide(elsewhere, [at(EXAMPLE_NOW)]).holdsUntil).toBe(Number.POSITIVE_INFINITY)
  })

  test('nobody has to say who calls to be refused by it', () => {
    const plan = planWith(grant('use'), guardrail('g', { ...TRIED, when: not(is('circumstance.network', 'office')), how: never }))
    expect([at(END - 1), at(END)].map((facts) => createRefusalForEveryone(plan)?.(facts))).toEqual([false, true])
  })

  test('it is watched until then, for the life that is written', () => {
    const tried = (more: Partial<RuleImage>) => planWith(grant('use'), guardrail('g', { ...TRIED, how: never, ...more }))
    expect(shadow(tried({}), [at(END - 1)])).toEqual({ all: 'deny', alone: { g: 'deny' } })
    expect(shadow(tried({}), [at(END)])).toBeNull()
    expect(shadow(tried({ from: END - 1 }), [at(END - 2)])).toEqual({ all: 'allow', alone: {} })
  })

  test('it is explained as what it is at the time', () => {
    const plan = planWith(
      grant('use'),
      guardrail('g', { ...TRIED, how: never }),
      grant('tried', TRIED),
      guardrail('z', { ...TRIED, how: never, from: END - 1 }),
    )
    const told = (now: number) =>
      explain(plan, [at(now)]).rules[0]?.map(({ rule, shadow: trial, selected }) => [rule, trial, selected])
    expect(told(END - 2)?.at(-1)).toEqual(['z', 'watched', 'out of life'])
    expect(told(END - 1)).toEqual([
      ['g', 'watched', 'yes'],
      ['tried', 'watched', 'yes'],
      ['use', null, 'yes'],
      ['z', 'watched', 'yes'],
    ])
    expect(told(END)).toEqual([
      ['g', null, 'yes'],
      ['tried', 'over', 'yes'],
      ['use', null, 'yes'],
      ['z', null, 'yes'],
    ])
  })
})
