import { decide } from '../decision/decide.ts'
import { attempt } from '../lib/attempt.ts'
import type { AccessRequest, Tolerance } from '../model/access-request.ts'
import type { Decision, DenyClass } from '../model/decision.ts'
import { type Facts, type StateFacts, UNKNOWN } from '../model/fact.ts'
import type { Authentication, MaybePromise } from '../model/identity.ts'
import type { ServiceImage } from '../model/policy-image.ts'
import { authenticate, type CredentialPoint, refuseUnaccepted } from './authenticate.ts'
import { type Circumstances, judgementsOf, requestFacts, unidentified } from './facts.ts'
import type { Snapshot } from './snapshot.ts'

/** What judging one request came to. */
export interface Judgement {
  readonly decision: Decision
  readonly serviceName: string | null
  readonly service: ServiceImage | null
  readonly authentication: Authentication
  /** Empty when the request was refused before its facts were gathered. */
  readonly facts: readonly Facts[]
  readonly preflight: boolean
}

const NOT_ASKED: Authentication = { status: 'absent' }

const denied = (cls: DenyClass, code: string, holdsUntil = Number.POSITIVE_INFINITY): Decision => ({
  outcome: 'deny',
  class: cls,
  reasons: [{ code }],
  remedy: null,
  rule: null,
  public: false,
  exceptions: [],
  holdsUntil,
})

const ALLOWED_PREFLIGHT: Decision = {
  outcome: 'allow',
  class: null,
  reasons: [],
  remedy: null,
  rule: null,
  public: true,
  exceptions: [],
  holdsUntil: Number.POSITIVE_INFINITY,
}

/** A judgement that could not be made: whatever threw, the answer is deny. */
export const failedClosed = (): Judgement => early(denied('unavailable', 'engine.failed_closed'), null)
export const notReady = (): Judgement => early(denied('unavailable', 'engine.not_ready'), null)

/** The service that claims the request. */
export interface Where {
  readonly name: string
  readonly service: ServiceImage
}

const early = (decision: Decision, where: Where | null, preflight = false): Judgement => ({
  decision,
  serviceName: where?.name ?? null,
  service: where?.service ?? null,
  authentication: NOT_ASKED,
  facts: [],
  preflight,
})

const TOLERANCE_CODES: Readonly<Record<Tolerance, string>> = {
  'encoded-slash': 'request.encoded_slash',
  'encoded-delimiter': 'request.encoded_delimiter',
  semicolon: 'request.semicolon',
  'double-encoding': 'request.double_encoding',
}

/** Refuses a spelling that the service did not accept; null when there is none. */
export const refuseSpelling = (needs: readonly Tolerance[], where: Where): Judgement | null => {
  const need = needs.find((each) => !where.service.routing.accepts.includes(each))
  return need === undefined ? null : early(denied('refused', TOLERANCE_CODES[need]), where)
}

const isPreflight = (request: AccessRequest): boolean =>
  request.method === 'OPTIONS' && request.fields.has('origin') && request.fields.has('access-control-request-method')

/** A preflight carries no credential and asks for nothing but the service's list: it is answered from the list alone. */
const judgePreflight = (request: AccessRequest, where: Where): Judgement => {
  const origins = where.service.cors?.origins ?? []
  const listed = origins.includes(request.fields.get('origin')?.[0] ?? '')
  return early(listed ? ALLOWED_PREFLIGHT : denied('forbidden', 'cors.origin'), where, true)
}

/** A credential that is not acceptable decides, unless the request is allowed without one: public means public. */
const withRejection = (decision: Decision, authentication: Authentication): Decision => {
  if (authentication.status !== 'rejected' || authentication.lapsed) return decision
  if (authentication.http === 400) return denied('refused', authentication.code)
  // A browser was made to send its session: what anybody may do goes on, and nobody is asked to log in.
  if (authentication.http === 403) return decision.outcome === 'allow' ? decision : denied('refused', authentication.code)
  return decision.outcome === 'challenge' ? denied('refused', authentication.code) : decision
}

const withOutage = (decision: Decision, authentication: Authentication): Decision => {
  if (authentication.status !== 'unavailable' || decision.class !== 'unavailable') return decision
  return { ...decision, reasons: [{ code: authentication.code }, ...decision.reasons] }
}

const withExpiry = (decision: Decision, authentication: Authentication): Decision => {
  if (authentication.status !== 'verified' || decision.public) return decision
  const { expiresAt } = authentication.identity
  return expiresAt < decision.holdsUntil ? { ...decision, holdsUntil: expiresAt } : decision
}

/** Decides with what is known of the caller. */
export const conclude = (
  snapshot: Snapshot,
  parts: {
    readonly circumstances: Circumstances
    readonly where: Where
    readonly authentication: Authentication
  },
): Judgement => {
  const { where, authentication } = parts
  const facts = judgementsOf(parts.circumstances, authentication)
  const plain = decide(snapshot.plan, facts)
  const decision = withExpiry(withOutage(withRejection(plain, authentication), authentication), authentication)
  return { decision, serviceName: where.name, service: where.service, authentication, facts, preflight: false }
}

/** A refusal that no identity can change is final before anything of the credential is looked at. */
export const refuseEveryone = (snapshot: Snapshot, circumstances: Circumstances, where: Where): Judgement | null => {
  if (snapshot.mayRefuseEveryone === null) return null
  const facts = unidentified(circumstances)
  if (!snapshot.mayRefuseEveryone(facts[0] as Facts)) return null
  const decision = decide(snapshot.plan, facts)
  return decision.outcome === 'deny' && decision.class === 'forbidden' ? { ...early(decision, where), facts } : null
}

/** The request was no request that HTTP could carry, or one that is read in several ways. */
export const malformed = (code: string): Judgement => early(denied('refused', code), null)

/** No service claims the host and path. */
export const claimedByNobody = (): Judgement => early(denied('forbidden', 'service.none'), null)

/** Where a judgement has its facts from. */
export interface Sources {
  readonly points: readonly CredentialPoint[]
  readonly openings: (snapshot: Snapshot, now: number) => StateFacts['openings']
}

interface Asked extends Sources {
  readonly request: AccessRequest
}

interface Unseen {
  readonly request: AccessRequest
  readonly circumstances: Circumstances
  readonly where: Where
}

/** What is decided before anybody looks at the credential: spelling, preflight, a refusal that no identity can change. */
const judgeUnseen = (snapshot: Snapshot, { request, circumstances, where }: Unseen): Judgement | null => {
  const misspelt = refuseSpelling(request.needs, where)
  if (misspelt !== null) return misspelt
  if (where.service.cors !== null && isPreflight(request)) return judgePreflight(request, where)
  return refuseEveryone(snapshot, circumstances, where)
}

const judgeIn = (snapshot: Snapshot, { points, request, openings }: Asked, where: Where): MaybePromise<Judgement> => {
  const read = () => openings(snapshot, request.at)
  const circumstances = requestFacts(request, where.name, { plan: snapshot.plan, openings: read() })
  const unseen = judgeUnseen(snapshot, { request, circumstances, where })
  if (unseen !== null) return unseen
  const target = {
    serviceName: where.name,
    service: where.service,
    image: snapshot.plan.image,
    imageDigest: snapshot.digest.policy,
    now: request.at,
    address: request.transport.client,
  }
  const authentication = authenticate(points, request, target)
  if (!(authentication instanceof Promise)) return conclude(snapshot, { circumstances, where, authentication })
  // Something may have been opened, or have closed, while the caller's keys were fetched.
  return authentication.then((known) =>
    conclude(snapshot, { circumstances: { ...circumstances, openings: read() }, where, authentication: known }),
  )
}

/** A caller who comes with a kind of credential that the service does not accept fares as at a point. */
const asAccepted = (authentication: Authentication, { credentials }: ServiceImage): Authentication => {
  if (authentication.status !== 'verified') return authentication
  const { credential } = authentication.identity.facts
  const isAccepted = credential === null || credential === UNKNOWN || credentials.includes(credential)
  return isAccepted ? authentication : refuseUnaccepted(credential === 'session')
}

/** Judges a request whose caller is known without a credential: for cases, matrices and explanations. */
export const judgeAs = (
  snapshot: Snapshot,
  request: AccessRequest,
  { authenticate: known, openings }: StateFacts & { readonly authenticate: (service: ServiceImage) => Authentication },
): Judgement => {
  const found = snapshot.plan.serviceFor(request.host, request.path.segments)
  if (found === null) return claimedByNobody()
  const where = { name: found.name, service: found.image }
  const authentication = asAccepted(known(where.service), where.service)
  const circumstances = requestFacts(request, where.name, { plan: snapshot.plan, openings })
  return judgeUnseen(snapshot, { request, circumstances, where }) ?? conclude(snapshot, { circumstances, where, authentication })
}

/** Judges one request under one snapshot: match, authenticate, gather, decide. A throw or rejection anywhere becomes deny. */
export const judge = (snapshot: Snapshot, sources: Sources, request: AccessRequest): MaybePromise<Judgement> => {
  const made = attempt(() => {
    const found = snapshot.plan.serviceFor(request.host, request.path.segments)
    return found === null
      ? claimedByNobody()
      : judgeIn(snapshot, { ...sources, request }, { name: found.name, service: found.image })
  })
  if (!made.ok) return failedClosed()
  return made.value instanceof Promise ? made.value.catch(failedClosed) : made.value
}
