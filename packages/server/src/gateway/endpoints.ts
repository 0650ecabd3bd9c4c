import { type AccessRequest, type Endpoint, RESERVED_SEGMENT } from '@balustrade/core/kit'

/** Finds the endpoint that a request is for; null: none is at this path, or none for this method. HEAD is served as GET. */
export type Endpoints = (request: AccessRequest) => Endpoint | null

const keyOf = (method: string, segments: readonly string[]): string => JSON.stringify([method, ...segments])

export const createEndpoints = (list: readonly Endpoint[]): Endpoints => {
  const byPlace = new Map(list.map((endpoint) => [keyOf(endpoint.method, endpoint.segments), endpoint]))
  return ({ method, path }) => {
    if (path.segments[0] !== RESERVED_SEGMENT || path.trailingSlash) return null
    return byPlace.get(keyOf(method === 'HEAD' ? 'GET' : method, path.segments.slice(1))) ?? null
  }
}
