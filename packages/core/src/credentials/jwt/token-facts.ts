import type { Issuer } from '../../identity/issuer.ts'
import { subjectFacts, UNPROVED } from '../../identity/subject-facts.ts'
import type { CredentialFacts } from '../../model/fact.ts'
import type { TokenClaims } from './token-claims.ts'

/**
 * The facts of a token. With an actor (RFC 8693) there are two principals: the actor, an agent that has of the token only
 * its scopes and client (groups, roles, claims and factors are the subject's), and the subject it acts for.
 */
export const readTokenFacts = (
  claims: TokenClaims,
  issuer: Issuer,
): { readonly facts: CredentialFacts; readonly behalf: CredentialFacts | null } => {
  const subject = subjectFacts({ ...claims, credential: 'jwt' }, issuer)
  if (claims.actor === null) return { facts: subject, behalf: null }
  const { credential, provider, client, scopes } = subject
  const agent: CredentialFacts = {
    credential,
    provider,
    client,
    scopes,
    kind: 'agent',
    user: null,
    workload: null,
    actingFor: `${issuer.name}/${claims.subject}`,
    groups: null,
    roles: null,
    claims: null,
    ...UNPROVED,
  }
  return { facts: agent, behalf: subject }
}
