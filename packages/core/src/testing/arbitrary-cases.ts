import fc from 'fast-check'
import type { Facts } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { arbitraryAim, createAiming } from './arbitrary-aims.ts'
import { arbitraryJudgements } from './arbitrary-facts.ts'
import { arbitraryImage } from './arbitrary-images.ts'

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
