import type { ProviderMetadata } from './provider-metadata.ts'
import type { Parameters } from './parameters.ts'

/** What a provider says that it could not do for now (RFC 6749 section 4.1.2.1). */
const OUTAGES: readonly string[] = ['temporarily_unavailable', 'server_error']

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0: it cannot prove what was asked. */
const UNMET = 'unmet_authentication_requirements'

const codeOfError = (error: string): string => {
  if (OUTAGES.includes(error)) return 'login.provider_unavailable'
  return error === UNMET ? 'login.not_enough' : 'login.refused'
}

/**
 * The code of an authorization response (RFC 6749 section 4.1.2), or why there is none. Who answers comes first (RFC 9207 section
 * 2.4): what another provider says, an error too, is not looked at. No word of the response gets any further.
 */
export const readAuthorizationResponse = (
  parameters: Parameters,
  { issuer, namesIssuer }: Pick<ProviderMetadata, 'issuer' | 'namesIssuer'>,
): { readonly code: string } | { readonly fault: string } => {
  const named = parameters.get('iss')
  if (named === undefined ? namesIssuer : named !== issuer) return { fault: 'login.issuer' }
  const error = parameters.get('error')
  if (error !== undefined) return { fault: codeOfError(error) }
  const code = parameters.get('code')
  return code === undefined || code === '' ? { fault: 'login.state' } : { code }
}
