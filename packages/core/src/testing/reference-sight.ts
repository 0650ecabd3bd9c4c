// What the reference evaluator looks at and sees, one condition at a time.
import type { Spec } from '../model/condition.ts'
import type { Facts } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'

/** What a condition looks at. */
export interface View {
  readonly facts: Facts
  readonly image: PolicyImage
  readonly zone: string | null
  /** Value of a `$name` that the rule's `what` binds; undefined when this request binds none. */
  readonly captured: (name: string) => string | undefined
}

/** What it sees: the reason code, and whether that is met, unmet or unknown (and then by whose doing). */
export interface Sight {
  readonly tri: 1 | 0 | -1
  readonly code: string
  readonly byCaller: boolean
}

export const see = (tri: 1 | 0 | -1, code: string): Sight => ({ tri, code, byCaller: false })
export const MET = see(1, 'met')
export const callersOwn = (code: string): Sight => ({ tri: -1, code, byCaller: true })

type Values = readonly (string | number | boolean)[]
export const many = (spec: Spec): Values => (Array.isArray(spec) ? spec : [spec]) as Values
export const texts = (spec: Spec): readonly string[] => many(spec).filter((value) => typeof value === 'string')
export const field = (spec: Spec, name: string): Spec | undefined => (spec as { readonly [key: string]: Spec })[name]

export type Judge = (spec: Spec, view: View) => Sight
