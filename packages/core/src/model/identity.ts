import type { AccessRequest } from './access-request.ts'
import type { CredentialFacts } from './fact.ts'
import type { PolicyImage, ServiceImage } from './policy-image.ts'
import type { ReasonCode } from './reason.ts'
import type { Clock } from './ports.ts'

/** A verified credential: what it says, and what the log keeps of it. */
export interface Identity {
  readonly facts: CredentialFacts
  /** For an agent: the person it acts for, judged as well; null otherwise. */
  readonly behalf: CredentialFacts | null
  readonly kind: 'jwt'
  /** SHA-256 of the whole credential, base64url. Never the credential. */
  readonly credentialHash: string
  readonly provider: string
  readonly subject: string
  /** `jti` or the like, as the issuer spells it; null when it gives none. */
  readonly credentialId: string | null
  /** Epoch ms; the credential is void from here on. */
  readonly expiresAt: number
}

/** Three outcomes for each kind of credential; `unavailable` is not a verdict on the caller. */
export type Authentication =
  | { readonly status: 'absent' }
  | { readonly status: 'verified'; readonly identity: Identity }
  | { readonly status: 'rejected'; readonly code: ReasonCode; readonly http: 400 | 401 }
  | { readonly status: 'unavailable'; readonly code: ReasonCode }

export type MaybePromise<T> = T | Promise<T>

/** One kind of credential. `find` is total and cheap; nothing it returns is trusted. */
export interface CredentialDefinition {
  readonly kind: 'jwt'
  readonly about: string
  /** The artefact as sent; `null`: none of this kind; `malformed`: something that claims to be one and is not. */
  readonly find: (request: AccessRequest) => { readonly value: string } | { readonly malformed: ReasonCode } | null
  readonly create: (setup: CredentialSetup) => Authenticator
}

export interface CredentialSetup {
  readonly clock: Clock
  /** Called for a key refresh that failed, a provider that answered nonsense, a clock that disagrees. */
  readonly onTrouble: (trouble: CredentialTrouble) => void
}

export interface CredentialTrouble {
  readonly provider: string
  readonly code: string
  readonly detail: string
}

/** Holds verified-credential and key caches over reloads. `verify` is synchronous when everything is warm. */
export interface Authenticator {
  readonly verify: (artefact: string, target: CredentialTarget) => MaybePromise<Authentication>
  readonly close: () => void
}

/** Where the credential is presented: part of every cache key. */
export interface CredentialTarget {
  readonly serviceName: string
  readonly service: ServiceImage
  readonly image: PolicyImage
  readonly imageDigest: string
  readonly now: number
}
