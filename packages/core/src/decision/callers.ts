import { ANONYMOUS, type Facts, UNIDENTIFIED } from '../model/fact.ts'
import { byCaller } from '../plan/given.ts'

/** The same request with no credential. */
export const withoutCredential = (facts: Facts): Facts => byCaller(facts, ANONYMOUS)

/** The same request from who knows whom. */
export const fromAnybody = (facts: Facts): Facts => byCaller(facts, UNIDENTIFIED)

/** The same request from a person of whom nothing is known but that they signed in: whom a login is offered to. */
export const fromPerson = (facts: Facts): Facts => byCaller(facts, { ...UNIDENTIFIED, kind: 'human', credential: 'jwt' })
