import { type Issuer, issuerNamed } from '../../identity/issuer.ts'
import { sessionFacts } from '../../identity/session-facts.ts'
import { createLru } from '../../lib/lru.ts'
import type { Session, SessionFound } from '../../model/credential-ports.ts'
import type { Authentication, Authenticator, CredentialSetup, CredentialTarget, Identity } from '../../model/identity.ts'

const rejected = (code: string): Authentication => ({ status: 'rejected', code, http: 401, lapsed: true })
const UNAVAILABLE: Authentication = { status: 'unavailable', code: 'session.unavailable' }

/** Most identities that are remembered, over all services. */
const MOST_REMEMBERED = 10_000

const identityOf = (session: Session, issuer: Issuer, unconfirmed: boolean): Identity => ({
  facts: sessionFacts(session, issuer),
  behalf: null,
  kind: 'session',
  credentialHash: session.id,
  provider: session.provider,
  subject: session.subject,
  credentialId: null,
  expiresAt: session.expiresAt,
  unconfirmed,
})

/** What was made of a session under one image. */
interface Made {
  readonly session: Session
  readonly imageDigest: string
  readonly unconfirmed: boolean
  readonly authentication: Authentication
}

const judge = (found: SessionFound, target: CredentialTarget): Authentication => {
  if (found.status === 'unavailable') return UNAVAILABLE
  if (found.status === 'none') return rejected(found.code)
  const { session, unconfirmed } = found
  // The service may accept fewer providers than the browser can log in at elsewhere on this host.
  const issuer = target.service.providers.includes(session.provider) ? issuerNamed(target.image, session.provider) : null
  if (issuer === null) return rejected('session.provider')
  return { status: 'verified', identity: identityOf(session, issuer, unconfirmed) }
}

/** Turns sessions into identities. Made once for a session, image and service: the same object for as long as nothing changes. */
export const createSessionAuthenticator = ({ sessions }: CredentialSetup): Authenticator => {
  const made = createLru<string, Made>(MOST_REMEMBERED)
  const conclude = (found: SessionFound, target: CredentialTarget): Authentication => {
    if (found.status !== 'found') return judge(found, target)
    const { session, unconfirmed } = found
    const slot = `${session.id} ${target.serviceName}`
    const known = made.get(slot)
    if (known?.session === session && known.imageDigest === target.imageDigest && known.unconfirmed === unconfirmed)
      return known.authentication
    const authentication = judge(found, target)
    made.set(slot, { session, imageDigest: target.imageDigest, unconfirmed, authentication })
    return authentication
  }
  return {
    verify: (secret, target) => {
      if (sessions === null) return UNAVAILABLE
      const found = sessions.find(secret, { now: target.now, lenient: target.service.sessions === 'lenient' })
      return found instanceof Promise ? found.then((late) => conclude(late, target)) : conclude(found, target)
    },
    close: () => made.clear(),
  }
}
