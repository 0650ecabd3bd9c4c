// What comparing two environments must find, and must not, over random policies whose hosts are named otherwise in the second.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyImage, RuleImage } from '@balustrade/core/kit'
import { comparePolicies } from '../../packages/balustrade/src/assurance/comparison.ts'
import { compareEnvironments } from '../../packages/balustrade/src/assurance/environment-comparison.ts'
import { arbitraryImage, arbitraryRule } from '../../packages/core/src/testing/arbitrary-images.ts'
import { EXAMPLE_NOW } from '../../packages/core/src/testing/example-facts.ts'

const PAIRS = 25

const byName = (a: RuleImage, b: RuleImage): number => (a.name < b.name ? -1 : 1)

const named = (image: PolicyImage, rename: (host: string) => string): PolicyImage => ({
  ...image,
  services: Object.fromEntries(
    Object.entries(image.services).map(([name, service]) => [name, { ...service, hosts: service.hosts.map(rename).toSorted() }]),
  ),
})

/** A rule that is about hosts themselves decides otherwise where these are named otherwise. */
const withoutHosts = (image: PolicyImage): PolicyImage => ({
  ...image,
  rules: image.rules.filter((rule) => !JSON.stringify(rule).includes('what.host')),
})

const compare = (one: PolicyImage, other: PolicyImage) =>
  compareEnvironments(
    [
      { name: 'one', image: one, values: [] },
      { name: 'other', image: other, values: [] },
    ],
    [],
    EXAMPLE_NOW,
  )

const elsewhere = (host: string): string => host.replace(/example\.com$/, 'staging.example.org')

const seed = Math.floor(Math.random() * 0x7fffffff)
const images = fc.sample(arbitraryImage, { seed, numRuns: PAIRS }).map(withoutHosts)
const guardrails = fc
  .sample(arbitraryRule('guardrail'), { seed: seed + 1, numRuns: 2 * PAIRS })
  .filter((rule) => !JSON.stringify(rule).includes('what.host'))

test(`hosts that are named otherwise make no difference (seed ${seed})`, () => {
  for (const image of images) expect(compare(image, named(image, elsewhere)).differences).toEqual([])
})

test(`a difference is found under other hosts as it is under the same (seed ${seed})`, () => {
  let found = 0
  images.forEach((open, i) => {
    const guardrail = guardrails[i] as RuleImage
    const closed = { ...open, rules: [...open.rules, guardrail].toSorted(byName) }
    const alike = comparePolicies(closed, open, EXAMPLE_NOW).changes.filter(({ witness }) => witness !== null)
    const { differences } = compare(closed, named(open, elsewhere))
    expect(differences.map(({ rule }) => rule)).toEqual(alike.map(() => guardrail.name))
    for (const { outcomes, cases } of differences) {
      found++
      expect(outcomes.map((outcome) => outcome === 'allow')).toEqual([false, true])
      expect(cases[1].request).toBe(cases[0].request.replace('example.com', 'staging.example.org'))
    }
  })
  expect(found).toBeGreaterThan(PAIRS / 10)
})
