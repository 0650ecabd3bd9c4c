// A signed token in the Authorization field (OAuth 2.0 bearer token; NIST: a credential). Says who calls and what the issuer
// vouches for; never decides what a principal may do, and never trusts anything of a token before its signature.
import { findToken } from '../../identity/bearer.ts'
import type { CredentialDefinition } from '../../model/identity.ts'
import { createJwtAuthenticator } from './authenticator.ts'

export const jwt: CredentialDefinition = {
  kind: 'jwt',
  about: 'a JWT access token, sent as `Authorization: Bearer`',
  ambient: false,
  find: findToken,
  create: createJwtAuthenticator,
}
