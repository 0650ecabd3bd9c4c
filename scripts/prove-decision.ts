// `node --conditions=source scripts/prove-decision.ts 1000000 [seed]`: compiled decisions against the reference on that many pairs of
// a random policy and random facts. Prints the mix and every kind of mismatch; fails when there is one.
import fc from 'fast-check'
import { arbitraryCase, type Case } from '../packages/core/src/testing/arbitrary-cases.ts'
import type { Facts } from '../packages/core/src/model/fact.ts'
import type { PolicyImage } from '../packages/core/src/model/policy-image.ts'
import {
  addToMix,
  createComparison,
  createMix,
  describeMix,
  type Mismatch,
  planOf,
} from '../packages/core/src/testing/compare-decision.ts'

const PER_IMAGE = 10
const BATCH = 100
/** Runs of neighbouring seeds have no batch in common. */
const APART = 0x10001

const wanted = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 1)
const stopAtFirst = process.argv.includes('--stop-at-first')

const mix = createMix()
let mismatches = 0

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Map) return Object.fromEntries(each)
    if (each instanceof Set) return [...each]
    return typeof each === 'symbol' ? '?' : each
  })

const report = ({ compiled, reference }: Mismatch, image: PolicyImage, judgements: readonly Facts[]): void => {
  mismatches++
  if (mismatches > 3) return
  const rules = image.rules.map(({ at: _at, register: _register, ...rule }) => rule)
  console.log(
    `mismatch\n  compiled  ${show(compiled)}\n  reference ${show(reference)}\n  facts ${show(judgements)}\n  rules ${show(rules)}`,
  )
}

const isDone = () => mix.pairs >= wanted || (stopAtFirst && mismatches > 0)

const proveCase = ({ image, requests }: Case): void => {
  const compare = createComparison(image)
  const plan = planOf(image)
  for (const judgements of requests) {
    if (isDone()) return
    addToMix(mix, plan, judgements)
    const found = compare(judgements)
    if (found !== null) report(found, image, judgements)
  }
}

for (let batch = 0; !isDone(); batch++)
  fc.sample(arbitraryCase(PER_IMAGE), { seed: seed + batch * APART, numRuns: BATCH }).forEach(proveCase)

console.log(`${mismatches} mismatches; ${describeMix(mix)}`)
process.exitCode = mismatches > 0 ? 1 : 0
