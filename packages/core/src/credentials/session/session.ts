// A browser that logged in (NIST SP 800-63B section 5: a session, bound to its subscriber by a cookie). Reads sessions through a
// port; begins, changes and ends none, and never decides what a principal may do.
import type { CredentialDefinition } from '../../model/identity.ts'
import { createSessionAuthenticator } from './authenticator.ts'
import { barCrossOrigin } from './cross-origin.ts'
import { findCookie } from './find-cookie.ts'

export const session: CredentialDefinition = {
  kind: 'session',
  about: 'a session of a browser that logged in, sent as a cookie of this host',
  ambient: true,
  find: findCookie,
  bars: barCrossOrigin,
  create: createSessionAuthenticator,
}
