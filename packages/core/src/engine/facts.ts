import type { AccessRequest } from '../model/access-request.ts'
import {
  ANONYMOUS,
  UNIDENTIFIED,
  type CredentialFacts,
  type Facts,
  type RequestFacts,
  type StateFacts,
  type TotalFacts,
} from '../model/fact.ts'
import type { Authentication } from '../model/identity.ts'
import type { Plan } from '../plan/plan.ts'

/** Everything but who calls. */
export type Circumstances = TotalFacts & RequestFacts & StateFacts

/** Facts of the request itself, in the service that claims it, and of what went before it. */
export const requestFacts = (
  request: AccessRequest,
  service: string,
  { plan, openings }: StateFacts & { readonly plan: Plan },
): Circumstances => ({
  now: request.at,
  service,
  host: request.host,
  method: request.method,
  path: request.path,
  headers: request.fields,
  upgrade: request.upgrade,
  operation: plan.operationFor(service, request.method, request.path.segments),
  address: request.transport.client,
  openings,
})

/** What is known of the caller: one view, or two for an agent that acts for a person. Rejected counts as anonymous. */
const views = (authentication: Authentication): readonly CredentialFacts[] => {
  if (authentication.status === 'unavailable') return [UNIDENTIFIED]
  if (authentication.status !== 'verified') return [ANONYMOUS]
  const { facts, behalf } = authentication.identity
  return behalf === null ? [facts] : [facts, behalf]
}

/** One judgement, or agent and person. */
export const judgementsOf = (circumstances: Circumstances, authentication: Authentication): readonly Facts[] =>
  views(authentication).map((view) => ({ ...circumstances, ...view }))

/** The request before anybody asked who calls. */
export const unidentified = (circumstances: Circumstances): readonly Facts[] => [{ ...circumstances, ...UNIDENTIFIED }]
