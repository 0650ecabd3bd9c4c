import {
  type AccessRequest,
  createManagedByService,
  type Evaluation,
  forwardableHeaders,
  framingOf,
  type HeaderLine,
  identityHeaders,
} from '@balustrade/core/kit'

const authority = (request: AccessRequest): string => (request.port === null ? request.host : `${request.host}:${request.port}`)

/** Where the request came from, said by us alone: what a client sent under these names was dropped. */
const provenance = (request: AccessRequest): readonly HeaderLine[] => [
  ['x-forwarded-for', request.transport.client.text],
  ['x-forwarded-host', authority(request)],
  ['x-forwarded-proto', request.transport.scheme],
  ['x-real-ip', request.transport.client.text],
]

/** The body's length as we read it. Chunked bodies are framed anew by the client that sends them on. */
const framing = (request: AccessRequest): readonly HeaderLine[] => {
  const stated = framingOf(request.fields)
  return typeof stated === 'number' && stated > 0 ? [['content-length', String(stated)]] : []
}

/** Makes the header of a request as an upstream receives it. */
export type UpstreamHeaders = (evaluation: Evaluation, request: AccessRequest, assertion: string) => readonly HeaderLine[]

/**
 * The client's end-to-end fields without managed names in any spelling, then ours. The caller's credential goes along only
 * where the service asks for it.
 */
export const createUpstreamHeaders = (): UpstreamHeaders => {
  const managedBy = createManagedByService()
  return (evaluation, request, assertion) => {
    const { service } = evaluation
    const client = service === null ? [] : forwardableHeaders(request, managedBy(service))
    return [
      ['host', authority(request)],
      ...client,
      ...framing(request),
      ...provenance(request),
      ...identityHeaders(evaluation, assertion),
      ['balustrade-decision', evaluation.id],
    ]
  }
}
