import { type FetchedJson, fetchJson, isObject, type JsonObject, type JsonValue, metadataUrls } from '@balustrade/core/kit'

/** What a provider says of itself (OpenID Connect Discovery 1.0 section 3), as far as a login needs it. */
export interface ProviderMetadata {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly userinfoEndpoint: string | null
  readonly endSessionEndpoint: string | null
  /** It names itself in every authorization response (RFC 9207). */
  readonly namesIssuer: boolean
  /** It lets single claims be asked for (OpenID Connect Core section 5.5). */
  readonly takesClaims: boolean
  /** The client's secret goes into the Authorization field; otherwise into the body. */
  readonly basic: boolean
}

export interface MetadataOrigin {
  readonly issuer: string
  /** Loopback addresses may be reached, and plain http spoken there. */
  readonly loopback: boolean
  readonly ca: string | null
}

export const EGRESS_LIMITS = { maxBytes: 1_048_576, deadlineMs: 5_000 } as const

/** Browsers are sent there, so it is https, or http on loopback where the provider's entry allows that; `javascript:` is not. */
const isEndpoint = (value: JsonValue | undefined, { loopback }: MetadataOrigin): value is string => {
  const url = typeof value === 'string' && /^[!-~]+$/.test(value) ? URL.parse(value) : null
  if (url === null || url.hash !== '' || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (loopback && url.protocol === 'http:')
}

const optional = (value: JsonValue | undefined, origin: MetadataOrigin): string | null =>
  isEndpoint(value, origin) ? value : null

/** OpenID Connect Discovery 1.0 section 3: `client_secret_basic` when nothing is said. */
const takesBasic = (methods: JsonValue | undefined): boolean => !Array.isArray(methods) || methods.includes('client_secret_basic')

/** RFC 9700 section 2.1.1: who says which methods it offers must offer S256; many say nothing. */
const proves = (methods: JsonValue | undefined): boolean =>
  methods === undefined || (Array.isArray(methods) && methods.includes('S256'))

const readMetadata = (document: JsonObject, origin: MetadataOrigin): ProviderMetadata | string => {
  // RFC 8414 section 3.3: byte for byte, or this is the metadata of somebody else.
  if (document['issuer'] !== origin.issuer) return 'the metadata are not those of the configured issuer'
  const { authorization_endpoint: authorization, token_endpoint: token } = document
  if (!proves(document['code_challenge_methods_supported'])) return 'the provider does not offer code_challenge_method S256'
  if (!isEndpoint(authorization, origin) || !isEndpoint(token, origin)) return 'the metadata name no endpoints that can be used'
  return {
    issuer: origin.issuer,
    authorizationEndpoint: authorization,
    tokenEndpoint: token,
    userinfoEndpoint: optional(document['userinfo_endpoint'], origin),
    endSessionEndpoint: optional(document['end_session_endpoint'], origin),
    namesIssuer: document['authorization_response_iss_parameter_supported'] === true,
    takesClaims: document['claims_parameter_supported'] === true,
    basic: takesBasic(document['token_endpoint_auth_methods_supported']),
  }
}

/** What is wrong with a document that was read says more than that there is none at the other place. */
interface Told {
  unread: string
  unusable: string | null
}

const readFetched = (fetched: FetchedJson, origin: MetadataOrigin, told: Told): ProviderMetadata | null => {
  if (!fetched.ok) {
    told.unread = fetched.why
    return null
  }
  const read = isObject(fetched.value) ? readMetadata(fetched.value, origin) : 'the metadata are no JSON object'
  if (typeof read === 'object') return read
  told.unusable ??= read
  return null
}

/** The metadata, or what was wrong. Never rejects. */
export const fetchMetadata = async (origin: MetadataOrigin): Promise<ProviderMetadata | string> => {
  const told: Told = { unread: 'the issuer is not a URL without query and fragment', unusable: null }
  const options = { ...EGRESS_LIMITS, allowLoopback: origin.loopback, ...(origin.ca === null ? {} : { ca: origin.ca }) }
  for (const url of metadataUrls(origin.issuer)) {
    const fetched = await fetchJson(url, options)
    const metadata = readFetched(fetched, origin, told)
    if (metadata !== null) return metadata
    // A provider that is silent here is silent there: the person waits once.
    if (!fetched.ok && fetched.code === 'deadline') break
  }
  return told.unusable ?? told.unread
}
