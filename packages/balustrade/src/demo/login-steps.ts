import type { Acr } from './login-policy.ts'

export type Factor = 'password' | 'code' | 'passkey'

/** What a browser did so far in one login. */
export interface Progress {
  /** Who proved something in it, null: nobody yet. */
  readonly person: string | null
  readonly proved: readonly Factor[]
  /** Which of the acceptable `acr` the person chose; null: the first. */
  readonly choice: Acr | null
  /** The person left the account of the session: it counts for nothing. */
  readonly left: boolean
  /** WebAuthn challenge that was handed out and not used yet. */
  readonly challenge: string | null
}

export const NOTHING_DONE: Progress = { person: null, proved: [], choice: null, left: false, challenge: null }

/** What a login is for. */
export interface Asked {
  /** Most wanted first; empty: anything. */
  readonly acceptable: readonly Acr[]
  /** Who has the session of this browser, unless everything is asked anew. */
  readonly account: string | null
  /** That session was opened, or proved anew, a moment ago. */
  readonly justProved: boolean
}

/** The page to show. */
export type Step = 'password' | 'code' | 'passkey' | 'enrol' | 'done'

export const targetOf = ({ acceptable }: Asked, { choice }: Progress): Acr =>
  choice !== null && acceptable.includes(choice) ? choice : (acceptable[0] ?? 'password')

/** Who this is about: who proved something, otherwise who has the session. */
export const personOf = ({ account }: Asked, { person, left }: Progress): string | null => person ?? (left ? null : account)

/** The first that is missing of these, in order. */
const missing = (progress: Progress, factors: readonly Factor[]): Factor | null =>
  factors.find((factor) => !progress.proved.includes(factor)) ?? null

const passkeyStep = (progress: Progress, hasPasskey: boolean, trusted: boolean): Step => {
  if (progress.proved.includes('passkey')) return 'done'
  return hasPasskey ? 'passkey' : (missing(progress, trusted ? ['code'] : ['password', 'code']) ?? 'enrol')
}

/**
 * What is missing next. A session stands for what opened it, so within one only the factor that was asked for is proved anew.
 * To a first passkey only a password of a moment ago and a code of this very login open the way: a session that somebody left open
 * does not.
 */
export const nextStep = (asked: Asked, progress: Progress, hasPasskey: boolean): Step => {
  const target = targetOf(asked, progress)
  const person = personOf(asked, progress)
  if (target === 'password') return missing(progress, ['password']) ?? 'done'
  if (person === null) return 'password'
  const inSession = person === asked.account && !progress.left
  if (target === 'passkey') return passkeyStep(progress, hasPasskey, inSession && asked.justProved)
  return missing(progress, inSession ? ['code'] : ['password', 'code']) ?? 'done'
}

/** Progress after a proof. Another person's proofs do not add up with what was there. */
export const withProof = (progress: Progress, person: string, factor: Factor): Progress => {
  const before = progress.person === person || progress.person === null ? progress.proved : []
  return { ...progress, person, proved: [...new Set([...before, factor])], challenge: null }
}
