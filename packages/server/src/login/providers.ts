import {
  attempt,
  type Clock,
  createIssuedTokens,
  type CredentialTrouble,
  type IssuedTokens,
  type PolicyImage,
  type ProviderImage,
} from '@balustrade/core/kit'
import { fetchMetadata, type MetadataOrigin, type ProviderMetadata } from './provider-metadata.ts'
import type { LoginClient, LoginSettings } from './settings.ts'

/** A provider at which people log in: its entry in the policy in force, and our client there. */
export interface LoginProvider {
  readonly name: string
  readonly entry: ProviderImage
  readonly client: LoginClient
  readonly tokens: IssuedTokens
  /** Null: it does not answer, and what is known of it is too old. Never rejects. */
  readonly metadata: () => Promise<ProviderMetadata | null>
}

export interface Providers {
  /** Null: not declared by this policy, or no client of it is configured here. */
  readonly named: (name: string, image: PolicyImage) => LoginProvider | null
  /** All that are declared and configured. */
  readonly all: (image: PolicyImage) => readonly LoginProvider[]
}

export interface ProvidersSetup {
  readonly settings: LoginSettings
  readonly clock: Clock
  readonly onTrouble: (trouble: CredentialTrouble) => void
}

/** ms. Metadata count as fresh, are used while the provider does not answer, and are not asked for again so soon when there are none. */
const FRESH = 600_000
const MOST_STALE = 86_400_000
const RETRY = 2_000

interface Kept {
  metadata: ProviderMetadata | null
  /** Monotonic ms. */
  fetchedAt: number
  attemptedAt: number
  running: Promise<void> | null
}

const NEVER = Number.NEGATIVE_INFINITY

const createMetadataSource = (
  name: string,
  origin: MetadataOrigin,
  { clock, onTrouble }: ProvidersSetup,
): (() => Promise<ProviderMetadata | null>) => {
  const kept: Kept = { metadata: null, fetchedAt: NEVER, attemptedAt: NEVER, running: null }
  const fetchOnce = async (): Promise<void> => {
    const fetched = await fetchMetadata(origin)
    kept.running = null
    if (typeof fetched === 'string') {
      attempt(() => onTrouble({ provider: name, code: 'login.metadata', detail: fetched }))
      return
    }
    kept.metadata = fetched
    kept.fetchedAt = clock.monotonic()
  }
  const start = (now: number): Promise<void> => {
    kept.attemptedAt = now
    kept.running = fetchOnce()
    return kept.running
  }
  const usable = (now: number): ProviderMetadata | null => (now - kept.fetchedAt <= MOST_STALE ? kept.metadata : null)
  return async () => {
    const now = clock.monotonic()
    const mayFetch = kept.running === null && now - kept.attemptedAt >= RETRY
    if (usable(now) === null) {
      await (mayFetch ? start(now) : kept.running)
      return usable(clock.monotonic())
    }
    // Behind the back of this login: what is known is good enough for it.
    if (mayFetch && now - kept.fetchedAt > FRESH) void start(now)
    return usable(now)
  }
}

type Source = Pick<LoginProvider, 'tokens' | 'metadata'>

const keyOf = ({ issuer, jwksUri, loopback }: ProviderImage, { ca }: LoginClient): string =>
  JSON.stringify([issuer, jwksUri, loopback, ca])

/** Metadata and keys outlive a new policy; a provider whose issuer or key location changed starts anew. */
export const createProviders = (setup: ProvidersSetup): Providers => {
  const sources = new Map<string, { readonly key: string; readonly source: Source }>()
  const sourceOf = (name: string, entry: ProviderImage, client: LoginClient): Source => {
    const key = keyOf(entry, client)
    const known = sources.get(name)
    if (known?.key === key) return known.source
    const { issuer, jwksUri, loopback } = entry
    const { ca } = client
    const origin = { issuer, jwksUri, loopback, ...(ca === null ? {} : { ca }) }
    const source = {
      tokens: createIssuedTokens(name, origin, setup),
      metadata: createMetadataSource(name, { issuer, loopback, ca }, setup),
    }
    sources.set(name, { key, source })
    return source
  }
  const missing = new Set<string>()
  /** Once for each name: people would be told that nobody logs in here, and the operator nothing. */
  const reportMissing = (name: string): null => {
    if (missing.has(name)) return null
    missing.add(name)
    const detail = 'people are to log in at it, and login.providers of the configuration has no client for it'
    attempt(() => setup.onTrouble({ provider: name, code: 'login.no_client', detail }))
    return null
  }
  const named = (name: string, image: PolicyImage): LoginProvider | null => {
    const entry = Object.hasOwn(image.providers, name) ? image.providers[name] : undefined
    const { clients } = setup.settings
    const client = Object.hasOwn(clients, name) ? clients[name] : undefined
    if (entry === undefined) return null
    if (client === undefined) return reportMissing(name)
    return { name, entry, client, ...sourceOf(name, entry, client) }
  }
  return {
    named,
    all: (image) =>
      Object.keys(setup.settings.clients)
        .map((name) => named(name, image))
        .filter((provider) => provider !== null),
  }
}
