import type { Address } from '../lib/address.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { MaybePromise } from './identity.ts'
import type { ReasonCode } from './reason.ts'

/** A browser that logged in, as the one writer of sessions keeps it. The same object for as long as nothing of it changes. */
export interface Session {
  /** SHA-256 of its secret, base64url: names it in logs. Never the secret. */
  readonly id: string
  /** Name of the declared provider. */
  readonly provider: string
  readonly subject: string
  /** Claims of the latest ID token and of userinfo. */
  readonly claims: JsonObject
  /** What each authentication proved: the claims of its ID token that tell how (`acr`, `amr`) and when. Oldest first. */
  readonly proofs: readonly JsonObject[]
  /** Epoch ms; whatever happens, it is over from here on. */
  readonly expiresAt: number
}

/** `unavailable`: nobody could be asked. `unconfirmed`: nor now, but less than a minute ago it was good. */
export type SessionFound =
  | { readonly status: 'found'; readonly session: Session; readonly unconfirmed: boolean }
  | { readonly status: 'none'; readonly code: ReasonCode }
  | { readonly status: 'unavailable' }

/** Tells what is known of a session. Never throws or rejects. */
export interface SessionReader {
  /** By the secret of the cookie. A session that is found was used: its idle time begins again. `lenient`: unconfirmed ones are given. */
  readonly find: (secret: string, options: { readonly now: number; readonly lenient: boolean }) => MaybePromise<SessionFound>
}

/** A key of a workload, as the registry keeps it. The same object for as long as nothing of it changes. */
export interface ApiKey {
  /** Public part of the key: names it in logs and lists. */
  readonly id: string
  /** Its principal is `balustrade/<subject>`, a workload. */
  readonly subject: string
  /** Scopes it was given, as declared: names and wildcards. */
  readonly scopes: readonly string[]
  /** Epoch ms. */
  readonly expiresAt: number
}

/** `refused`: no such key, or one that is not good now or not from this address. */
export type KeyFound =
  | { readonly status: 'found'; readonly key: ApiKey; readonly unconfirmed: boolean }
  | { readonly status: 'refused'; readonly code: ReasonCode }
  | { readonly status: 'unavailable' }

/** Tells what is known of an API key. Never throws or rejects. */
export interface KeyReader {
  /** By the key as presented, whatever its form. A key that is found was used. `lenient`: unconfirmed ones are given. */
  readonly find: (
    presented: string,
    use: { readonly now: number; readonly address: Address; readonly lenient: boolean },
  ) => MaybePromise<KeyFound>
}
