import type { AccessRequest } from '../model/access-request.ts'
import type { Authentication, Authenticator, CredentialDefinition, CredentialTarget, MaybePromise } from '../model/identity.ts'

export interface CredentialPoint {
  readonly definition: CredentialDefinition
  readonly authenticator: Authenticator
}

const ABSENT: Authentication = { status: 'absent' }
const rejected = (code: string, http: 400 | 401): Authentication => ({ status: 'rejected', code, http })

interface Found {
  readonly point: CredentialPoint
  readonly value: string | null
  readonly malformed: string | null
}

const findAll = (points: readonly CredentialPoint[], request: AccessRequest): readonly Found[] => {
  const found: Found[] = []
  for (const point of points) {
    const artefact = point.definition.find(request)
    if (artefact === null) continue
    found.push(
      'malformed' in artefact
        ? { point, value: null, malformed: artefact.malformed }
        : { point, value: artefact.value, malformed: null },
    )
  }
  return found
}

/**
 * One credential of the kinds the service accepts. Several are refused (RFC 6750 section 2: a client must not use more than
 * one method), as is one the service does not accept. Synchronous when caches are warm.
 */
export const authenticate = (
  points: readonly CredentialPoint[],
  request: AccessRequest,
  target: CredentialTarget,
): MaybePromise<Authentication> => {
  const found = findAll(points, request)
  const only = found[0]
  if (only === undefined) return ABSENT
  if (found.length > 1) return rejected('credential.several', 400)
  if (only.malformed !== null) return rejected(only.malformed, only.malformed === 'credential.several' ? 400 : 401)
  if (!target.service.credentials.includes(only.point.definition.kind)) return rejected('credential.not_accepted', 401)
  return only.point.authenticator.verify(only.value ?? '', target)
}
