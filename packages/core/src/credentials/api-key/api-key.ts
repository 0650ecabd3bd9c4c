// A key of a workload (RFC 6750: a bearer token). Reads keys through a port; gives out, changes and revokes none, and never decides
// what a principal may do.
import { findKey } from '../../identity/bearer.ts'
import type { CredentialDefinition } from '../../model/identity.ts'
import { createKeyAuthenticator } from './authenticator.ts'

export const apiKey: CredentialDefinition = {
  kind: 'api-key',
  about: 'a key that Balustrade gave out to a workload, sent as a bearer token',
  ambient: false,
  find: findKey,
  create: createKeyAuthenticator,
}
