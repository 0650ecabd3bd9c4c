// Evaluate, hold, swap, record: what an enforcement point asks (NIST SP 800-207: policy administrator beside the PDP). Knows no HTTP framing.
import { shadow } from '../decision/shadow.ts'
import { attempt } from '../lib/attempt.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Condition } from '../model/condition.ts'
import type { Decision } from '../model/decision.ts'
import type { Completion, Engine, Evaluation, MalformedRequest, Opened, PreparedImage } from '../model/engine.ts'
import type { KeyReader, SessionReader } from '../model/credential-ports.ts'
import type { CredentialDefinition, CredentialTrouble, MaybePromise } from '../model/identity.ts'
import type { DecisionRecord } from '../model/log-record.ts'
import type { Clock, DecisionLog, ImageStore, KeptUse, LogReceipt, OpeningLedger } from '../model/ports.ts'
import type { CredentialPoint } from './authenticate.ts'
import { createDecisionIds } from './decision-id.ts'
import { createHolds } from './hold.ts'
import { failedClosed, type Judgement, judge, notReady, type Sources } from './judge.ts'
import { areDurable, readOpenings, useOpenings } from './openings.ts'
import { authenticationRecord, createIdentityJson, decisionRecord, type Recording } from './record.ts'
import { createSnapshot, type Snapshot } from './snapshot.ts'

export interface EngineParts {
  readonly conditions: readonly Condition[]
  readonly credentials: readonly CredentialDefinition[]
  /** Name of the enforcement point in every record. */
  readonly point: string
  readonly log: DecisionLog
  readonly images: ImageStore
  readonly openings: OpeningLedger
  readonly clock: Clock
  /** Null: this point keeps no sessions. */
  readonly sessions: SessionReader | null
  /** Null: this point knows no API keys. */
  readonly keys: KeyReader | null
  /** Told of key refreshes that fail and the like; never of a caller. */
  readonly onTrouble: (trouble: CredentialTrouble) => void
  /** Told when a break-glass exception opens. */
  readonly onOpened: (opened: Opened) => void
}

interface Context {
  readonly parts: EngineParts
  readonly sources: Sources
  readonly nextId: (now: number) => string
  readonly identityJson: ReturnType<typeof createIdentityJson>
}

const shadowOf = (snapshot: Snapshot, judgement: Judgement) => {
  if (judgement.facts.length === 0) return null
  const made = attempt(() => shadow(snapshot.plan, judgement.facts))
  return made.ok ? made.value : null
}

/** Writes what was decided; a record that cannot be made counts as one that cannot be kept. */
const write = ({ parts, identityJson }: Context, recording: Recording): LogReceipt => {
  const made = attempt((): DecisionRecord => decisionRecord(recording, identityJson))
  if (!made.ok) return { accepted: false, durable: async () => false }
  const authentication = authenticationRecord(recording)
  if (authentication !== null) parts.log.append(authentication)
  return parts.log.append(made.value)
}

/** Strict services act only on what is on disk; others on what is in the window, unless it rests on an emergency. */
const settledBy = (judgement: Judgement, receipt: LogReceipt, uses: readonly KeptUse[]): (() => MaybePromise<boolean>) => {
  const recorded = judgement.service?.audit === 'strict' ? receipt.durable : () => true
  return uses.length === 0 ? recorded : async () => (await areDurable(uses)) && (await recorded())
}

const useOf = ({ parts }: Context, { snapshot, judgement, request }: Omit<Judged, 'began' | 'holds'>, id: string | null) =>
  snapshot === null ? [] : useOpenings(parts, { glasses: snapshot.glasses, judgement, at: request.at, id })

const completeBy = (context: Context, id: string, began: number) => {
  let done = false
  return (completion: Completion) => {
    if (done) return
    done = true
    const { clock, log } = context.parts
    log.append({ kind: 'completion', at: clock.now(), id, duration: Math.round(clock.monotonic() - began), ...completion })
  }
}

const rejectionOf = ({ authentication }: Judgement): Evaluation['rejected'] =>
  authentication.status === 'rejected' ? { code: authentication.code, http: authentication.http } : null

interface Judged {
  readonly request: AccessRequest
  readonly snapshot: Snapshot | null
  readonly judgement: Judgement
  readonly began: number
  readonly holds: string | null
}

const evaluationOf = (context: Context, judged: Judged): Evaluation => {
  const { request, snapshot, judgement, began } = judged
  const id = context.nextId(request.at)
  const took = context.parts.clock.monotonic() - began
  const uses = useOf(context, judged, id)
  const seen = snapshot === null ? null : shadowOf(snapshot, judgement)
  const receipt = write(context, {
    id,
    point: context.parts.point,
    request,
    judgement,
    snapshot,
    shadow: seen,
    holds: judged.holds,
    took,
  })
  return {
    id,
    decision: judgement.decision,
    digest: snapshot?.digest ?? null,
    serviceName: judgement.serviceName,
    service: judgement.service,
    image: snapshot?.plan.image ?? null,
    identity: judgement.authentication.status === 'verified' ? judgement.authentication.identity : null,
    rejected: rejectionOf(judgement),
    preflight: judgement.preflight,
    settled: settledBy(judgement, receipt, uses),
    complete: completeBy(context, id, began),
  }
}

const refuseMalformed = (context: Context, snapshot: Snapshot | null, malformed: MalformedRequest): string => {
  const id = context.nextId(malformed.at)
  context.parts.log.append({
    kind: 'decision',
    at: malformed.at,
    id,
    point: context.parts.point,
    service: null,
    method: malformed.method,
    host: malformed.host,
    path: null,
    peer: malformed.peer,
    client: null,
    who: null,
    outcome: 'deny',
    class: 'refused',
    reasons: [{ code: malformed.code }],
    remedy: null,
    rule: null,
    exceptions: [],
    shadow: null,
    digest: snapshot?.digest ?? null,
    facts: {},
    verdicts: {},
    holds: null,
    latency: 0,
  })
  return id
}

const createPoints = ({ credentials, clock, sessions, keys, onTrouble }: EngineParts): readonly CredentialPoint[] =>
  credentials.map((definition) => ({ definition, authenticator: definition.create({ clock, sessions, keys, onTrouble }) }))

/** Keeps and announces a policy before it is in force, so that every decision's digest can be looked up. */
const announce = async ({ parts }: Context, prepared: PreparedImage): Promise<void> => {
  const kept = await parts.images.keep(prepared.digest.policy, prepared.canonical)
  parts.log.append({
    kind: 'policy',
    at: parts.clock.now(),
    action: 'loaded',
    digest: prepared.digest,
    detail: { rules: prepared.image.rules.length, kept },
  })
}

/** Makes the engine. It refuses everything as `engine.not_ready` until the first `swap`. */
export const createEngine = (parts: EngineParts): Engine => {
  const context: Context = {
    parts,
    sources: {
      points: createPoints(parts),
      openings: ({ glasses }, now) => readOpenings(glasses, parts.openings, now),
    },
    nextId: createDecisionIds(),
    identityJson: createIdentityJson(parts.log),
  }
  let snapshot: Snapshot | null = null

  const judgeNow = (request: AccessRequest, taken: Snapshot | null): MaybePromise<Judgement> =>
    taken === null ? notReady() : judge(taken, context.sources, request)

  const evaluateFor = (request: AccessRequest, holds: string | null): MaybePromise<Evaluation> => {
    const began = parts.clock.monotonic()
    const taken = snapshot
    const finish = (judgement: Judgement) => evaluationOf(context, { request, snapshot: taken, judgement, began, holds })
    const judgement = judgeNow(request, taken)
    return judgement instanceof Promise ? judgement.then(finish, () => finish(failedClosed())) : finish(judgement)
  }

  const holds = createHolds({
    clock: parts.clock,
    isCurrent: ({ digest }) => digest === (snapshot?.digest ?? null),
    rejudge: async (request): Promise<Decision> => {
      const taken = snapshot
      const judgement = await judgeNow(request, taken)
      const uses = useOf(context, { request, snapshot: taken, judgement }, null)
      return (await areDurable(uses)) ? judgement.decision : failedClosed().decision
    },
    record: (request, opened) => void evaluateFor(request, opened),
  })

  return {
    evaluate: (request) => evaluateFor(request, null),
    refuse: (malformed) => refuseMalformed(context, snapshot, malformed),
    serviceAt: (host, segments) => {
      const found = snapshot?.plan.serviceFor(host, segments)
      return snapshot === null || found == null ? null : { service: found.image, image: snapshot.plan.image }
    },
    hold: holds.hold,
    swap: async (prepared) => {
      const made = await createSnapshot(prepared, parts.conditions)
      await announce(context, prepared)
      snapshot = made
      holds.rejudgeAll()
      return made.digest
    },
    recheck: holds.rejudgeAll,
    digest: () => snapshot?.digest ?? null,
    close: async () => {
      holds.close()
      for (const point of context.sources.points) point.authenticator.close()
      await parts.log.close()
    },
  }
}
