import fc from 'fast-check'
import type { Facts } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { type Aim, arbitraryAim, createAiming } from './arbitrary-aims.ts'
import { arbitraryFacts, arbitraryJudgements } from './arbitrary-facts.ts'
import { arbitraryImage } from './arbitrary-images.ts'
import { obscured, type Obscure } from './arbitrary-obscured.ts'

/** A policy and requests to judge under it. */
export interface Case {
  readonly image: PolicyImage
  readonly requests: readonly (readonly Facts[])[]
}

/** A policy and so many requests, of which a part comes near the boundaries of what the policy says. */
export const arbitraryCase = (requests: number): fc.Arbitrary<Case> =>
  fc
    .tuple(arbitraryImage, fc.array(fc.tuple(arbitraryJudgements, arbitraryAim), { minLength: requests, maxLength: requests }))
    .map(([image, asked]) => {
      const aim = createAiming(image)
      return { image, requests: asked.map(([judgements, at]) => aim(judgements, at)) }
    })

/** Facts that are to be taken near the boundaries of a policy, each the same way. */
const near = (image: PolicyImage, aim: Aim) => {
  const take = createAiming(image)
  return (facts: Facts): Facts => take([facts], aim)[0] as Facts
}

/** A policy, and facts of which a part comes near its boundaries. */
export const arbitraryPair: fc.Arbitrary<readonly [PolicyImage, Facts]> = fc
  .tuple(arbitraryImage, arbitraryFacts, arbitraryAim)
  .map(([image, facts, aim]) => [image, near(image, aim)(facts)])

/** The same with facts of which less is known beside those that are known. */
export const obscuredPair = (which: Parameters<typeof obscured>[0]): fc.Arbitrary<readonly [PolicyImage, Obscure]> =>
  fc.tuple(arbitraryImage, obscured(which), arbitraryAim).map(([image, { facts, less }, aim]) => {
    const take = near(image, aim)
    return [image, { facts: take(facts), less: take(less) }]
  })
