import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardrail, is, OFFICE } from '../../../../test/support/small-policy.ts'
import { CONDITIONS } from '../catalogue.ts'
import { arbitraryImage } from '../testing/arbitrary-images.ts'
import { exampleImage } from '../testing/example-facts.ts'
import type { PolicyImage, RuleImage } from '../model/policy-image.ts'
import { buildPlan, buildPlanInSlices } from './build.ts'
import { atomsOf } from './node.ts'
import type { PlanRule } from './rule.ts'

const parts = { conditions: CONDITIONS, digest: { policy: 'sha256:a', data: 'sha256:b' } }

const onPath = (n: number): RuleImage => guardrail(`rule-${n}`, { what: is('what.path', `/things/${n}/*`), how: OFFICE })

const imageOf = (count: number): PolicyImage => ({
  ...exampleImage,
  rules: Array.from({ length: count }, (_none, n) => onPath(n)),
})

const asksNobody = ({ kind, parts: { who, what, when }, how }: PlanRule): boolean =>
  kind === 'guardrail' && atomsOf(who, what, when, how).every((atom) => !atom.ofCaller)

describe('building a plan', () => {
  test('in slices pauses in proportion to the rules, so that no stretch of work grows with them', async () => {
    const pausesFor = async (count: number) => {
      let pauses = 0
      await buildPlanInSlices(imageOf(count), parts, async () => void pauses++)
      return pauses
    }
    const few = await pausesFor(1_000)
    expect(few).toBeGreaterThan(3)
    expect(await pausesFor(4_000)).toBeGreaterThanOrEqual(4 * few)
  })

  test('compiles no path that the index answers, guardrails for everybody included', () => {
    const asked: string[] = []
    const conditions = CONDITIONS.map((condition) =>
      condition.key === 'path'
        ? {
            ...condition,
            compile: (...given: Parameters<typeof condition.compile>) => (asked.push('path'), condition.compile(...given)),
          }
        : condition,
    )
    const plan = buildPlan(imageOf(50), { ...parts, conditions })
    expect([plan.impersonal.size, asked]).toEqual([50, []])
  })

  test('calls impersonal just the guardrails of which no compiled condition reads the credential', () => {
    let seen = 0
    fc.assert(
      fc.property(arbitraryImage, (image) => {
        const plan = buildPlan(image, parts)
        const expected = plan.rules.filter(asksNobody).map(({ id }) => id)
        seen += expected.length
        expect([...plan.impersonal].toSorted((a, b) => a - b)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
    expect(seen).toBeGreaterThan(10)
  })
})
