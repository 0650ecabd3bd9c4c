import type { KeyObject } from 'node:crypto'
import type { Clock, CredentialTrouble, DecisionLog, PolicyImage, Surroundings } from '@balustrade/core/kit'
import type { Sessions } from '../session/sessions.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Allowance } from './allowance.ts'
import type { Providers } from './providers.ts'
import type { Seals } from './seal.ts'
import type { LoginSettings } from './settings.ts'

/** What logins need of the rest of the server. */
export interface LoginParts {
  readonly store: StateStore
  readonly sessions: Sessions
  readonly settings: LoginSettings
  /** The policy in force; null before there is one. */
  readonly image: () => PolicyImage | null
  readonly clock: Clock
  readonly log: Pick<DecisionLog, 'append'>
  readonly around: Pick<Surroundings, 'reasonText' | 'theme'>
  /** Keys of the state, newest first; at least one. What browsers carry is sealed under keys derived from them. */
  readonly keys: readonly KeyObject[]
  /** Called for a provider that does not answer, or not properly. */
  readonly onTrouble: (trouble: CredentialTrouble) => void
}

/** The parts with what is made of them once. */
export interface LoginContext extends LoginParts {
  readonly providers: Providers
  /** Logins under way, and forms kept for them. */
  readonly allowances: { readonly logins: Allowance; readonly forms: Allowance }
  readonly seals: Seals
  /** Ids for records of what no decision was made about. */
  readonly makeId: (now: number) => string
}

/** Name of this point in records. */
export const POINT = 'gateway'

/** ms. How long a login may take, and what is kept for it is kept. */
export const LOGIN_TIME = 600_000

/** Logins that may be under way at once, and forms kept: a transaction takes about 2 kB of the store, a form up to 64 kB. */
export const MOST_LOGINS = { span: LOGIN_TIME, most: 50_000, mostPerAddress: 1_000 }
export const MOST_FORMS = { span: LOGIN_TIME, most: 1_000, mostPerAddress: 20 }
