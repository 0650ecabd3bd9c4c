import type { PolicyImage, ServiceImage } from '@balustrade/core/kit'
import { canGive, type Demand } from './demand.ts'
import type { LoginProvider, Providers } from './providers.ts'

/** For whom a login is. */
export interface Wanted {
  readonly service: ServiceImage
  readonly image: PolicyImage
  readonly demand: Demand
  /** Provider of the present session; null: nobody is logged in. */
  readonly present: string | null
}

/**
 * Providers at which this login can be done, in the order of the policy. A session of a provider that is offered here is stepped up
 * there and nowhere else: proof of another provider is proof about another person.
 */
export const offeredProviders = (providers: Providers, { service, image, demand, present }: Wanted): readonly LoginProvider[] => {
  const names = service.login.filter((name) => service.providers.includes(name))
  const open = present !== null && names.includes(present) ? [present] : names
  return open
    .map((name) => providers.named(name, image))
    .filter((provider) => provider !== null)
    .filter(({ entry }) => canGive(entry, demand))
}
