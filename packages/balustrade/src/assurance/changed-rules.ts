import { canonicalJson, type PolicyImage, type RuleImage } from '@balustrade/core/kit'
import { type Literal, literalsOf, textsOf } from './literals.ts'

/** A rule that is not in both policies, or does not mean the same in both. */
export interface ChangedRule {
  readonly name: string
  readonly before: RuleImage | null
  readonly after: RuleImage | null
}

const NOUNS: Readonly<Record<string, 'networks' | 'workloads' | 'clients'>> = {
  'circumstance.network': 'networks',
  'who.workload': 'workloads',
  'who.client': 'clients',
}

/** What the names in a condition stand for: a network that grew changes every rule that names it. */
const nounsOf = ({ is, spec }: Literal, image: PolicyImage): unknown => {
  const noun = NOUNS[is]
  return noun === undefined ? null : textsOf(spec).map((name) => image[noun][name] ?? null)
}

/** The nouns a rule names whose meaning may differ, by path: `networks.office`. */
export const nounPathsOf = (rule: RuleImage): readonly string[] =>
  literalsOf(rule).flatMap(({ is, spec }) => {
    const noun = NOUNS[is]
    return noun === undefined ? [] : textsOf(spec).map((name) => `${noun}.${name}`)
  })

/** True for a rule that is about hosts themselves. */
export const namesHost = (rule: RuleImage): boolean => literalsOf(rule).some(({ is }) => is === 'what.host')

/** A policy, and whether services are told apart by their hosts: they are not where these differ by name alone. */
interface Meant {
  readonly image: PolicyImage
  readonly hostsMatter: boolean
}

const servicesOf = (literals: readonly Literal[], { image, hostsMatter }: Meant): unknown => {
  const named = literals.flatMap(({ is, spec }) => (is === 'what.service' ? textsOf(spec) : []))
  const asked = hostsMatter || literals.some(({ is }) => is === 'what.host')
  return (named.length === 0 ? Object.keys(image.services) : named).map((name) => {
    const service = image.services[name]
    if (service === undefined) return null
    const { hosts, under, routing, operations, credentials } = service
    return { name, hosts: asked ? hosts : null, under, routing, operations, credentials }
  })
}

/** Everything by which a rule decides, and nothing of what is only read by people. */
const meaningOf = (rule: RuleImage | null, meant: Meant): string => {
  if (rule === null) return ''
  const { kind, zone, who, what, when, how, from, until, names, shadow } = rule
  const literals = literalsOf(rule)
  const nouns = literals.map((literal) => nounsOf(literal, meant.image))
  const services = servicesOf(literals, meant)
  const tried = kind === 'guardrail' ? (shadow?.until ?? null) : shadow !== null
  return canonicalJson({ kind, zone, who, what, when, how, from, until, names, tried, nouns, services })
}

const rulesOf = ({ rules }: PolicyImage): ReadonlyMap<string, RuleImage> =>
  new Map(rules.filter(({ kind }) => kind !== 'invariant').map((rule) => [rule.name, rule]))

/**
 * Rules that may decide otherwise than before, by name: candidates, of which deciding tells what they come to. `hostsMatter` false:
 * hosts differ by name alone, so that they count only for a rule that names one.
 */
export const changedRules = (base: PolicyImage, head: PolicyImage, hostsMatter = true): readonly ChangedRule[] => {
  const [before, after] = [rulesOf(base), rulesOf(head)]
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((name) => {
    const [old, now] = [before.get(name) ?? null, after.get(name) ?? null]
    const parts =
      old !== null && now !== null && old.kind !== now.kind ? [[old, null] as const, [null, now] as const] : [[old, now] as const]
    return parts.flatMap(([one, other]) =>
      meaningOf(one, { image: base, hostsMatter }) === meaningOf(other, { image: head, hostsMatter })
        ? []
        : [{ name, before: one, after: other }],
    )
  })
}

const differing = (path: string, a: unknown, b: unknown): readonly string[] =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null) ? [] : [path]

/** Members of a service that requests are judged by; the others concern what is done before and after. */
const JUDGED = new Set(['hosts', 'under', 'routing', 'operations'])

const inServices = (base: PolicyImage, head: PolicyImage): readonly string[] =>
  Object.entries(head.services).flatMap(([name, service]) => {
    const before = base.services[name]
    if (before === undefined) return []
    return (Object.keys(service) as (keyof typeof service)[])
      .filter((key) => !JUDGED.has(key))
      .flatMap((key) => differing(`services.${name}.${key}`, before[key], service[key]))
  })

const inBlock = (block: 'providers' | 'groups' | 'roles', base: PolicyImage, head: PolicyImage): readonly string[] => {
  const names = [...new Set([...Object.keys(base[block]), ...Object.keys(head[block])])].sort()
  return names
    .filter((name) => base[block][name] !== undefined && head[block][name] !== undefined)
    .flatMap((name) => differing(`${block}.${name}`, base[block][name], head[block][name]))
}

/** Declarations that differ and of which no request tells: how callers are recognised, what is recorded and sent on. */
export const unjudgedChanges = (base: PolicyImage, head: PolicyImage): readonly string[] => [
  ...inServices(base, head),
  ...(['providers', 'groups', 'roles'] as const).flatMap((block) => inBlock(block, base, head)),
]
