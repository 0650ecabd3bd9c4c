import type { Spec } from './condition.ts'
import type { ClaimType, CredentialKind, MfaLevel, PrincipalKind } from './fact.ts'
import type { Method, Tolerance } from './access-request.ts'

/** Everything that is digested, pushed and kept: plain JSON, no function, no YAML. Maps are keyed by name. */
export interface PolicyImage {
  readonly balustrade: 1
  /** Name of the environment whose values are in force; null: the base values. */
  readonly environment: string | null
  readonly services: Readonly<Record<string, ServiceImage>>
  readonly providers: Readonly<Record<string, ProviderImage>>
  readonly groups: Readonly<Record<string, BindingImage>>
  readonly roles: Readonly<Record<string, BindingImage>>
  readonly workloads: Readonly<Record<string, WorkloadImage>>
  readonly clients: Readonly<Record<string, ClientImage>>
  readonly scopes: readonly string[]
  readonly networks: Readonly<Record<string, readonly string[]>>
  readonly zones: Readonly<Record<string, ZoneImage>>
  /** Rules of every kind, sorted by name; a name is unique over the whole image. */
  readonly rules: readonly RuleImage[]
}

export const NOUNS = [
  'service',
  'provider',
  'group',
  'role',
  'workload',
  'client',
  'network',
  'scope',
  'claim',
  'operation',
  'tag',
] as const
export type Noun = (typeof NOUNS)[number]

export interface ServiceImage {
  /** Exact hosts, or `*.example.com` (one leading label). */
  readonly hosts: readonly string[]
  /** Segments every path of this service begins with; `[]` for the whole host. */
  readonly under: readonly string[]
  /** Origin the gateway forwards to; null when only a middleware enforces this service. */
  readonly upstream: string | null
  /** Accepted `aud` values; at least one when credentials are accepted. */
  readonly audience: readonly string[]
  readonly providers: readonly string[]
  readonly credentials: readonly CredentialKind[]
  /** Providers at which a person may log in with a browser, in the order in which they are offered. */
  readonly login: readonly string[]
  /** What holds while nobody can tell whether a session was ended, or a key revoked: `strict` refuses, `lenient` puts up with it for a minute. */
  readonly sessions: 'strict' | 'lenient'
  readonly routing: RoutingImage
  readonly cors: CorsImage | null
  /** Header name by what it carries; always set upstream, empty when there is nothing to say. */
  readonly identityHeaders: Readonly<Record<IdentityHeader, string>>
  /** Send the caller's credential on to the upstream. */
  readonly forwardCredential: boolean
  readonly audit: 'strict' | 'bounded'
  /** Open streams are judged again at least this often, ms. */
  readonly recheck: number
  readonly operations: readonly OperationImage[]
}

export const IDENTITY_HEADERS = ['user', 'kind', 'groups', 'roles', 'assertion'] as const
export type IdentityHeader = (typeof IDENTITY_HEADERS)[number]

export interface RoutingImage {
  /** Does the upstream tell cases apart in paths. */
  readonly caseSensitive: boolean
  /** `distinct`: the upstream serves another resource with a trailing slash; `same`: it does not; `unknown`: nobody said. */
  readonly trailingSlash: 'distinct' | 'same' | 'unknown'
  /** Somebody stated `caseSensitive`; otherwise a path equal only after folding case is unknown. */
  readonly caseStated: boolean
  readonly accepts: readonly Tolerance[]
}

export interface CorsImage {
  readonly origins: readonly string[]
  readonly methods: readonly Method[]
  readonly headers: readonly string[]
  readonly credentials: boolean
  /** ms */
  readonly maxAge: number
}

export interface OperationImage {
  readonly id: string
  readonly method: Method
  /** Template segments; null stands for a parameter. Most concrete first. */
  readonly template: readonly (string | null)[]
  readonly tags: readonly string[]
  /** Sets of scopes of which one has to be carried whole, none within another; left out: none is needed. */
  readonly scopes?: readonly (readonly string[])[]
}

/** Nothing optional is off when left out: every entry pins issuer, algorithms, type and life. */
export interface ProviderImage {
  readonly issuer: string
  /** `rfc9068`: `typ` must be at+jwt and the claims of RFC 9068 section 2.2 present; `plain`: `typ` JWT or none. */
  readonly profile: 'rfc9068' | 'plain'
  readonly algorithms: readonly string[]
  /** Key set URI; null: by discovery from the issuer. */
  readonly jwksUri: string | null
  /** Longest accepted `exp - iat`, ms. */
  readonly lifetime: number
  /** Fetches may go to loopback addresses (development). */
  readonly loopback: boolean
  readonly claims: Readonly<Record<string, ClaimType>>
  /** Claim that lists groups / roles; null: the provider tells none. */
  readonly groupsClaim: string | null
  readonly rolesClaim: string | null
  /** What the provider promises to tell completely. */
  readonly complete: readonly ('groups' | 'roles' | 'claims' | 'mfa')[]
  readonly mfa: {
    readonly acr: Readonly<Record<string, MfaLevel>>
    readonly amr: Readonly<Record<string, MfaLevel>>
    /** Claim that says when the factor was proved (`auth_time`), null: the provider never says. */
    readonly provedAt: string | null
  }
  /** Kind of a principal whose `sub` is its own `client_id`. Others are human. */
  readonly clientKind: PrincipalKind
}

/** The provider's own ids of a declared name. Empty: the name itself, at every provider. */
export interface BindingImage {
  readonly ids: Readonly<Record<string, readonly string[]>>
}

export interface WorkloadImage {
  readonly provider: string
  readonly subject: string
}

export interface ClientImage {
  readonly provider: string
  readonly id: string
}

/** Offset from UTC in minutes from each instant on; the first entry holds before it too. */
export interface ZoneImage {
  readonly zone: string
  readonly transitions: readonly (readonly [at: number, offset: number])[]
}

export const RULE_KINDS = ['grant', 'guardrail', 'exception', 'public', 'invariant'] as const
export type RuleKind = (typeof RULE_KINDS)[number]

/** A condition, or conditions composed. Named conditions (`use`) are already replaced by what they stand for. */
export type Formula =
  | { readonly is: string; readonly spec: Spec }
  | { readonly all: readonly Formula[] }
  | { readonly any: readonly Formula[] }
  | { readonly not: Formula }
  | { readonly never: true }

export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface RuleImage {
  readonly kind: RuleKind
  readonly name: string
  readonly at: SourcePosition
  /** Zone of the file, null when none is declared. */
  readonly zone: string | null
  readonly who: Formula | null
  readonly what: Formula | null
  readonly when: Formula | null
  readonly how: Formula | null
  /** Half-open life in epoch ms. */
  readonly from: number | null
  readonly until: number | null
  readonly shadow: { readonly owner: string; readonly until: number } | null
  readonly help: string | null
  readonly satisfies: readonly string[]
  /** Exceptions: guardrails waived. Invariants: exceptions excepted. */
  readonly names: readonly string[]
  /** Exceptions and public entries; null for the others. */
  readonly register: RegisterImage | null
}

export interface RegisterImage {
  readonly owner: string
  readonly approvedBy: string
  readonly reason: string
  readonly ticket: string | null
  /** Public entries: epoch ms by which somebody looks at it again. */
  readonly review: number | null
  readonly breakGlass: BreakGlassImage | null
}

/** An exception that stands, and is open for a while from its first use after each arming. */
export interface BreakGlassImage {
  /** ms */
  readonly opensFor: number
  /** Who is to be told when it opens. */
  readonly alarm: string
  readonly drillBy: number
  /** From when on a use counts as the first, and who says so: never whoever used it last. */
  readonly armed: { readonly at: number; readonly by: string }
}
