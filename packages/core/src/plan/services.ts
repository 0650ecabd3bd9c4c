import type { PolicyImage, ServiceImage } from '../model/policy-image.ts'

export interface PlanService {
  readonly name: string
  readonly image: ServiceImage
}

export type ServiceFor = (host: string, segments: readonly string[]) => PlanService | null

const isUnder = (segments: readonly string[], under: readonly string[]): boolean =>
  under.every((segment, i) => segment === segments[i])

const firstUnder = (services: readonly PlanService[] | undefined, segments: readonly string[]): PlanService | null => {
  for (const service of services ?? []) if (isUnder(segments, service.image.under)) return service
  return null
}

const byLength = (a: PlanService, b: PlanService): number =>
  b.image.under.length - a.image.under.length || (a.name < b.name ? -1 : 1)

/**
 * Which service claims a host and path: the exact host before `*` for its first label, then the longest `under`. Hosts as the
 * canonicaliser leaves them (lower case, no port). Null: none does.
 */
export const createServiceFinder = (image: PolicyImage): ServiceFor => {
  const byHost = new Map<string, PlanService[]>()
  for (const [name, service] of Object.entries(image.services)) {
    for (const host of new Set(service.hosts)) {
      const claimed = byHost.get(host) ?? []
      claimed.push({ name, image: service })
      byHost.set(host, claimed)
    }
  }
  for (const claimed of byHost.values()) claimed.sort(byLength)
  return (host, segments) => {
    const exact = firstUnder(byHost.get(host), segments)
    if (exact !== null) return exact
    const dot = host.indexOf('.')
    return dot < 1 ? null : firstUnder(byHost.get(`*${host.slice(dot)}`), segments)
  }
}
