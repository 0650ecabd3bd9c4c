// Sessions of browsers that logged in (NIST SP 800-63B section 5), kept in the store: the only writer of them, and the reader
// behind core's port. Knows no HTTP and no protocol of a provider, never decides what a person may do, never keeps a secret.
import type { AuthenticationRecord, Clock, DecisionLog, JsonObject, Session, SessionReader } from '@balustrade/core/kit'
import { NOT_STORED, type StateStore, type Stored, stored } from '../state/state-store.ts'
import { createBell } from './bell.ts'
import { createEndings, type Endings } from './end-sessions.ts'
import { createSessionReader, isOver } from './find-session.ts'
import { createKnownSessions, type KnownSessions } from './known-sessions.ts'
import { createSessionLedger, type SessionLedger } from './session-ledger.ts'
import { createSessionUses } from './session-uses.ts'
import { createSessionWriter } from './write-sessions.ts'

/** What the provider gave for use at its own endpoints. Kept sealed, never logged. */
export interface ProviderTokens {
  /** The ID token as it came: the hint of a logout. */
  readonly idToken: string | null
  readonly refreshToken: string | null
}

/** What a provider vouched for at one authentication. Nothing of it is verified here. */
export interface Authenticated {
  /** Name of the declared provider. */
  readonly provider: string
  readonly subject: string
  /** `sid`: the session at the provider, which it names when that one is over. */
  readonly sid: string | null
  /** Claims of the ID token and of userinfo. */
  readonly claims: JsonObject
  /** Claims of the ID token that tell how and when: `acr`, `amr`, `auth_time` and what the provider's entry names besides. */
  readonly proof: JsonObject
  readonly tokens: ProviderTokens
  /** Digest of the remedy this authentication was asked for; null: a plain login. */
  readonly answered: string | null
}

/** When, and at which request: what a record tells. A request that has none of its own (the command line) makes an id. */
export interface Occasion extends Pick<AuthenticationRecord, 'id' | 'point' | 'service' | 'peer' | 'client'> {
  /** Epoch ms. */
  readonly now: number
}

/** The secret goes into the cookie and nowhere else. */
export interface Begun {
  readonly secret: string
  readonly session: Session
}

/** Which sessions are ended: one, those of one session at the provider, those of a person, or every one begun before. */
export type Ending =
  | { readonly secret: string }
  | { readonly id: string }
  | { readonly provider: string; readonly sid: string }
  | { readonly provider: string; readonly subject: string }
  | 'all'

/** Who ended it: the person, the provider (its logout), the operator. Code of the record: `session.ended.<why>`. */
export type EndedBy = 'logout' | 'provider' | 'operator'

/** A session as operators see it. Times in epoch ms. */
export interface SessionListed {
  readonly id: string
  readonly provider: string
  readonly subject: string
  /** The first login, however often it was stepped up. */
  readonly begunAt: number
  /** The last use that was kept: up to a minute old. */
  readonly usedAt: number
  readonly expiresAt: number
}

/** Nothing here throws or rejects. `ok: false`: the store could not be reached. */
export interface Sessions {
  readonly reader: SessionReader
  /** A new session with a new secret. `replaces`: secret of the browser's present one, which is ended, whoever it spoke for. */
  readonly begin: (from: Authenticated, on: Occasion & { readonly replaces: string | null }) => Promise<Stored<Begun>>
  /**
   * The same session with one more proof (eight are kept) under a new secret; the old one is dead when this resolves. Its life
   * stays as it was. Null: no such session now, or of another provider or subject. Of several at once one wins.
   */
  readonly elevate: (secret: string, from: Authenticated, on: Occasion) => Promise<Stored<Begun | null>>
  /** After a refresh: claims and tokens change; secret, proofs and life do not. Null: no such session now. */
  readonly renew: (
    id: string,
    by: { readonly claims: JsonObject; readonly tokens: ProviderTokens },
    now: number,
  ) => Promise<Stored<Session | null>>
  /**
   * Ends; how many were there. Ending again is fine. Not ok: it may live on elsewhere, and the caller must say so; this process
   * refuses it from now on all the same.
   */
  readonly end: (which: Ending, on: Occasion & { readonly by: EndedBy }) => Promise<Stored<number>>
  /** For hints at the provider's logout, and for refreshing. Null: no such session now. */
  readonly tokensOf: (secret: string, now: number) => Promise<Stored<ProviderTokens | null>>
  /** What its latest authentication was asked for, and when (epoch ms), as this process last saw it; null: nothing, or not seen. */
  readonly lastAnswered: (id: string) => { readonly digest: string; readonly at: number } | null
  /** Called whenever sessions ended or changed, here or in another process: what is held open has to be judged again. */
  readonly onEnded: (listener: () => void) => void
  readonly list: (now: number) => Promise<Stored<readonly SessionListed[]>>
  /** Writes the uses that were not kept yet. The store stays open. */
  readonly close: () => Promise<void>
}

export interface SessionsParts {
  readonly store: StateStore
  readonly clock: Clock
  /** ms from the first login until a session is over, whatever happens. */
  readonly absolute: number
  /** ms without use after which it is over. */
  readonly idle: number
  readonly log: Pick<DecisionLog, 'append'>
}

/** ms between two writes of last uses: what a restart may lose of them. */
const MOST_BETWEEN_WRITES = 60_000
const WRITES_PER_IDLE = 10

const listSessions = async (
  { ledger, known, idle }: { readonly ledger: SessionLedger; readonly known: KnownSessions; readonly idle: number },
  now: number,
): Promise<Stored<readonly SessionListed[]>> => {
  const read = await ledger.list()
  if (!read.ok) return NOT_STORED
  const listed = read.value.map(({ kept, usedAt }) => {
    const { id, provider, subject, expiresAt } = kept.session
    const used = Math.max(usedAt, known.remembered(id)?.usedAt ?? 0)
    return { id, provider, subject, begunAt: kept.begunAt, usedAt: used, expiresAt }
  })
  return stored(listed.filter((each) => !isOver({ ...each, idle }, now)))
}

/** The sessions of a store. Any number of processes may have one each on the same file. */
export const createSessions = ({ store, clock, absolute, idle, log }: SessionsParts): Sessions => {
  const bell = createBell()
  const ledger = createSessionLedger(store)
  const known = createKnownSessions({
    store,
    ledger,
    clock,
    onChange: bell.ring,
    onBack: () => {
      bell.ring()
      void endings.retry()
    },
    onForgotten: (seen) => void uses.keep(seen),
  })
  const uses = createSessionUses(ledger, known)
  const endings: Endings = createEndings({ ledger, known, log, onEnded: bell.ring })
  const writer = createSessionWriter({ ledger, known, endings, log, absolute, idle, onChanged: bell.ring })
  const timer = setInterval(() => void uses.keepAll(), Math.min(MOST_BETWEEN_WRITES, idle / WRITES_PER_IDLE)).unref()
  return {
    ...writer,
    reader: createSessionReader({ known, isDenied: endings.isDenied, idle }),
    end: endings.end,
    lastAnswered: (id) => known.remembered(id)?.kept.answered ?? null,
    onEnded: bell.onRing,
    list: (now) => listSessions({ ledger, known, idle }, now),
    close: async () => {
      clearInterval(timer)
      bell.close()
      endings.close()
      await uses.keepAll()
      known.close()
    },
  }
}
