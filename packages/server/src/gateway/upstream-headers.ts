import {
  type AccessRequest,
  authorityOf,
  createManagedByService,
  type Evaluation,
  forwardableHeaders,
  type HeaderLine,
  type Identity,
  identityHeaders,
  type ServiceImage,
} from '@balustrade/core/kit'

/** Where the request came from, said by us alone: what a client sent under these names was dropped. */
const provenance = (request: AccessRequest): readonly HeaderLine[] => [
  ['x-forwarded-for', request.transport.client.text],
  ['x-forwarded-host', authorityOf(request)],
  ['x-forwarded-proto', request.transport.scheme],
  ['x-real-ip', request.transport.client.text],
]

/** Makes the header of a request as an upstream receives it: names and values by turns, without framing. */
export type UpstreamHeaders = (evaluation: Evaluation, request: AccessRequest, assertion: string) => string[]

/** The lines that say who calls are the same for as long as the assertion is, which is made for one credential and service. */
interface Kept {
  readonly assertion: string
  readonly service: ServiceImage
  readonly lines: readonly HeaderLine[]
}

const createIdentityLines = () => {
  const made = new WeakMap<Identity, Kept>()
  return (evaluation: Evaluation, assertion: string): readonly HeaderLine[] => {
    const { identity, service } = evaluation
    if (identity === null || service === null) return identityHeaders(evaluation, assertion)
    const known = made.get(identity)
    if (known !== undefined && known.assertion === assertion && known.service === service) return known.lines
    const lines = identityHeaders(evaluation, assertion)
    made.set(identity, { assertion, service, lines })
    return lines
  }
}

const add = (list: string[], lines: readonly HeaderLine[]): void => {
  for (const line of lines) list.push(line[0], line[1])
}

/**
 * The client's end-to-end fields without managed names in any spelling, then ours. The caller's credential goes along only
 * where the service asks for it.
 */
export const createUpstreamHeaders = (): UpstreamHeaders => {
  const managedBy = createManagedByService()
  const identityLines = createIdentityLines()
  return (evaluation, request, assertion) => {
    const { service } = evaluation
    const list = ['host', authorityOf(request)]
    if (service !== null) add(list, forwardableHeaders(request, managedBy(service)))
    add(list, provenance(request))
    add(list, identityLines(evaluation, assertion))
    list.push('balustrade-decision', evaluation.id)
    return list
  }
}
