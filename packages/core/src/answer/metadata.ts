import type { AccessRequest } from '../model/access-request.ts'
import { originOf } from '../model/origin.ts'
import type { PolicyImage, ServiceImage } from '../model/policy-image.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

const pathOf = (service: ServiceImage): string => service.under.map((segment) => `/${encodeURIComponent(segment)}`).join('')

/** Where the protected-resource metadata of this service is served (RFC 9728 section 3.1: the path is inserted after the host). */
export const metadataUrl = (service: ServiceImage, request: AccessRequest): string =>
  `${originOf(request)}${WELL_KNOWN}${pathOf(service)}`

/** RFC 9728 section 2. Zero-length lists are left out. */
export const metadataDocument = (service: ServiceImage, image: PolicyImage, request: AccessRequest): string => {
  const issuers = service.providers.flatMap((name) => image.providers[name]?.issuer ?? [])
  return JSON.stringify({
    resource: `${originOf(request)}${pathOf(service)}`,
    ...(issuers.length === 0 ? {} : { authorization_servers: issuers }),
    ...(service.credentials.some((kind) => kind !== 'session') ? { bearer_methods_supported: ['header'] } : {}),
  })
}
