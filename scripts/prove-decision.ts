// `node --conditions=source scripts/prove-decision.ts 1000000 [seed]`: compiled decisions against the reference on that many pairs of
// a random policy and random facts. Prints the mix and every kind of mismatch; fails when there is one.
import fc from 'fast-check'
import { arbitraryJudgements } from '../packages/core/src/testing/arbitrary-facts.ts'
import { arbitraryImage } from '../packages/core/src/testing/arbitrary-images.ts'
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

const proveImage = (image: PolicyImage, requests: readonly (readonly Facts[])[]): void => {
  const compare = createComparison(image)
  const plan = planOf(image)
  for (const judgements of requests) {
    if (isDone()) return
    addToMix(mix, plan, judgements)
    const found = compare(judgements)
    if (found !== null) report(found, image, judgements)
  }
}

for (let batch = 0; !isDone(); batch++) {
  const images = fc.sample(arbitraryImage, { seed: seed + batch, numRuns: BATCH })
  const requests = fc.sample(arbitraryJudgements, { seed: seed + batch + 0x10000000, numRuns: BATCH * PER_IMAGE })
  for (const [i, image] of images.entries()) proveImage(image, requests.slice(i * PER_IMAGE, (i + 1) * PER_IMAGE))
}

console.log(`${mismatches} mismatches; ${describeMix(mix)}`)
process.exitCode = mismatches > 0 ? 1 : 0
