import type { PreparedImage } from '../model/engine.ts'
import type { PolicyDigest } from '../model/decision.ts'
import type { Condition } from '../model/condition.ts'
import { createRefusalForEveryone } from '../decision/for-everyone.ts'
import type { Facts } from '../model/fact.ts'
import { buildPlanInSlices } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { type BreakGlasses, breakGlassesOf } from './openings.ts'

/** One policy in force: every request is judged wholly by one of these. */
export interface Snapshot {
  readonly plan: Plan
  readonly digest: PolicyDigest
  /** Some guardrail may refuse this request whoever calls; null when none ever does. */
  readonly mayRefuseEveryone: ((facts: Facts) => boolean) | null
  readonly glasses: BreakGlasses
}

/** A plan with what is worked out from it once. */
export const snapshotOf = (plan: Plan, digest: PolicyDigest): Snapshot => ({
  plan,
  digest,
  mayRefuseEveryone: createRefusalForEveryone(plan),
  glasses: breakGlassesOf(plan.image),
})

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Builds the plan a slice per turn of the event loop, so that requests are served meanwhile. */
export const createSnapshot = async (prepared: PreparedImage, conditions: readonly Condition[]): Promise<Snapshot> => {
  const plan = await buildPlanInSlices(prepared.image, { conditions, digest: prepared.digest }, nextTurn)
  return snapshotOf(plan, prepared.digest)
}
