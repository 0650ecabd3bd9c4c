import type { ServiceImage } from '../model/policy-image.ts'
import { type ManagedNames, managedNames } from './managed-fields.ts'

/** Names a client may not set at this service: its identity headers, and the credential unless the service asks for it. Folded once. */
export const createManagedByService = (): ((service: ServiceImage) => ManagedNames) => {
  const folded = new WeakMap<ServiceImage, ManagedNames>()
  return (service) => {
    const known = folded.get(service)
    if (known !== undefined) return known
    const made = managedNames([
      ...Object.values(service.identityHeaders),
      ...(service.forwardCredential ? [] : ['authorization']),
    ])
    folded.set(service, made)
    return made
  }
}
