import type { Address } from '../lib/address.ts'
import type { AccessRequest } from './access-request.ts'
import type { KeyReader, SessionReader } from './credential-ports.ts'
import type { CredentialFacts, CredentialKind } from './fact.ts'
import type { PolicyImage, ServiceImage } from './policy-image.ts'
import type { ReasonCode } from './reason.ts'
import type { Clock } from './ports.ts'

/** A verified credential: what it says, and what the log keeps of it. */
export interface Identity {
  readonly facts: CredentialFacts
  /** For an agent: the person it acts for, judged as well; null otherwise. */
  readonly behalf: CredentialFacts | null
  readonly kind: CredentialKind
  /** SHA-256 of the whole credential, base64url. Never the credential. */
  readonly credentialHash: string
  readonly provider: string
  readonly subject: string
  /** `jti` or the like, as the issuer spells it; null when it gives none. */
  readonly credentialId: string | null
  /** Epoch ms; the credential is void from here on. */
  readonly expiresAt: number
  /** Nobody could be asked whether it was ended meanwhile, and the service puts up with that for a while. */
  readonly unconfirmed: boolean
}

/** Three outcomes for each kind of credential; `unavailable` is not a verdict on the caller. */
export type Authentication =
  | { readonly status: 'absent' }
  | { readonly status: 'verified'; readonly identity: Identity }
  | {
      readonly status: 'rejected'
      readonly code: ReasonCode
      readonly http: 400 | 401 | 403
      /** It was good once and was sent unasked: the caller is asked to log in, as one who sent nothing. */
      readonly lapsed?: true
    }
  | { readonly status: 'unavailable'; readonly code: ReasonCode }

export type MaybePromise<T> = T | Promise<T>

/** One kind of credential. `find` is total and cheap; nothing it returns is trusted. */
export interface CredentialDefinition {
  readonly kind: CredentialKind
  readonly about: string
  /** Browsers send it unasked: where the service does not accept it, it counts as not sent. */
  readonly ambient: boolean
  /** The artefact as sent; `null`: none of this kind; `malformed`: something that claims to be one and is not. */
  readonly find: (request: AccessRequest) => { readonly value: string } | { readonly malformed: ReasonCode } | null
  /** Why this request may not use it here, whoever it speaks for; null: it may. For what is sent unasked. */
  readonly bars?: (request: AccessRequest, service: ServiceImage) => ReasonCode | null
  readonly create: (setup: CredentialSetup) => Authenticator
}

export interface CredentialSetup {
  readonly clock: Clock
  /** Null: this point keeps no sessions. */
  readonly sessions: SessionReader | null
  /** Null: this point knows no API keys. */
  readonly keys: KeyReader | null
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
  /** Client address after the walk over trusted proxies. */
  readonly address: Address
}
