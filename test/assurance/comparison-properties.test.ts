// What comparing two policies must find, and must not, over random policies that differ in one guardrail. Whether a request is decided
// otherwise, the reference evaluator says: it shares no code with the plan.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyImage, RuleImage } from '@balustrade/core/kit'
import { comparePolicies } from '../../packages/balustrade/src/assurance/comparison.ts'
import { createWorld } from '../../packages/balustrade/src/assurance/world.ts'
import { arbitraryImage, arbitraryRule } from '../../packages/core/src/testing/arbitrary-images.ts'
import { EXAMPLE_NOW } from '../../packages/core/src/testing/example-facts.ts'
import { createReference } from '../../packages/core/src/testing/reference.ts'
import { arbitraryDraft, factsIn } from './random-drafts.ts'

const PAIRS = 60
const DRAFTS = 120

const byName = (a: RuleImage, b: RuleImage): number => (a.name < b.name ? -1 : 1)

const withRule = (image: PolicyImage, rule: RuleImage): PolicyImage => ({
  ...image,
  rules: [...image.rules, rule].toSorted(byName),
})

const weaknesses = (base: PolicyImage, head: PolicyImage) =>
  comparePolicies(base, head, EXAMPLE_NOW).changes.filter(({ weight }) => weight === 'weakening')

/** Some random request is refused with the guardrail and allowed without it. */
const isReachable = (open: PolicyImage, closed: PolicyImage, seed: number): boolean => {
  const [world, allowed, refused] = [createWorld(open), createReference(open), createReference(closed)]
  return fc.sample(arbitraryDraft, { seed, numRuns: DRAFTS }).some((draft) => {
    const facts = factsIn(world, draft)
    return facts !== null && allowed(facts).outcome === 'allow' && refused(facts).outcome !== 'allow'
  })
}

const seed = Math.floor(Math.random() * 0x7fffffff)
const images = fc.sample(arbitraryImage, { seed, numRuns: PAIRS })
const guardrails = fc.sample(arbitraryRule('guardrail'), { seed: seed + 1, numRuns: PAIRS })

test(`a guardrail more is never a weakening (seed ${seed})`, () => {
  images.forEach((image, i) => {
    expect(weaknesses(image, withRule(image, guardrails[i] as RuleImage))).toEqual([])
  })
})

test(`a guardrail less is one, wherever it kept something out (seed ${seed})`, () => {
  const missed: number[] = []
  let reachable = 0
  images.forEach((open, i) => {
    const rule = guardrails[i] as RuleImage
    const closed = withRule(open, rule)
    const found = weaknesses(closed, open)
    for (const { code, before, witness } of found) {
      expect(code).toBe('guardrail.removed')
      expect([before === 'allow', witness?.expect]).toEqual([false, 'allow'])
    }
    if (!isReachable(open, closed, seed + i)) return
    reachable++
    if (found.length === 0) missed.push(i)
  })
  console.log(`${reachable} of ${PAIRS} guardrails kept something out; found ${reachable - missed.length}`)
  // A search, not a proof: what a run misses is told with its seed, and may not be more than a few in a hundred.
  expect({ seed, missed, share: missed.length > 1 + reachable / 25 }).toMatchObject({ share: false })
  expect(reachable).toBeGreaterThan(PAIRS / 10)
})
