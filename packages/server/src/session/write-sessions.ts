import { randomBytes } from 'node:crypto'
import type { DecisionLog, Session } from '@balustrade/core/kit'
import { NOT_STORED, type Stored, stored } from '../state/state-store.ts'
import { sessionRecord } from './authentication-record.ts'
import { type Endings, endedRecord } from './end-sessions.ts'
import { isOver, sessionIdOf } from './find-session.ts'
import { elevatedKept, firstKept, renewedKept } from './kept-session.ts'
import type { KnownSessions } from './known-sessions.ts'
import type { ReadSession, SessionLedger } from './session-ledger.ts'
import type { Authenticated, Begun, Occasion, ProviderTokens, Sessions } from './sessions.ts'

export interface WriterParts {
  readonly ledger: SessionLedger
  readonly known: KnownSessions
  readonly endings: Endings
  readonly log: Pick<DecisionLog, 'append'>
  /** ms */
  readonly absolute: number
  readonly idle: number
  /** Something of a session changed that what is held open may rest on. */
  readonly onChanged: () => void
}

const SECRET_BYTES = 32
/** Times that a change is tried again because another came between. */
const MOST_TRIES = 20

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

/** Not ok: the store could not be asked. Null: none that is good now. */
const readGood = async (
  { ledger, known, endings, idle }: Omit<WriterParts, 'log'>,
  id: string,
  now: number,
): Promise<Stored<ReadSession | null>> => {
  const read = await ledger.read(id)
  if (!read.ok || read.value === null) return read
  const { kept } = read.value
  const usedAt = Math.max(read.value.usedAt, known.remembered(id)?.usedAt ?? 0)
  const over = isOver({ usedAt, expiresAt: kept.session.expiresAt, idle }, now)
  return stored(over || endings.isDenied(id, kept) ? null : read.value)
}

const begin = async (
  { ledger, endings, log, absolute }: WriterParts,
  from: Authenticated,
  on: Occasion & { readonly replaces: string | null },
): Promise<Stored<Begun>> => {
  const epoch = await ledger.epoch()
  if (!epoch.ok) return NOT_STORED
  const secret = newSecret()
  const id = sessionIdOf(secret)
  const kept = firstKept(from, { id, epoch: epoch.value, now: on.now, absolute })
  const added = await ledger.add(kept)
  if (!added.ok || !added.value) return NOT_STORED
  if (on.replaces !== null) {
    const ended = await endings.end({ secret: on.replaces }, { ...on, by: 'replaced' })
    if (!ended.ok) {
      // Nobody was told its secret.
      await ledger.remove(id)
      return NOT_STORED
    }
  }
  log.append(sessionRecord(kept.session, on, { outcome: 'succeeded', code: 'session.begun' }))
  return stored({ secret, session: kept.session })
}

const elevateOnce = async (
  { ledger, known, log, onChanged }: WriterParts,
  read: ReadSession,
  asked: { readonly from: Authenticated; readonly on: Occasion },
): Promise<Stored<Begun | null>> => {
  const { from, on } = asked
  const secret = newSecret()
  const kept = elevatedKept(read.kept, from, { id: sessionIdOf(secret), now: on.now })
  // The new one first: whoever ends all sessions of a person finds one of the two at any moment, and its secret is not known yet.
  const added = await ledger.add(kept)
  if (!added.ok || !added.value) return NOT_STORED
  const won = await ledger.supersede(read, on.now)
  if (!won.ok || !won.value) {
    await ledger.remove(kept.session.id)
    return won.ok ? stored(null) : NOT_STORED
  }
  known.drop(read.kept.session.id)
  log.append(endedRecord(read.kept, { ...on, by: 'elevated' }))
  log.append(sessionRecord(kept.session, on, { outcome: 'succeeded', code: 'session.elevated' }))
  onChanged()
  return stored({ secret, session: kept.session })
}

const elevate = async (
  parts: WriterParts,
  id: string,
  asked: { readonly from: Authenticated; readonly on: Occasion },
): Promise<Stored<Begun | null>> => {
  const { from, on } = asked
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const read = await readGood(parts, id, on.now)
    if (!read.ok || read.value === null) return read.ok ? stored(null) : NOT_STORED
    const { provider, subject } = read.value.kept.session
    // Another account at the provider, or another provider, is a login of its own and never adds to this one.
    if (provider !== from.provider || subject !== from.subject) return stored(null)
    const done = await elevateOnce(parts, read.value, asked)
    if (!done.ok || done.value !== null) return done
  }
  return NOT_STORED
}

const renew = async (
  parts: WriterParts,
  id: string,
  asked: { readonly claims: Session['claims']; readonly tokens: ProviderTokens; readonly now: number },
): Promise<Stored<Session | null>> => {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const read = await readGood(parts, id, asked.now)
    if (!read.ok || read.value === null) return read.ok ? stored(null) : NOT_STORED
    const kept = renewedKept(read.value.kept, asked)
    const done = await parts.ledger.rewrite(kept, read.value.version)
    if (!done.ok) return NOT_STORED
    if (!done.value) continue
    parts.known.reread(id)
    parts.onChanged()
    return stored(kept.session)
  }
  return NOT_STORED
}

/** Everything that makes or changes a session; ends are a matter of their own. */
export const createSessionWriter = (parts: WriterParts): Pick<Sessions, 'begin' | 'elevate' | 'renew' | 'tokensOf'> => ({
  begin: (from, on) => begin(parts, from, on),
  elevate: (secret, from, on) => elevate(parts, sessionIdOf(secret), { from, on }),
  renew: (id, by, now) => renew(parts, id, { ...by, now }),
  tokensOf: async (secret, now) => {
    const read = await readGood(parts, sessionIdOf(secret), now)
    return read.ok ? stored(read.value?.kept.tokens ?? null) : NOT_STORED
  },
})
