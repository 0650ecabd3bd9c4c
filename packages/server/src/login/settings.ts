import type { Secret } from '@balustrade/core/kit'

/** What this point is at a provider: its OAuth client there (RFC 6749 section 2). */
export interface LoginClient {
  readonly id: string
  /** Null: a public client. */
  readonly secret: Secret | null
  /** `openid` among them. */
  readonly scopes: readonly string[]
  /** Whether claims are asked of the UserInfo endpoint as well. */
  readonly userinfo: boolean
  /** ms between two refreshes of the claims of a session in use, and for how long the provider may be down meanwhile; null: never refreshed. */
  readonly refresh: { readonly every: number; readonly grace: number } | null
  /** What people call the provider, for the page on which they choose. */
  readonly name: string
  /** Trust anchors in PEM instead of the platform's. */
  readonly ca: string | null
}

/** Clients by name of the declared provider. Read anew for every login, so that a replaced secret counts at once. */
export interface LoginSettings {
  readonly clients: Readonly<Record<string, LoginClient>>
}
