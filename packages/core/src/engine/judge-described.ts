import { sha256Base64Url } from '../lib/digest.ts'
import type { Condition } from '../model/condition.ts'
import { type CredentialFacts, type StateFacts, UNKNOWN } from '../model/fact.ts'
import type { Authentication } from '../model/identity.ts'
import type { PolicyImage, ServiceImage } from '../model/policy-image.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { fromDescription, type RequestDescription } from '../request/from-description.ts'
import { judgeAs, type Judgement, malformed } from './judge.ts'
import { prepareImage } from './prepare-image.ts'
import { snapshotOf } from './snapshot.ts'

/** Who calls, without a credential to verify. Anonymous: `facts.credential` null. `behalf`: as of an identity. */
export interface DescribedCaller {
  readonly facts: CredentialFacts
  readonly behalf: CredentialFacts | null
}

export interface DescribedJudge {
  readonly plan: Plan
  /**
   * Judges by the steps of a point; a description that HTTP could not carry is refused with the point's code. `caller`: who comes to
   * the service that claims the request. `openings`: what was opened before; left out: every break-glass exception is armed and unused.
   */
  readonly judge: (
    description: RequestDescription,
    caller: (service: ServiceImage) => DescribedCaller,
    openings?: StateFacts['openings'],
  ) => Judgement
}

const word = (value: unknown): string => (typeof value === 'string' ? value : '')

const authenticationOf = ({ facts, behalf }: DescribedCaller): Authentication => {
  if (facts.credential === null) return { status: 'absent' }
  const identity = {
    facts,
    behalf,
    kind: facts.credential === UNKNOWN ? 'jwt' : facts.credential,
    credentialHash: sha256Base64Url(''),
    provider: word(facts.provider),
    subject: word(facts.user ?? facts.workload),
    credentialId: null,
    expiresAt: Number.POSITIVE_INFINITY,
    unconfirmed: false,
  } as const
  return { status: 'verified', identity }
}

/** Judges described requests under one policy: for cases, matrices and explanations. */
export const createDescribedJudge = (image: PolicyImage, conditions: readonly Condition[]): DescribedJudge => {
  const { digest } = prepareImage(image)
  const plan = buildPlan(image, { conditions, digest })
  const snapshot = snapshotOf(plan, digest)
  return {
    plan,
    judge: (description, caller, openings = null) => {
      const made = fromDescription(description)
      return made.ok
        ? judgeAs(snapshot, made.request, { authenticate: (service) => authenticationOf(caller(service)), openings })
        : malformed(made.code)
    },
  }
}
