import { type CredentialFacts, type Factor, type Maybe, type Unknown, UNKNOWN } from '../model/fact.ts'
import type { Session } from '../model/credential-ports.ts'
import { type Assurance, readAssurance } from './assurance.ts'
import type { Issuer } from './issuer.ts'
import { subjectFacts } from './subject-facts.ts'

const isKnown = <T>(value: Maybe<T>): value is T => value !== null && value !== UNKNOWN

/** Factors of all authentications: proving one does not take another back. Unknown only where none of them says anything. */
const factorsOf = (proofs: readonly Assurance[]): Maybe<readonly Factor[]> => {
  const known = proofs.map(({ factors }) => factors).filter(isKnown)
  if (known.length === 0) return proofs.some(({ factors }) => factors === UNKNOWN) ? UNKNOWN : null
  return known.flat()
}

const latestLogin = (proofs: readonly Assurance[]): Maybe<number> => {
  const known = proofs.map(({ loginAt }) => loginAt).filter(isKnown)
  if (known.length > 0) return Math.max(...known)
  return proofs.some(({ loginAt }) => loginAt === UNKNOWN) ? (UNKNOWN as Unknown) : null
}

/** The facts of a session under the provider's entry that is in force now. A session has no scopes: those are a token's. */
export const sessionFacts = (session: Session, issuer: Issuer): CredentialFacts => {
  const { claims, subject } = session
  const facts = subjectFacts({ credential: 'session', subject, client: null, all: claims }, issuer)
  const proofs = session.proofs.map((proof) => readAssurance(proof, issuer.provider))
  return {
    ...facts,
    client: null,
    scopes: null,
    acr: proofs.at(-1)?.acr ?? null,
    factors: factorsOf(proofs),
    loginAt: latestLogin(proofs),
  }
}
