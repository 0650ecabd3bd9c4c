import type { AccessRequest } from '../model/access-request.ts'
import {
  ANONYMOUS,
  FACTS,
  FACT_NAMES,
  UNKNOWN,
  type CredentialFacts,
  type FactName,
  type Facts,
  type Factor,
  type Membership,
  type Opening,
} from '../model/fact.ts'
import type { Json } from '../model/log-record.ts'

/** How unknown stands in a record: an object no fact of ours could be. */
const UNKNOWN_JSON = { unknown: true } as const

/** In the order in which a record writes them, so that nobody has to sort them again for every request. */
const KEPT: readonly FactName[] = FACT_NAMES.filter(
  (name) => FACTS[name].from === 'credential' && FACTS[name].log === 'plain',
).toSorted()

const isUnknownJson = (value: Json | undefined): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'unknown' in value && value.unknown === true

const membershipJson = ({ names, complete }: Membership): Json => ({ complete, names: [...names].sort() })

const factorJson = ({ level, at }: Factor): Json => ({ at: at === UNKNOWN ? UNKNOWN_JSON : at, level })

const toJson = (value: unknown): Json => {
  if (value === UNKNOWN) return UNKNOWN_JSON
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (value instanceof Set) return [...(value as ReadonlySet<string>)].sort()
  if (Array.isArray(value)) return (value as readonly Factor[]).map(factorJson)
  return membershipJson(value as Membership)
}

/** Credential facts as the log keeps them; absent ones are left out. */
export const credentialJson = (facts: CredentialFacts): Readonly<Record<string, Json>> => {
  const kept: Record<string, Json> = {}
  for (const name of KEPT) {
    const value = facts[name as keyof CredentialFacts]
    if (value !== null) kept[name] = toJson(value)
  }
  return kept
}

const strings = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

const readMembership = (value: { readonly [key: string]: Json }): Membership => ({
  names: new Set(strings(value.names)),
  complete: value.complete === true,
})

const readFactor = (value: Json): readonly Factor[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const { level, at } = value as { readonly level?: Json; readonly at?: Json }
  return [{ level: level as Factor['level'], at: typeof at === 'number' ? at : UNKNOWN }]
}

const fromJson = (name: FactName, value: Json | undefined): unknown => {
  if (value === undefined || value === null) return null
  if (isUnknownJson(value)) return UNKNOWN
  if (name === 'scopes') return new Set(strings(value))
  if (name === 'factors') return Array.isArray(value) ? value.flatMap(readFactor) : UNKNOWN
  return typeof value === 'object' && !Array.isArray(value) ? readMembership(value as { readonly [key: string]: Json }) : value
}

/** The same facts read back. Facts the log does not keep are unknown unless the caller was anonymous. */
export const readCredentialJson = (kept: Readonly<Record<string, Json>>): CredentialFacts => {
  const anonymous = Object.keys(kept).length === 0
  const facts: Record<string, unknown> = { ...ANONYMOUS }
  for (const name of FACT_NAMES) {
    if (FACTS[name].from !== 'credential') continue
    const hidden = FACTS[name].log !== 'plain' && !anonymous
    facts[name] = hidden ? UNKNOWN : fromJson(name, kept[name])
  }
  return facts as unknown as CredentialFacts
}

const openingsJson = (openings: Facts['openings'] | undefined): Readonly<Record<string, Json>> => {
  if (openings === UNKNOWN) return { openings: UNKNOWN_JSON }
  return openings == null || openings.size === 0 ? {} : { openings: Object.fromEntries(openings) }
}

/** What had been opened, read back; a value that is neither an instant nor a word of ours makes it unknown. */
export const readOpeningsJson = (kept: Json | undefined): Facts['openings'] => {
  if (kept === undefined) return null
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept) || isUnknownJson(kept)) return UNKNOWN
  const entries = Object.entries(kept)
  if (!entries.every(([, value]) => typeof value === 'number' || value === 'unarmed')) return UNKNOWN
  return new Map(entries as [string, Opening][])
}

/** Facts of the request, and of what went before it, that the record's own members do not hold. */
export const requestJson = (request: AccessRequest, facts: Facts | undefined): Readonly<Record<string, Json>> => ({
  ...(request.path.trailingSlash ? { trailingSlash: true } : {}),
  ...(request.upgrade === null ? {} : { upgrade: request.upgrade }),
  ...(facts === undefined || facts.operation === null || facts.operation === UNKNOWN
    ? {}
    : { operation: { id: facts.operation.id, tags: facts.operation.tags } }),
  ...openingsJson(facts?.openings),
})
