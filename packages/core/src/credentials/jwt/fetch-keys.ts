import { type FetchedJson, fetchJson } from '../../lib/egress.ts'
import { isObject } from '../../lib/strict-json.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import { importKeySet, type KeySet } from './key-set.ts'

/** What decides which keys are fetched and how: where these are equal, the keys are the same. */
export interface KeyOrigin extends Pick<ProviderImage, 'issuer' | 'jwksUri' | 'loopback'> {
  /** Trust anchors in PEM instead of the platform's. */
  readonly ca?: string
}

export type FetchedKeys =
  | { readonly ok: true; readonly set: KeySet; readonly cacheControl: string | null; readonly date: string | null }
  | { readonly ok: false; readonly code: string; readonly detail: string }

const LARGEST = 1_048_576
const DEADLINE = 5_000

const failed = (code: string, detail: string): FetchedKeys & { readonly ok: false } => ({ ok: false, code, detail })

const fetchDocument = (url: string, origin: KeyOrigin): Promise<FetchedJson> =>
  fetchJson(url, {
    maxBytes: LARGEST,
    deadlineMs: DEADLINE,
    allowLoopback: origin.loopback,
    ...(origin.ca === undefined ? {} : { ca: origin.ca }),
  })

/**
 * Where the metadata of an issuer may stand: OpenID Connect Discovery 1.0 section 4 appends to the issuer, RFC 8414 section
 * 3 inserts between host and path. None when the issuer is no URL, or has a query or fragment.
 */
export const metadataUrls = (issuer: string): readonly string[] => {
  const url = URL.parse(issuer)
  if (url === null || /[?#]/.test(issuer)) return []
  const path = url.pathname.replace(/\/$/, '')
  return [
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

/** The `jwks_uri` of metadata whose `issuer` is the configured one, byte for byte (RFC 8414 section 3.3). */
const readMetadata = (document: FetchedJson, issuer: string): string | FetchedKeys => {
  if (!document.ok) return failed('keys.discovery', document.why)
  const metadata = document.value
  if (!isObject(metadata) || metadata['issuer'] !== issuer)
    return failed('keys.issuer_mismatch', 'the metadata are not those of the configured issuer')
  const uri = metadata['jwks_uri']
  return typeof uri === 'string' ? uri : failed('keys.discovery', 'the metadata name no jwks_uri')
}

const discover = async (origin: KeyOrigin): Promise<string | FetchedKeys> => {
  let outcome: string | FetchedKeys = failed('keys.discovery', 'the issuer is not a URL without query and fragment')
  for (const url of metadataUrls(origin.issuer)) {
    outcome = readMetadata(await fetchDocument(url, origin), origin.issuer)
    if (typeof outcome === 'string') return outcome
  }
  return outcome
}

/**
 * Fetches the key set of a provider, after discovery when the policy gives no URI. Never rejects. https only, or http on
 * loopback where the provider allows it; private addresses are refused (lib/egress.ts); 1 MB and 5 s for each document.
 */
export const fetchKeys = async (origin: KeyOrigin): Promise<FetchedKeys> => {
  const uri = origin.jwksUri ?? (await discover(origin))
  if (typeof uri !== 'string') return uri
  const document = await fetchDocument(uri, origin)
  if (!document.ok) return failed('keys.fetch', document.why)
  const set = await importKeySet(document.value)
  if (set === null) return failed('keys.malformed', 'the document is not a key set of at most 100 keys')
  return { ok: true, set, cacheControl: document.cacheControl, date: document.date }
}
