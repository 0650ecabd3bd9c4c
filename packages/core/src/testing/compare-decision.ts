import { CONDITIONS } from '../catalogue.ts'
import { decide } from '../decision/decide.ts'
import type { Decision } from '../model/decision.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { createReference, type ReferenceAnswer } from './reference.ts'
import { type Attempt, attemptsOf, burdenOf } from './reference-remedies.ts'

const DIGEST = { policy: 'sha256:generated', data: 'sha256:none' }

export const planOf = (image: PolicyImage): Plan => buildPlan(image, { conditions: CONDITIONS, digest: DIGEST })

/** A decision in the terms of the reference, which weighs remedies instead of naming them. */
const inTermsOfReference = (decision: Decision): ReferenceAnswer => {
  const { outcome, class: denied, reasons, remedy, rule, exceptions } = decision
  const attempts = remedy === null ? [] : attemptsOf(remedy)
  const [attempt] = attempts
  return {
    outcome,
    class: denied,
    reasons,
    burden: attempt === undefined ? null : burdenOf(attempt),
    attempts,
    rule,
    public: decision.public,
    exceptions,
  }
}

export interface Mismatch {
  readonly compiled: ReferenceAnswer
  readonly reference: ReferenceAnswer
}

const textOfAttempt = ({ login, stepUp, acr, scopes }: Attempt): string =>
  JSON.stringify([login?.maxAge, login === null, stepUp?.level, stepUp?.maxAge, acr, scopes.toSorted()])

/** Several things may weigh the same: what is asked for is one of them. */
const asksWhatHelps = (compiled: ReferenceAnswer, reference: ReferenceAnswer): boolean => {
  const helpful = new Set(reference.attempts.map(textOfAttempt))
  return compiled.attempts.every((attempt) => helpful.has(textOfAttempt(attempt)))
}

const text = ({ outcome, class: denied, reasons, burden, rule, exceptions, public: open }: ReferenceAnswer): string =>
  JSON.stringify([
    outcome,
    denied,
    reasons.map(({ code, rule: of, condition }) => [code, of, condition]),
    burden?.map(String),
    rule,
    open,
    exceptions,
  ])

const areAlike = (compiled: ReferenceAnswer, reference: ReferenceAnswer): boolean =>
  text(compiled) === text(reference) && asksWhatHelps(compiled, reference)

/**
 * Both answers where they differ; null where they agree. An allow is also held against what the reference says in the last
 * millisecond for which it is said to hold.
 */
export const createComparison = (image: PolicyImage): ((judgements: readonly Facts[]) => Mismatch | null) => {
  const plan = planOf(image)
  const refer = createReference(image)
  return (judgements) => {
    const decision = decide(plan, judgements)
    const compiled = inTermsOfReference(decision)
    const reference = refer(judgements)
    if (!areAlike(compiled, reference)) return { compiled, reference }
    const { outcome, holdsUntil } = decision
    if (outcome !== 'allow' || holdsUntil === Number.POSITIVE_INFINITY) return null
    const later = refer(judgements.map((facts) => ({ ...facts, now: holdsUntil - 1 })))
    return later.outcome === 'allow' ? null : { compiled, reference: later }
  }
}

/** What a run was made of: shares that a generator must keep up, or a comparison says little. */
export interface Mix {
  pairs: number
  allow: number
  challenge: number
  unavailable: number
  forbidden: number
  withUnknown: number
  threeOrMoreSelect: number
  /** Callers by a session, and by an API key. */
  session: number
  key: number
}

export const createMix = (): Mix => ({
  pairs: 0,
  allow: 0,
  challenge: 0,
  unavailable: 0,
  forbidden: 0,
  withUnknown: 0,
  threeOrMoreSelect: 0,
  session: 0,
  key: 0,
})

export const describeMix = ({ pairs, ...counts }: Mix): string =>
  `${pairs} pairs: ${Object.entries(counts)
    .map(([name, count]) => `${name} ${((100 * count) / pairs).toFixed(1)} %`)
    .join(', ')}`

const hasUnknown = (facts: Facts): boolean =>
  Object.values(facts).includes(UNKNOWN) ||
  (facts.factors !== null && facts.factors !== UNKNOWN && facts.factors.some(({ at }) => at === UNKNOWN))

const selecting = (plan: Plan, facts: Facts): number =>
  plan.rules.filter(({ image, select, parts }) => image.shadow === null && select.tri(facts) === 1 && parts.what.tri(facts) === 1)
    .length

/** Counts one pair. */
export const addToMix = (mix: Mix, plan: Plan, judgements: readonly Facts[]): void => {
  const { outcome, class: denied } = decide(plan, judgements)
  mix.pairs++
  if (outcome !== 'deny') mix[outcome]++
  else mix[denied === 'unavailable' ? 'unavailable' : 'forbidden']++
  if (judgements.some(hasUnknown)) mix.withUnknown++
  if (judgements.some((facts) => selecting(plan, facts) >= 3)) mix.threeOrMoreSelect++
  if (judgements[0]?.credential === 'session') mix.session++
  if (judgements[0]?.credential === 'api-key') mix.key++
}
