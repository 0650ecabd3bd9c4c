import type { PolicyImage, ProviderImage } from '../model/policy-image.ts'
import { createScopeLattice, type ScopeLattice } from '../model/scope-lattice.ts'
import { type Bindings, bindingsOf } from './membership.ts'

/** A provider that vouches for a principal, with what its ids stand for. */
export interface Issuer {
  readonly name: string
  readonly provider: ProviderImage
  readonly groups: Bindings
  readonly roles: Bindings
  readonly scopes: ScopeLattice
}

/** The declared provider of this name; null when there is none. */
export const issuerNamed = (image: PolicyImage, name: string): Issuer | null => {
  const provider = Object.hasOwn(image.providers, name) ? image.providers[name] : undefined
  if (provider === undefined) return null
  return {
    name,
    provider,
    groups: bindingsOf(image.groups, name),
    roles: bindingsOf(image.roles, name),
    scopes: createScopeLattice(image.scopes),
  }
}
