import { ANONYMOUS, type CredentialKind, type Facts, FACTS_OF_KIND, UNIDENTIFIED } from '../model/fact.ts'
import { byCaller } from '../plan/given.ts'

/** The same request with no credential. */
export const withoutCredential = (facts: Facts): Facts => byCaller(facts, ANONYMOUS)

/** The same request from who knows whom, with a credential of this kind. */
export const fromAnybody = (facts: Facts, kind: CredentialKind): Facts =>
  byCaller(facts, { ...UNIDENTIFIED, ...FACTS_OF_KIND[kind] })

/** The same by a person, if people come with such a credential: whom a login is offered to. */
export const fromPerson = (facts: Facts, kind: CredentialKind): Facts =>
  byCaller(facts, { ...UNIDENTIFIED, kind: 'human', ...FACTS_OF_KIND[kind] })
