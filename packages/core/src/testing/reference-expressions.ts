// What some expressions mean, told by hand for each: nothing here reads an expression, so that no mistake of the reader is made twice.
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'

/** What an expression comes to: `unsaid` is what the address leaves open, `failed` what cannot be computed. */
export type Told = boolean | 'unknown' | 'unsaid' | 'failed'

export interface Asked {
  readonly facts: Facts
  readonly image: PolicyImage
  readonly captured: (name: string) => string | undefined
}

type Value = string | number | boolean | null | readonly unknown[] | typeof UNKNOWN

const claimOf = ({ claims }: Facts, name: string): Value => {
  if (claims === UNKNOWN || claims === null) return claims
  return claims.has(name) ? ((claims.get(name) ?? null) as Value) : UNKNOWN
}

/** What is worse known of two sides that both matter: the source's silence before the caller's, and that before what fails. */
const worse = (a: Told, b: Told): Told => {
  for (const state of ['unknown', 'unsaid', 'failed'] as const) if (a === state || b === state) return state
  return a
}

const and = (a: Told, b: Told): Told => {
  if (a === false || b === false) return false
  return a === true && b === true ? true : worse(a, b)
}

const or = (a: Told, b: Told): Told => {
  if (a === true || b === true) return true
  return a === false && b === false ? false : worse(a, b)
}

const equals = (a: Value, b: Value): Told => {
  if (a === UNKNOWN || b === UNKNOWN) return 'unknown'
  return a === b
}

const ordered = (value: Value, compare: (known: number) => boolean): Told => {
  if (value === UNKNOWN) return 'unknown'
  return typeof value === 'number' ? compare(value) : 'failed'
}

const holds = (value: Value, item: string): Told => {
  if (value === UNKNOWN) return 'unknown'
  return Array.isArray(value) ? value.includes(item) : 'failed'
}

const hourIn = (zone: string, { facts, image }: Asked): number | null => {
  if (image.zones[zone] === undefined) return null
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' }).formatToParts(facts.now)
  return Number(parts.find(({ type }) => type === 'hour')?.value)
}

const isHuman = ({ kind }: Facts): Told => equals(kind as Value, 'human')

/** What a segment is called: nobody knows for one with capitals, where it is not said whether they matter. */
const spelledSegment = (name: string, { facts, image, captured }: Asked): string | undefined => {
  const value = captured(name)
  const routing = image.services[facts.service]?.routing
  if (value === undefined || !/[A-Z]/.test(value)) return value
  if (routing === undefined || !routing.caseStated) return undefined
  return routing.caseSensitive ? value : value.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** By text. */
export const EXPRESSIONS: Readonly<Record<string, (asked: Asked) => Told>> = {
  'principal.claims.tenant == captures.tenant': (asked) => {
    const claim = claimOf(asked.facts, 'tenant')
    const tenant = spelledSegment('tenant', asked)
    if (tenant !== undefined) return equals(claim, tenant)
    return claim === UNKNOWN ? 'unknown' : 'unsaid'
  },
  'principal.claims.level >= 3 && "eu" in principal.claims.regions': ({ facts }) =>
    and(
      ordered(claimOf(facts, 'level'), (level) => level >= 3),
      holds(claimOf(facts, 'regions'), 'eu'),
    ),
  'now < timestamp("2026-12-20T00:00:00Z") || now.getHours("Europe/Berlin") < 6': (asked) => {
    const hour = hourIn('Europe/Berlin', asked)
    return or(asked.facts.now < Date.UTC(2026, 11, 20), hour === null ? 'failed' : hour < 6)
  },
  'request.address != cidr("198.51.100.0/24").ip() && principal.kind == "human"': ({ facts }) => {
    const { address } = facts
    return and(address === UNKNOWN ? 'unknown' : address === null || address.text !== '198.51.100.0', isHuman(facts))
  },
  'principal.kind == "human" || request.method == "GET"': ({ facts }) =>
    or(isHuman(facts), facts.method === 'GET' || facts.method === 'HEAD'),
  'session.credential == "session" || principal.kind == "workload"': ({ facts }) =>
    or(equals(facts.credential as Value, 'session'), equals(facts.kind as Value, 'workload')),
  '!(principal.claims.tenant == "acme")': ({ facts }) => {
    const found = equals(claimOf(facts, 'tenant'), 'acme')
    return typeof found === 'boolean' ? !found : found
  },
}
