import { parseAddress } from '../lib/address.ts'
import type { Method } from '../model/access-request.ts'
import type { Condition } from '../model/condition.ts'
import type { Decision, PolicyDigest } from '../model/decision.ts'
import { CREDENTIAL_KINDS, type CredentialKind, type Facts, UNKNOWN } from '../model/fact.ts'
import type { Authentication } from '../model/identity.ts'
import type { DecisionRecord, Json, WhoRecord } from '../model/log-record.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { buildPlan } from '../plan/build.ts'
import { withGiven } from '../plan/given.ts'
import type { Plan } from '../plan/plan.ts'
import { parsePath } from '../request/path.ts'
import type { Circumstances } from './facts.ts'
import { codesOfJudgement } from './given-codes.ts'
import { claimedByNobody, conclude, type Judgement, refuseEveryone, refuseSpelling, type Where } from './judge.ts'
import { readCredentialJson, readOpeningsJson } from './record-facts.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'

export interface Replay {
  readonly plan: Plan
  /** The facts of the record; empty when the request was refused before its facts were gathered. */
  readonly facts: readonly Facts[]
  /** What is decided now; as recorded where the record does not hold enough to decide. */
  readonly decision: Decision
  /** Decided again, and not only read. Malformed requests, preflights and failures of the engine are read. */
  readonly judged: boolean
  /** Outcome, class, rule, exceptions, reasons and remedy are those of the record. */
  readonly same: boolean
}

type Kept = Readonly<Record<string, Json>>

const NO_DIGEST: PolicyDigest = { policy: '', data: '' }

/** A preflight is answered from the service's list and a header the log does not keep. */
const isPreflight = ({ method, outcome, rule, reasons }: DecisionRecord): boolean =>
  method === 'OPTIONS' && ((outcome === 'allow' && rule === null) || reasons.some(({ code }) => code === 'cors.origin'))

const isReadOnly = (record: DecisionRecord): boolean =>
  record.path === null || isPreflight(record) || record.reasons.some(({ code }) => code.startsWith('engine.'))

interface Place {
  readonly plan: Plan
  readonly where: Where
  readonly segments: readonly string[]
}

const circumstancesOf = (record: DecisionRecord, { plan, where, segments }: Place): Circumstances => {
  const method = record.method as Method
  return {
    now: record.at,
    service: where.name,
    host: record.host,
    method,
    path: { segments, trailingSlash: record.facts.trailingSlash === true },
    headers: UNKNOWN,
    upgrade: record.facts.upgrade === 'websocket' ? 'websocket' : null,
    operation: plan.operationFor(where.name, method, segments),
    address: record.client === null ? null : parseAddress(record.client),
    openings: readOpeningsJson(record.facts['openings']),
  }
}

const keptOfPerson = (facts: Kept): Kept | null => {
  const { behalf } = facts
  return typeof behalf === 'object' && behalf !== null && !Array.isArray(behalf) ? (behalf as Kept) : null
}

const kindOf = ({ credential }: WhoRecord): CredentialKind => CREDENTIAL_KINDS.find((kind) => kind === credential) ?? 'jwt'

const verifiedOf = (who: WhoRecord, record: DecisionRecord): Authentication => {
  const person = keptOfPerson(record.facts)
  const facts = readCredentialJson(record.facts)
  const behalf =
    person === null
      ? null
      : (withGiven(readCredentialJson(person) as Facts, codesOfJudgement(record.verdicts, 1)) as typeof facts)
  const { provider, subject, credentialHash, credentialId } = who
  const expiresAt = Number.POSITIVE_INFINITY
  return {
    status: 'verified',
    identity: {
      facts,
      behalf,
      kind: kindOf(who),
      credentialHash,
      provider,
      subject,
      credentialId,
      expiresAt,
      unconfirmed: false,
    },
  }
}

const statusOf = (code: string): 400 | 401 | 403 => {
  if (code.endsWith('.several')) return 400
  return code === 'session.cross_origin' ? 403 : 401
}

/** How authenticating came out. A rejected credential that changed nothing left no trace in the decision, and counts as none. */
const authenticationOf = (record: DecisionRecord): Authentication => {
  const code = record.reasons[0]?.code ?? ''
  if (record.who !== null) return verifiedOf(record.who, record)
  if (record.facts.unidentified === true) return { status: 'unavailable', code }
  if (record.class !== 'refused') return { status: 'absent' }
  return { status: 'rejected', code, http: statusOf(code) }
}

const judgeAgain = (snapshot: Snapshot, record: DecisionRecord): Judgement => {
  const path = parsePath(record.path ?? '')
  const segments = typeof path === 'string' ? [] : path.fact.segments
  const found = typeof path === 'string' ? null : snapshot.plan.serviceFor(record.host, segments)
  if (found === null || typeof path === 'string') return claimedByNobody()
  const where: Where = { name: found.name, service: found.image }
  const bare = circumstancesOf(record, { plan: snapshot.plan, where, segments })
  const circumstances = withGiven(bare as Facts, codesOfJudgement(record.verdicts, 0))
  return (
    refuseSpelling(path.needs, where) ??
    refuseEveryone(snapshot, circumstances, where) ??
    conclude(snapshot, { circumstances, where, authentication: authenticationOf(record) })
  )
}

const recorded = ({ outcome, class: cls, reasons, remedy, rule, exceptions, at }: DecisionRecord): Decision => ({
  outcome,
  class: cls,
  reasons,
  remedy,
  rule,
  public: false,
  exceptions,
  holdsUntil: at,
})

/** What two decisions must agree on, in one order of members: a record read back may hold them in another. */
const essence = ({ outcome, class: cls, reasons, remedy, rule, exceptions }: Decision | DecisionRecord): string =>
  JSON.stringify([
    [outcome, cls, rule, exceptions],
    reasons.map((reason) => [reason.code, reason.rule ?? null, reason.condition ?? null]),
    remedy === null ? null : [remedy.login?.maxAge, remedy.stepUp?.level, remedy.stepUp?.maxAge, remedy.acr, remedy.scopes],
  ])

/**
 * Judges a recorded request again, under the policy it was judged by and by the same steps. Values the log does not keep are
 * replaced by the verdicts it kept in their place. Not checked: that the record is as it was written (verifyLog does), and that
 * the image is the one its digest names (the image store does).
 */
export const replayDecision = (record: DecisionRecord, image: PolicyImage, conditions: readonly Condition[]): Replay => {
  const digest = record.digest ?? NO_DIGEST
  const plan = buildPlan(image, { conditions, digest })
  if (isReadOnly(record)) return { plan, facts: [], decision: recorded(record), judged: false, same: true }
  const { facts, decision } = judgeAgain(snapshotOf(plan, digest), record)
  return { plan, facts, decision, judged: true, same: essence(decision) === essence(record) }
}
