// The nouns every other folder speaks (NIST SP 800-162: attributes). Declares; never decides, reads a clock or does I/O.
import type { Address } from '../lib/address.ts'
import type { Method, PathFact } from './access-request.ts'

/** The source did not answer, was not asked, or does not promise completeness. Never reads as "absent". */
export const UNKNOWN: unique symbol = Symbol('balustrade.unknown')
export type Unknown = typeof UNKNOWN

/** `null` = absent: the source answered that there is none. Only the source may say so. */
export type Maybe<T> = T | null | Unknown

/** Names held by a principal. `complete: false`: a name that is not listed is unknown, not absent. */
export interface Membership {
  readonly names: ReadonlySet<string>
  readonly complete: boolean
}

export const MFA_LEVELS = ['any', 'phishing-resistant', 'hardware'] as const
export type MfaLevel = (typeof MFA_LEVELS)[number]

/** ms by which an instant told by somebody else's clock may lie ahead of ours and still be believed. */
export const CLOCK_SKEW = 30_000

/** One proof of possession. `at` in epoch ms; UNKNOWN when the provider does not say when it was proved. */
export interface Factor {
  readonly level: MfaLevel
  readonly at: number | Unknown
}

/** Kinds of credential: a signed token, a session of a browser that logged in, a key of a workload. */
export const CREDENTIAL_KINDS = ['jwt', 'session', 'api-key'] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

export type PrincipalKind = 'human' | 'workload' | 'agent'
export const PRINCIPAL_KINDS: readonly PrincipalKind[] = ['human', 'workload', 'agent']

export type ClaimType = 'string' | 'number' | 'boolean' | 'strings'
export type ClaimValue = string | number | boolean | readonly string[]

/** Field lines by lower-case name, in order of arrival. Absent name: the request carries no such field. */
export type HeaderFact = ReadonlyMap<string, readonly string[]>

/** What the service's OpenAPI document says this request is. `id` null: no operation of the document matches. */
export interface OperationFact {
  readonly id: string | null
  readonly tags: readonly string[]
  /** Sets of scopes of which one has to be carried whole; left out: none is needed, as far as the document says. */
  readonly scopes?: readonly (readonly string[])[]
}

/** Facts that are always known. Only these may feed the plan's index. */
export interface TotalFacts {
  /** Epoch ms at which the request is judged. */
  readonly now: number
  readonly service: string
  readonly host: string
  readonly method: Method
  readonly path: PathFact
}

/** Facts of the request that may be missing or not visible at an enforcement point. */
export interface RequestFacts {
  readonly headers: Maybe<HeaderFact>
  readonly upgrade: Maybe<'websocket'>
  readonly operation: Maybe<OperationFact>
  /** Client address after the trusted-proxy walk. */
  readonly address: Maybe<Address>
}

/**
 * What a break-glass exception has come to since it was armed: epoch ms of its first use, or `unarmed`, where nobody but the last to
 * use it armed it, or its arming is still to come. Not in the map: armed, and not used since.
 */
export type Opening = number | 'unarmed'

/** Facts that earlier decisions left behind. */
export interface StateFacts {
  readonly openings: Maybe<ReadonlyMap<string, Opening>>
}

/**
 * Facts that come from the one credential. All null: anonymous. All UNKNOWN: not yet, or could not be, authenticated.
 * `user` is `provider/subject`; never an e-mail address.
 */
export interface CredentialFacts {
  readonly credential: Maybe<CredentialKind>
  readonly kind: Maybe<PrincipalKind>
  readonly provider: Maybe<string>
  readonly user: Maybe<string>
  readonly client: Maybe<string>
  /** Subject (`provider/subject`) of a caller that is software acting for itself. */
  readonly workload: Maybe<string>
  /** For an agent: the person (`provider/subject`) it acts for. */
  readonly actingFor: Maybe<string>
  readonly groups: Maybe<Membership>
  readonly roles: Maybe<Membership>
  /** A declared claim that is missing from the map is unknown. */
  readonly claims: Maybe<ReadonlyMap<string, Maybe<ClaimValue>>>
  readonly scopes: Maybe<ReadonlySet<string>>
  readonly acr: Maybe<string>
  readonly factors: Maybe<readonly Factor[]>
  /** Epoch ms of the last active authentication (OIDC `auth_time`). */
  readonly loginAt: Maybe<number>
}

export interface Facts extends TotalFacts, RequestFacts, StateFacts, CredentialFacts {}
export type FactName = keyof Facts

/** How the decision log keeps a fact: as it is, as a keyed hash, or not at all (then the verdicts that read it are kept). */
export type LogForm = 'plain' | 'hashed' | 'never'
export type FactOrigin = 'request' | 'state' | 'credential'

export interface FactDefinition {
  readonly name: FactName
  /** One line for the reference. */
  readonly about: string
  readonly type: string
  readonly total: boolean
  readonly from: FactOrigin
  readonly log: LogForm
}

const defineFact = (definition: FactDefinition): FactDefinition => definition

const total = (name: FactName, type: string, about: string) =>
  defineFact({ name, type, about, total: true, from: 'request', log: 'plain' })
const factFrom =
  (from: FactOrigin, log: LogForm = 'plain') =>
  (name: FactName, type: string, about: string) =>
    defineFact({ name, type, about, total: false, from, log })
const ofRequest = factFrom('request')
const ofCredential = factFrom('credential')

/** The facts catalogue: redaction, replay, proof and "what this point cannot see" all read it. */
export const FACTS: Readonly<Record<FactName, FactDefinition>> = {
  now: total('now', 'instant', 'when the request is judged'),
  service: total('service', 'name', 'the declared service that claims the host and path'),
  host: total('host', 'host name', 'lower-case A-labels, without port'),
  method: total('method', 'method', 'one of the closed set of methods; HEAD is judged as GET'),
  path: total('path', 'segments', 'decoded segments of the canonical path'),
  headers: factFrom('request', 'never')('headers', 'fields', 'header fields as received'),
  upgrade: ofRequest('upgrade', 'protocol', 'the protocol asked for by Upgrade'),
  operation: ofRequest('operation', 'operation', 'operation and tags of the OpenAPI document'),
  address: ofRequest('address', 'address', 'client address after the walk over trusted proxies'),
  openings: factFrom('state')('openings', 'instants by name', 'first uses of break-glass exceptions since they were armed'),
  credential: ofCredential('credential', 'kind of credential', 'the kind of credential presented'),
  kind: ofCredential('kind', 'kind of principal', 'human, workload or agent'),
  provider: ofCredential('provider', 'name', 'the declared provider that vouches for the principal'),
  user: ofCredential('user', 'provider/subject', 'the person'),
  client: ofCredential('client', 'client id', 'the OAuth client that obtained the credential'),
  workload: ofCredential('workload', 'provider/subject', 'the workload'),
  actingFor: ofCredential('actingFor', 'provider/subject', 'the person an agent acts for'),
  groups: ofCredential('groups', 'names', 'declared groups the principal belongs to'),
  roles: ofCredential('roles', 'names', 'declared roles the principal holds'),
  claims: factFrom('credential', 'hashed')('claims', 'values by name', 'declared claims of the provider'),
  scopes: ofCredential('scopes', 'names', 'scopes of the credential'),
  acr: ofCredential('acr', 'acr value', 'authentication context class reference'),
  factors: ofCredential('factors', 'factors', 'factors proved, their level and when'),
  loginAt: ofCredential('loginAt', 'instant', 'when the principal last authenticated actively'),
}

export const FACT_NAMES = Object.keys(FACTS) as readonly FactName[]

const CREDENTIAL_FACT_NAMES = FACT_NAMES.filter((name) => FACTS[name].from === 'credential')

const every = (value: null | Unknown): CredentialFacts =>
  Object.fromEntries(CREDENTIAL_FACT_NAMES.map((name) => [name, value])) as unknown as CredentialFacts

/** Provider of the principals that Balustrade itself vouches for: those of API keys. No policy declares a provider of this name. */
export const OWN_PROVIDER = 'balustrade'

/** What holds of every caller who comes with a credential of a kind, whoever it is. */
export const FACTS_OF_KIND: Readonly<Record<CredentialKind, Partial<CredentialFacts>>> = {
  jwt: { credential: 'jwt' },
  session: { credential: 'session', kind: 'human', client: null, workload: null, actingFor: null, scopes: null },
  'api-key': {
    credential: 'api-key',
    kind: 'workload',
    provider: OWN_PROVIDER,
    user: null,
    client: null,
    actingFor: null,
    groups: null,
    roles: null,
    claims: null,
    acr: null,
    factors: null,
    loginAt: null,
  },
}

/** The caller presented no credential. */
export const ANONYMOUS: CredentialFacts = every(null)
/** Who calls is not known (yet): not authenticated, or the means to do so did not answer. */
export const UNIDENTIFIED: CredentialFacts = every(UNKNOWN)
