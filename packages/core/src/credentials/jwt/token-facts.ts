import type { JsonObject, JsonValue } from '../../lib/strict-json.ts'
import { type ClaimType, type ClaimValue, type CredentialFacts, type Maybe, UNKNOWN } from '../../model/fact.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import { readAssurance } from './assurance.ts'
import { type Bindings, isElsewhere, readMembership } from './membership.ts'
import { isPrintable, type TokenClaims } from './token-claims.ts'

/** The provider a token comes from, with what its ids stand for. */
export interface Issuer {
  readonly name: string
  readonly provider: ProviderImage
  readonly groups: Bindings
  readonly roles: Bindings
}

/** RFC 6749 section 3.3: printable ASCII but space, quote and backslash; one space between two. */
const SCOPE = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

/** The token is the source of its own scopes: without the claim it has none. */
const readScopes = (scope: JsonValue | undefined): Maybe<ReadonlySet<string>> => {
  if (scope === undefined) return null
  return typeof scope === 'string' && SCOPE.test(scope) ? new Set(scope.split(' ')) : UNKNOWN
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

const UNPROVED = { acr: null, factors: null, loginAt: null }

/** What the token says of its own subject. Software has proved no factor and has not logged in. */
const subjectFacts = (claims: TokenClaims, issuer: Issuer): CredentialFacts => {
  const { provider } = issuer
  const { all, client, subject } = claims
  const kind = subject === client ? provider.clientKind : 'human'
  const principal = `${issuer.name}/${subject}`
  const complete = (what: 'groups' | 'roles'): boolean => provider.complete.includes(what)
  return {
    credential: 'jwt',
    kind,
    provider: issuer.name,
    user: kind === 'human' ? principal : null,
    client: client ?? (provider.complete.includes('claims') ? null : UNKNOWN),
    workload: kind === 'human' ? null : principal,
    actingFor: null,
    groups: readMembership(all, { name: provider.groupsClaim, bindings: issuer.groups, complete: complete('groups') }),
    roles: readMembership(all, { name: provider.rolesClaim, bindings: issuer.roles, complete: complete('roles') }),
    claims: readClaims(all, provider),
    scopes: readScopes(all['scope']),
    ...(kind === 'human' ? readAssurance(all, provider) : UNPROVED),
  }
}

/**
 * The facts of a token. With an actor (RFC 8693) there are two principals: the actor, an agent that has of the token only
 * its scopes and client (groups, roles, claims and factors are the subject's), and the subject it acts for.
 */
export const readTokenFacts = (
  claims: TokenClaims,
  issuer: Issuer,
): { readonly facts: CredentialFacts; readonly behalf: CredentialFacts | null } => {
  const subject = subjectFacts(claims, issuer)
  if (claims.actor === null) return { facts: subject, behalf: null }
  const { credential, provider, client, scopes } = subject
  const agent: CredentialFacts = {
    credential,
    provider,
    client,
    scopes,
    kind: 'agent',
    user: null,
    workload: null,
    actingFor: `${issuer.name}/${claims.subject}`,
    groups: null,
    roles: null,
    claims: null,
    ...UNPROVED,
  }
  return { facts: agent, behalf: subject }
}
