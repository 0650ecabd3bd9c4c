import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { arbitraryCase } from '../testing/arbitrary-cases.ts'
import { SPECS } from '../testing/arbitrary-specs.ts'
import { arbitraryImage } from '../testing/arbitrary-images.ts'
import { addToMix, createComparison, createMix, describeMix, type Mismatch, planOf } from '../testing/compare-decision.ts'
import { JUDGES } from '../testing/reference-conditions.ts'

const IMAGES = 1_000
const PER_IMAGE = 10

const KINDS = ['exception', 'grant', 'guardrail', 'invariant', 'public']

const ids = CONDITIONS.map(({ place, key }) => `${place}.${key}`).sort()

/** What the rules of many policies are, each named once. */
const namedIn = (rules: string, member: 'is' | 'kind') =>
  [...new Set([...rules.matchAll(new RegExp(`"${member}":"([^"]+)"`, 'g'))].map(([, name = '']) => name))].sort()

describe('the comparison', () => {
  test('generates every condition of the catalogue and no other', () => expect(Object.keys(SPECS).sort()).toEqual(ids))
  test('knows the meaning of every condition and no other', () => expect(Object.keys(JUDGES).sort()).toEqual(ids))
  test('draws policies that hold every condition and every kind of rule', () => {
    const rules = JSON.stringify(fc.sample(arbitraryImage, 300).map((image) => image.rules))
    expect(namedIn(rules, 'is')).toEqual(ids)
    expect(namedIn(rules, 'kind')).toEqual(KINDS)
  })
})

test(`compiled decisions are those of the reference, on ${IMAGES * PER_IMAGE} pairs of a policy and facts`, {
  timeout: 240_000,
}, () => {
  const seed = Math.floor(Math.random() * 0x7fffffff)
  const cases = fc.sample(arbitraryCase(PER_IMAGE), { seed, numRuns: IMAGES })
  const mix = createMix()
  const mismatches: (Mismatch & { readonly seed: number; readonly image: number })[] = []
  cases.forEach(({ image, requests }, i) => {
    const compare = createComparison(image)
    const plan = planOf(image)
    for (const judgements of requests) {
      addToMix(mix, plan, judgements)
      const found = compare(judgements)
      if (found !== null) mismatches.push({ ...found, seed, image: i })
    }
  })
  expect(mismatches.slice(0, 3)).toEqual([])
  console.log(describeMix(mix))
  const share = (count: number) => count / mix.pairs
  expect(share(mix.allow)).toBeGreaterThan(0.2)
  expect(share(mix.challenge)).toBeGreaterThan(0.1)
  expect(share(mix.withUnknown)).toBeGreaterThan(0.1)
  expect(share(mix.threeOrMoreSelect)).toBeGreaterThan(0.3)
  expect(share(mix.session)).toBeGreaterThan(0.15)
  expect(share(mix.key)).toBeGreaterThan(0.02)
})
