import type { CredentialFacts, CredentialKind } from '../model/fact.ts'

/**
 * What is so of everybody who comes with a kind of credential, told a second time: a session is a person's, who came without a client,
 * and has no scopes; a key is that of a program that Balustrade vouches for, which proved nothing.
 */
export const ALWAYS_SO: Readonly<Record<CredentialKind, Partial<CredentialFacts>>> = {
  jwt: { credential: 'jwt' },
  session: { credential: 'session', kind: 'human', workload: null, actingFor: null, client: null, scopes: null },
  'api-key': {
    credential: 'api-key',
    kind: 'workload',
    provider: 'balustrade',
    user: null,
    client: null,
    actingFor: null,
    groups: null,
    roles: null,
    claims: null,
    acr: null,
    factors: null,
    loginAt: null,
  },
}
