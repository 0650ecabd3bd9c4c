import { describe, expect, test } from 'vitest'
import { grant, guardrail, is, planWith, publicEntry, ruleIn } from '../../../../test/support/small-policy.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW, exampleFacts } from '../testing/example-facts.ts'
import { isAlive, trialOf } from './rule.ts'

const tried = (until: number) => ({ shadow: { owner: 'a@example.com', until } })

describe('a trial', () => {
  test.each<{ note: string; rule: RuleImage; gives: readonly (string | null)[] }>([
    { note: 'none', rule: grant('a'), gives: [null, null, null] },
    { note: 'of a guardrail', rule: guardrail('a', tried(10)), gives: ['watched', null, null] },
    { note: 'of a grant', rule: grant('a', tried(10)), gives: ['watched', 'over', 'over'] },
    { note: 'of a public entry', rule: publicEntry('a', tried(10)), gives: ['watched', 'over', 'over'] },
  ])('$note', ({ rule, gives }) => expect([9, 10, 11].map((now) => trialOf(rule, now))).toEqual(gives))
})

describe('the life of a guardrail in shadow', () => {
  test.each([
    { note: 'begins when the trial is over', parts: {}, from: EXAMPLE_NOW, until: Number.POSITIVE_INFINITY },
    {
      note: 'begins later where that is written',
      parts: { from: EXAMPLE_NOW + 1 },
      from: EXAMPLE_NOW + 1,
      until: Number.POSITIVE_INFINITY,
    },
    { note: 'does not begin earlier', parts: { from: EXAMPLE_NOW - 1 }, from: EXAMPLE_NOW, until: Number.POSITIVE_INFINITY },
    { note: 'ends as written', parts: { until: EXAMPLE_NOW + 2 }, from: EXAMPLE_NOW, until: EXAMPLE_NOW + 2 },
  ])('$note', ({ parts, from, until }) => {
    const plan = planWith(guardrail('a', { ...parts, ...tried(EXAMPLE_NOW) }))
    expect(ruleIn(plan, 'a')).toMatchObject({ from, until })
    const [watched] = plan.matchShadow?.(exampleFacts).guardrails ?? []
    expect(watched).toMatchObject({ from: parts.from ?? Number.NEGATIVE_INFINITY, until })
  })

  test('what is in shadow and lets in is never matched as enforced', () => {
    const plan = planWith(grant('a', tried(EXAMPLE_NOW)), publicEntry('b', tried(EXAMPLE_NOW)))
    expect(plan.match(exampleFacts).permits).toEqual([])
    expect(plan.matchShadow?.(exampleFacts).permits.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('it is watched at a spelling of its path as it is enforced there', () => {
    const plan = planWith(guardrail('a', { ...tried(EXAMPLE_NOW), what: is('what.path', '/TENANTS/**') }))
    const facts = { ...exampleFacts, service: 'legacy', host: 'legacy.example.com' }
    const [enforced, watched] = [plan.match(facts).guardrails, plan.matchShadow?.(facts).guardrails].map((all) => all?.[0])
    expect([enforced?.from, watched?.from]).toEqual([EXAMPLE_NOW, Number.NEGATIVE_INFINITY])
    expect([enforced?.select.tri(facts), watched?.select.tri(facts)]).toEqual([1, 1])
  })

  test.each([
    { now: 0, alive: false },
    { now: 1, alive: true },
    { now: 2, alive: false },
  ])('half-open: $now', ({ now, alive }) => {
    expect(isAlive({ from: 1, until: 2 }, now)).toBe(alive)
  })
})
