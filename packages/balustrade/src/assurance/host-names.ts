import type { PolicyImage } from '@balustrade/core/kit'
import { literalsOf, textsFor } from './literals.ts'

/** Two policies may call one service by different hosts; places carry the host of the first of them. */
export interface HostNames {
  /** The host at which this policy has the service that the first has at this one. */
  readonly own: (host: string, service: string) => string
  /** The host at which the first policy has the service that this one has at this one. */
  readonly common: (host: string, service: string) => string
}

const asIs = (host: string): string => host

export const ONE_NAME: HostNames = { own: asIs, common: asIs }

type Pairs = readonly (readonly [one: string, other: string])[]

const firstLabel = (host: string): string => host.slice(0, host.includes('.') ? host.indexOf('.') : undefined)

/** Takes pairs out of both lists for as long as there are any of this likeness. */
const take = (left: string[], right: string[], alike: (a: string, b: string) => boolean): Pairs =>
  [...left].flatMap((a) => {
    const b = right.find((each) => alike(a, each))
    if (b === undefined) return []
    left.splice(left.indexOf(a), 1)
    right.splice(right.indexOf(b), 1)
    return [[a, b] as const]
  })

/** Hosts of one service in two policies: the same name, else the same first label, else in their order. */
const pairUp = (one: readonly string[], other: readonly string[]): Pairs => {
  const [left, right] = [[...one], [...other]]
  return [
    ...take(left, right, (a, b) => a === b),
    ...take(left, right, (a, b) => firstLabel(a) === firstLabel(b)),
    ...take(left, right, (a, b) => a.startsWith('*.') === b.startsWith('*.')),
    ...take(left, right, () => true),
  ]
}

/** By the name of the service. */
type Paired = ReadonlyMap<string, Pairs>

const pairServices = (one: PolicyImage, other: PolicyImage): Paired =>
  new Map(
    Object.entries(one.services).flatMap(([name, { hosts }]) => {
      const its = other.services[name]
      return its === undefined ? [] : [[name, pairUp(hosts, its.hosts)] as const]
    }),
  )

const turned = (pairs: Pairs): Pairs => pairs.map(([a, b]) => [b, a])

const isHeldBy = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith('*.') && host.slice(firstLabel(host).length) === pattern.slice(1))

/** The same label in front of the other domain, or the other's exact host. */
const translate = (pairs: Pairs, host: string): string | null => {
  const found = pairs.find(([from]) => from === host) ?? pairs.find(([from]) => isHeldBy(from, host))
  if (found === undefined) return null
  return found[1].replace(/^\*/, firstLabel(host))
}

/** A host the other policy has no counterpart for is taken for another name of the same service, unless some rule is about it. */
const translator = (paired: (service: string) => Pairs, written: ReadonlySet<string>): HostNames['own'] => {
  return (host, service) => {
    const pairs = paired(service)
    const [first] = pairs
    if (first === undefined) return host
    return translate(pairs, host) ?? (written.has(host) ? host : first[1].replace(/^\*/, firstLabel(host)))
  }
}

const hostsWritten = (image: PolicyImage): readonly string[] =>
  image.rules.flatMap((rule) => textsFor(literalsOf(rule), 'what.host'))

/** What `other` calls the services of `one`. */
export const hostNames = (one: PolicyImage, other: PolicyImage): HostNames => {
  const paired = pairServices(one, other)
  const written = new Set([...hostsWritten(one), ...hostsWritten(other)])
  const pairsOf = (service: string): Pairs => paired.get(service) ?? []
  return {
    own: translator(pairsOf, written),
    common: translator((service) => turned(pairsOf(service)), written),
  }
}

/**
 * True when hosts differ by name alone: each of one policy has exactly one in the other, and no two services that share a host here
 * have two there. Then no rule decides otherwise on their account but one that names a host.
 */
export const differByNameAlone = (one: PolicyImage, other: PolicyImage): boolean => {
  const paired = [...pairServices(one, other)]
  const all = paired.flatMap(([, pairs]) => pairs)
  const alike = all.every(([a, b]) => all.every(([c, d]) => (a === c) === (b === d)) && a.startsWith('*.') === b.startsWith('*.'))
  const whole = paired.every(
    ([name, pairs]) => pairs.length === one.services[name]?.hosts.length && pairs.length === other.services[name]?.hosts.length,
  )
  return alike && whole
}
