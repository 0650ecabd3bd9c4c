import { decide } from '../decision/decide.ts'
import type { Condition } from '../model/condition.ts'
import type { Decision, PolicyDigest } from '../model/decision.ts'
import { ANONYMOUS, type Facts, UNIDENTIFIED, UNKNOWN } from '../model/fact.ts'
import type { Method } from '../model/access-request.ts'
import type { DecisionRecord, Json } from '../model/log-record.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { parseAddress } from '../lib/address.ts'
import { attempt } from '../lib/attempt.ts'
import { buildPlan } from '../plan/build.ts'
import { withGiven } from '../plan/given.ts'
import type { Plan } from '../plan/plan.ts'
import { codesOfJudgement } from './given-codes.ts'
import { readCredentialJson } from './record-facts.ts'

export interface Replay {
  readonly plan: Plan
  /** The facts of the record; empty when the request was refused before it was judged by rules. */
  readonly facts: readonly Facts[]
  readonly decision: Decision
  /** Outcome and class are those of the record. */
  readonly same: boolean
}

/** Decisions that no rule made: the request or the credential was refused as it stood. */
const BEFORE_RULES = /^(request|service|path|cors|engine|log|credential)\./

const segmentsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      const decoded = attempt(() => decodeURIComponent(segment))
      return decoded.ok ? decoded.value : segment
    })

const requestOf = (record: DecisionRecord, plan: Plan): Omit<Facts, keyof typeof ANONYMOUS> => {
  const segments = segmentsOf(record.path ?? '/')
  const method = record.method as Method
  return {
    now: record.at,
    service: record.service ?? '',
    host: record.host,
    method,
    path: { segments, trailingSlash: record.facts.trailingSlash === true },
    headers: UNKNOWN,
    upgrade: record.facts.upgrade === 'websocket' ? 'websocket' : null,
    operation: plan.operationFor(record.service ?? '', method, segments),
    address: record.client === null ? null : parseAddress(record.client),
  }
}

const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const callersOf = ({ facts, who }: DecisionRecord) => {
  if (facts.unidentified === true) return [UNIDENTIFIED]
  if (who === null) return [ANONYMOUS]
  const { behalf } = facts
  return isMap(behalf) ? [readCredentialJson(facts), readCredentialJson(behalf)] : [readCredentialJson(facts)]
}

const factsOf = (record: DecisionRecord, plan: Plan): readonly Facts[] => {
  const request = requestOf(record, plan)
  return callersOf(record).map((caller, index) => withGiven({ ...request, ...caller }, codesOfJudgement(record.verdicts, index)))
}

/**
 * Judges a recorded request again, under the policy it was judged by. Values the log does not keep are replaced by the verdicts
 * it kept in their place. A request refused before rules were asked has nothing to judge: its decision is returned as recorded.
 */
export const replayDecision = (record: DecisionRecord, image: PolicyImage, conditions: readonly Condition[]): Replay => {
  const plan = buildPlan(image, { conditions, digest: record.digest as PolicyDigest })
  if (record.path === null || record.service === null || record.reasons.some(({ code }) => BEFORE_RULES.test(code))) {
    const { outcome, reasons, remedy, rule, exceptions } = record
    const decision = { outcome, class: record.class, reasons, remedy, rule, public: false, exceptions, holdsUntil: record.at }
    return { plan, facts: [], decision, same: true }
  }
  const facts = factsOf(record, plan)
  const decision = decide(plan, facts)
  return { plan, facts, decision, same: decision.outcome === record.outcome && decision.class === record.class }
}
