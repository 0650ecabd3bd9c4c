import { givenCodes } from './given-codes.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { ShadowOutcomes } from '../model/decision.ts'
import { UNKNOWN, type Factor } from '../model/fact.ts'
import type { Identity } from '../model/identity.ts'
import type { AuthenticationRecord, DecisionRecord, Json, WhoRecord } from '../model/log-record.ts'
import type { DecisionLog } from '../model/ports.ts'
import type { Judgement } from './judge.ts'
import { credentialJson, requestJson } from './record-facts.ts'
import type { Snapshot } from './snapshot.ts'

export interface Recording {
  readonly id: string
  readonly point: string
  readonly request: AccessRequest
  readonly judgement: Judgement
  readonly snapshot: Snapshot | null
  readonly shadow: ShadowOutcomes | null
  readonly holds: string | null
  /** ms */
  readonly took: number
}

const factorRecord = (now: number) => (factor: Factor) => ({
  level: factor.level,
  age: factor.at === UNKNOWN ? null : now - factor.at,
})

const whoOf = (identity: Identity, now: number): WhoRecord => {
  const { factors, kind } = identity.facts
  return {
    kind: typeof kind === 'string' ? kind : null,
    provider: identity.provider,
    subject: identity.subject,
    actingFor: typeof identity.facts.actingFor === 'string' ? identity.facts.actingFor : null,
    credential: identity.kind,
    credentialHash: identity.credentialHash,
    credentialId: identity.credentialId,
    factors: Array.isArray(factors) ? (factors as readonly Factor[]).map(factorRecord(now)) : [],
    ...(identity.unconfirmed ? { unconfirmed: true as const } : {}),
  }
}

/** What the log keeps of an identity does not change between requests: made once for each. */
export const createIdentityJson = (
  log: Pick<DecisionLog, 'pseudonym'>,
): ((identity: Identity) => Readonly<Record<string, Json>>) => {
  const made = new WeakMap<Identity, Readonly<Record<string, Json>>>()
  const claimsJson = (identity: Identity): Readonly<Record<string, Json>> => {
    const { claims } = identity.facts
    if (claims === null || claims === UNKNOWN || claims.size === 0) return {}
    const hashed = [...claims].flatMap(([name, value]) =>
      value === null || value === UNKNOWN ? [] : [[name, log.pseudonym(JSON.stringify(value))] as const],
    )
    return { claims: Object.fromEntries(hashed) }
  }
  return (identity) => {
    const known = made.get(identity)
    if (known !== undefined) return known
    const json = {
      ...credentialJson(identity.facts),
      ...claimsJson(identity),
      ...(identity.behalf === null ? {} : { behalf: credentialJson(identity.behalf) }),
    }
    made.set(identity, json)
    return json
  }
}

const identityOf = (judgement: Judgement): Identity | null =>
  judgement.authentication.status === 'verified' ? judgement.authentication.identity : null

/** Path of the canonical target, without query: what was decided. */
const pathOf = (request: AccessRequest): string =>
  request.query === null ? request.target : request.target.slice(0, request.target.length - request.query.length - 1)

/** The record of one decision. Every string of the caller's stays a JSON string. */
export const decisionRecord = (
  recording: Recording,
  identityJson: (identity: Identity) => Readonly<Record<string, Json>>,
): DecisionRecord => {
  const { request, judgement, snapshot } = recording
  const { decision, facts } = judgement
  const identity = identityOf(judgement)
  const unknown: Readonly<Record<string, Json>> = judgement.authentication.status === 'unavailable' ? { unidentified: true } : {}
  return {
    kind: 'decision',
    at: request.at,
    id: recording.id,
    point: recording.point,
    service: judgement.serviceName,
    method: request.method,
    host: request.host,
    path: pathOf(request),
    peer: request.transport.peer.text,
    client: request.transport.client.text,
    who: identity === null ? null : whoOf(identity, request.at),
    outcome: decision.outcome,
    class: decision.class,
    reasons: decision.reasons,
    remedy: decision.remedy,
    rule: decision.rule,
    exceptions: decision.exceptions,
    shadow: recording.shadow,
    digest: snapshot?.digest ?? null,
    facts: { ...requestJson(request, facts[0]), ...(identity === null ? unknown : identityJson(identity)) },
    verdicts: snapshot === null ? {} : givenCodes(snapshot.plan, facts),
    holds: recording.holds,
    latency: Math.round(recording.took * 1000),
  }
}

/** A credential that was not accepted, or could not be checked; null when there is nothing to say. */
export const authenticationRecord = (recording: Recording): AuthenticationRecord | null => {
  const { authentication, serviceName } = recording.judgement
  if (authentication.status !== 'rejected' && authentication.status !== 'unavailable') return null
  const { request } = recording
  return {
    kind: 'authentication',
    at: request.at,
    id: recording.id,
    point: recording.point,
    service: serviceName,
    peer: request.transport.peer.text,
    client: request.transport.client.text,
    outcome: authentication.status,
    code: authentication.code,
  }
}
