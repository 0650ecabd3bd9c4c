// What kinds of credential share (NIST SP 800-63C: attributes of a federation): the Authorization field taken apart, and what a
// provider says of a subject turned into facts. Verifies nothing.
import type { JsonObject, JsonValue } from '../lib/strict-json.ts'
import { type ClaimType, type ClaimValue, type CredentialFacts, type CredentialKind, type Maybe, UNKNOWN } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import { readAssurance } from './assurance.ts'
import { isPrintable } from './claim-text.ts'
import type { Issuer } from './issuer.ts'
import { isElsewhere, readMembership } from './membership.ts'

/** RFC 6749 section 3.3: printable ASCII but space, quote and backslash; one space between two. */
const SCOPE = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

/** The token is the source of its own scopes: without the claim it has none. */
const readScopes = (scope: JsonValue | undefined, { scopes }: Issuer): Maybe<ReadonlySet<string>> => {
  if (scope === undefined) return null
  return typeof scope === 'string' && SCOPE.test(scope) ? scopes.expand(scope.split(' ')) : UNKNOWN
}

const IS_OF: Readonly<Record<ClaimType, (value: JsonValue) => boolean>> = {
  string: isPrintable,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every(isPrintable),
}

/** Declared claims alone, each of exactly its declared type; anything else under the name is unknown. */
const readClaims = (all: JsonObject, provider: ProviderImage): ReadonlyMap<string, Maybe<ClaimValue>> => {
  const unsaid = provider.complete.includes('claims') ? null : UNKNOWN
  return new Map(
    Object.entries(provider.claims).map(([name, type]): [string, Maybe<ClaimValue>] => {
      const value = all[name]
      if (isElsewhere(all, name)) return [name, UNKNOWN]
      if (value === undefined) return [name, unsaid]
      return [name, IS_OF[type](value) ? (value as ClaimValue) : UNKNOWN]
    }),
  )
}

export const UNPROVED = { acr: null, factors: null, loginAt: null }

/** What a provider said of a subject, and by which kind of credential it comes. */
export interface Told {
  readonly credential: CredentialKind
  readonly subject: string
  /** Null: nothing names a client. */
  readonly client: string | null
  readonly all: JsonObject
}

/** What claims say of their own subject. Software has proved no factor and has not logged in. */
export const subjectFacts = (claims: Told, issuer: Issuer): CredentialFacts => {
  const { provider } = issuer
  const { all, client, subject } = claims
  const kind = subject === client ? provider.clientKind : 'human'
  const principal = `${issuer.name}/${subject}`
  const complete = (what: 'groups' | 'roles'): boolean => provider.complete.includes(what)
  return {
    credential: claims.credential,
    kind,
    provider: issuer.name,
    user: kind === 'human' ? principal : null,
    client: client ?? (provider.complete.includes('claims') ? null : UNKNOWN),
    workload: kind === 'human' ? null : principal,
    actingFor: null,
    groups: readMembership(all, { name: provider.groupsClaim, bindings: issuer.groups, complete: complete('groups') }),
    roles: readMembership(all, { name: provider.rolesClaim, bindings: issuer.roles, complete: complete('roles') }),
    claims: readClaims(all, provider),
    scopes: readScopes(all['scope'], issuer),
    ...(kind === 'human' ? readAssurance(all, provider) : UNPROVED),
  }
}
