import { sha256Base64Url } from '../../lib/digest.ts'
import { createLru } from '../../lib/lru.ts'
import type { ApiKey, KeyFound } from '../../model/credential-ports.ts'
import { FACTS_OF_KIND, OWN_PROVIDER, type CredentialFacts } from '../../model/fact.ts'
import type { Authentication, Authenticator, CredentialSetup, CredentialTarget, Identity } from '../../model/identity.ts'
import type { PolicyImage } from '../../model/policy-image.ts'
import { createScopeLattice } from '../../model/scope-lattice.ts'

const UNAVAILABLE: Authentication = { status: 'unavailable', code: 'key.unavailable' }

/** Most identities that are remembered, over all services. */
const MOST_REMEMBERED = 10_000

/** A scope that was declared when the key was given out and is not any more counts for nothing, and covers nothing. */
const scopesOf = (key: ApiKey, { scopes }: PolicyImage): ReadonlySet<string> =>
  createScopeLattice(scopes).expand(key.scopes.filter((scope) => scopes.includes(scope)))

const identityOf = (presented: string, { key, unconfirmed }: Good, { image }: CredentialTarget): Identity => ({
  facts: {
    ...FACTS_OF_KIND['api-key'],
    workload: `${OWN_PROVIDER}/${key.subject}`,
    scopes: scopesOf(key, image),
  } as CredentialFacts,
  behalf: null,
  kind: 'api-key',
  credentialHash: sha256Base64Url(presented),
  provider: OWN_PROVIDER,
  subject: key.subject,
  credentialId: key.id,
  expiresAt: key.expiresAt,
  unconfirmed,
})

type Good = Extract<KeyFound, { readonly status: 'found' }>

/** What was made of a key under one image. */
interface Made {
  readonly key: ApiKey
  readonly imageDigest: string
  readonly unconfirmed: boolean
  readonly authentication: Authentication
}

/**
 * Turns keys into identities. Whoever presents a key is judged by the reader each time; what is made of one that is good is the same
 * object for as long as nothing changes.
 */
export const createKeyAuthenticator = ({ keys }: CredentialSetup): Authenticator => {
  const made = createLru<string, Made>(MOST_REMEMBERED)
  const conclude = (presented: string, found: KeyFound, target: CredentialTarget): Authentication => {
    if (found.status === 'unavailable') return UNAVAILABLE
    if (found.status === 'refused') return { status: 'rejected', code: found.code, http: 401 }
    const { key, unconfirmed } = found
    // A key has one spelling that the reader lets through, so that its id stands for all of it.
    const slot = `${key.id} ${target.serviceName}`
    const known = made.get(slot)
    if (known?.key === key && known.imageDigest === target.imageDigest && known.unconfirmed === unconfirmed)
      return known.authentication
    const authentication: Authentication = { status: 'verified', identity: identityOf(presented, found, target) }
    made.set(slot, { key, imageDigest: target.imageDigest, unconfirmed, authentication })
    return authentication
  }
  return {
    verify: (presented, target) => {
      if (keys === null) return UNAVAILABLE
      const { now, address, service } = target
      const found = keys.find(presented, { now, address, lenient: service.sessions === 'lenient' })
      return found instanceof Promise
        ? found.then((late) => conclude(presented, late, target))
        : conclude(presented, found, target)
    },
    close: () => made.clear(),
  }
}
