import type { AccessRequest } from '../model/access-request.ts'
import type { Authentication, Authenticator, CredentialDefinition, CredentialTarget, MaybePromise } from '../model/identity.ts'
import type { ReasonCode } from '../model/reason.ts'
import type { ServiceImage } from '../model/policy-image.ts'

export interface CredentialPoint {
  readonly definition: CredentialDefinition
  readonly authenticator: Authenticator
}

const ABSENT: Authentication = { status: 'absent' }
const rejected = (code: string, http: 400 | 401 | 403): Authentication => ({ status: 'rejected', code, http })

interface Found {
  readonly point: CredentialPoint
  readonly value: string | null
  readonly malformed: string | null
}

/** What the request brings. An ambient credential that the service does not accept is none. */
const findAll = (points: readonly CredentialPoint[], request: AccessRequest, service: ServiceImage): readonly Found[] => {
  const found: Found[] = []
  for (const point of points) {
    const { definition } = point
    if (definition.ambient && !service.credentials.includes(definition.kind)) continue
    const artefact = definition.find(request)
    if (artefact === null) continue
    found.push(
      'malformed' in artefact
        ? { point, value: null, malformed: artefact.malformed }
        : { point, value: artefact.value, malformed: null },
    )
  }
  return found
}

const refuseMalformed = (code: ReasonCode, { ambient }: CredentialDefinition): Authentication => {
  if (code.endsWith('.several')) return rejected(code, 400)
  return ambient ? { status: 'rejected', code, http: 401, lapsed: true } : rejected(code, 401)
}

/** What becomes of an identity that comes with a kind the service does not accept. */
export const refuseUnaccepted = (ambient: boolean): Authentication =>
  ambient ? ABSENT : rejected('credential.not_accepted', 401)

/**
 * One credential of the kinds the service accepts. Several are refused (RFC 6750 section 2: a client must not use more than
 * one method), as is one the service does not accept. Synchronous when caches are warm.
 */
export const authenticate = (
  points: readonly CredentialPoint[],
  request: AccessRequest,
  target: CredentialTarget,
): MaybePromise<Authentication> => {
  const found = findAll(points, request, target.service)
  const only = found[0]
  if (only === undefined) return ABSENT
  if (found.length > 1) return rejected('credential.several', 400)
  if (only.malformed !== null) return refuseMalformed(only.malformed, only.point.definition)
  // An ambient one was passed over already.
  if (!target.service.credentials.includes(only.point.definition.kind)) return refuseUnaccepted(false)
  const barred = only.point.definition.bars?.(request, target.service) ?? null
  if (barred !== null) return rejected(barred, 403)
  return only.point.authenticator.verify(only.value ?? '', target)
}
