import {
  buildPlan,
  CONDITIONS,
  type Decision,
  explain,
  type Explanation,
  type Facts,
  fromDescription,
  type Plan,
  type PolicyImage,
  prepareImage,
} from '@balustrade/core/kit'
import { type CallerWords, factsFromWords } from '@balustrade/core/policy'

/** A request in the words of a case. */
export interface Described {
  /** `POST https://console.example.com/users`. */
  readonly request: string
  readonly as: CallerWords
  readonly from: string | null
  readonly when: number
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly upgrade: 'websocket' | null
}

export type JudgedDescription =
  | { readonly ok: true; readonly decision: Decision; readonly explanation: Explanation; readonly service: string }
  | { readonly ok: false; readonly code: string }

export const planOf = (image: PolicyImage): Plan =>
  buildPlan(image, { conditions: CONDITIONS, digest: prepareImage(image).digest })

const factsOf = (plan: Plan, described: Described): readonly Facts[] | string => {
  const made = fromDescription({
    request: described.request,
    headers: described.headers,
    at: described.when,
    ...(described.from === null ? {} : { from: described.from }),
    ...(described.upgrade === null ? {} : { upgrade: described.upgrade }),
  })
  if (!made.ok) return made.code
  const { request } = made
  const found = plan.serviceFor(request.host, request.path.segments)
  if (found === null) return 'service.none'
  const { facts, behalf } = factsFromWords(described.as, { image: plan.image, now: described.when })
  const base = {
    now: request.at,
    service: found.name,
    host: request.host,
    method: request.method,
    path: request.path,
    headers: request.fields,
    upgrade: request.upgrade,
    operation: plan.operationFor(found.name, request.method, request.path.segments),
    address: request.transport.client,
  }
  return [facts, ...(behalf === null ? [] : [behalf])].map((caller) => ({ ...base, ...caller }))
}

/** Judges a described request as a point would, without a credential to verify: the words say who calls. */
export const judgeDescription = (plan: Plan, described: Described): JudgedDescription => {
  const facts = factsOf(plan, described)
  if (typeof facts === 'string') return { ok: false, code: facts }
  const explanation = explain(plan, facts)
  return { ok: true, decision: explanation.decision, explanation, service: facts[0]?.service ?? '' }
}
