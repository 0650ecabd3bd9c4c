import { isObject, type JsonObject, type JsonValue, type Session } from '@balustrade/core/kit'
import type { Authenticated, ProviderTokens } from './sessions.ts'

/** A session as it stands in the store. */
export interface KeptSession {
  readonly session: Session
  /** Sessions at the provider that its authentications came from: the end of any of them ends it. */
  readonly sids: readonly string[]
  readonly tokens: ProviderTokens
  /** What its latest authentication was asked for; epoch ms. */
  readonly answered: { readonly digest: string; readonly at: number } | null
  /** Epoch ms of the first login. */
  readonly begunAt: number
  /** Epoch ms of its latest authentication. Later uses are kept apart, so that using a session never rewrites it. */
  readonly usedAt: number
  /** It is over once the store's epoch is another. */
  readonly epoch: number
}

/** Proofs that are kept of one session, the latest. */
const MOST_PROOFS = 8

const answeredBy = ({ answered }: Authenticated, now: number): KeptSession['answered'] =>
  answered === null ? null : { digest: answered, at: now }

/** A session at its beginning. */
export const firstKept = (
  from: Authenticated,
  { id, epoch, now, absolute }: { readonly id: string; readonly epoch: number; readonly now: number; readonly absolute: number },
): KeptSession => ({
  session: {
    id,
    provider: from.provider,
    subject: from.subject,
    claims: from.claims,
    proofs: [from.proof],
    expiresAt: now + absolute,
  },
  sids: from.sid === null ? [] : [from.sid],
  tokens: from.tokens,
  answered: answeredBy(from, now),
  begunAt: now,
  usedAt: now,
  epoch,
})

/** The same session after one more authentication, under another id. Its end, its beginning and its epoch stay what they were. */
export const elevatedKept = (
  kept: KeptSession,
  from: Authenticated,
  { id, now }: { readonly id: string; readonly now: number },
): KeptSession => ({
  ...kept,
  session: {
    ...kept.session,
    id,
    claims: from.claims,
    proofs: [...kept.session.proofs, from.proof].slice(-MOST_PROOFS),
  },
  sids: [...new Set(from.sid === null ? kept.sids : [...kept.sids, from.sid])].slice(-MOST_PROOFS),
  tokens: {
    idToken: from.tokens.idToken ?? kept.tokens.idToken,
    refreshToken: from.tokens.refreshToken ?? kept.tokens.refreshToken,
  },
  answered: answeredBy(from, now),
  usedAt: now,
})

/** The same session after a refresh: nobody proved anything, so proofs and life stay. */
export const renewedKept = (
  kept: KeptSession,
  { claims, tokens }: { readonly claims: JsonObject; readonly tokens: ProviderTokens },
): KeptSession => ({ ...kept, session: { ...kept.session, claims }, tokens })

/** As it is written. The id is the key it is written under. */
export const keptJson = ({ session, tokens, ...kept }: KeptSession): JsonObject => {
  const { id: _id, ...said } = session
  return { ...said, ...kept, tokens: { ...tokens } }
}

const textOr = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null)

const answeredOf = (value: JsonValue | undefined): KeptSession['answered'] =>
  isObject(value) && typeof value['digest'] === 'string' && typeof value['at'] === 'number'
    ? { digest: value['digest'], at: value['at'] }
    : null

/** A session read back; null: it is not of the form that is written here. */
export const readKept = (id: string, value: JsonValue): KeptSession | null => {
  if (!isObject(value)) return null
  const { provider, subject, claims, proofs, expiresAt, sids, tokens, answered, begunAt, usedAt, epoch } = value
  const texts = [provider, subject].every((each) => typeof each === 'string')
  const numbers = [expiresAt, begunAt, usedAt, epoch].every((each) => typeof each === 'number')
  const lists =
    Array.isArray(proofs) && proofs.every(isObject) && Array.isArray(sids) && sids.every((each) => typeof each === 'string')
  if (!texts || !numbers || !lists || !isObject(claims) || !isObject(tokens)) return null
  return {
    session: {
      id,
      provider: provider as string,
      subject: subject as string,
      claims,
      proofs,
      expiresAt: expiresAt as number,
    },
    sids,
    tokens: { idToken: textOr(tokens['idToken']), refreshToken: textOr(tokens['refreshToken']) },
    answered: answeredOf(answered),
    begunAt: begunAt as number,
    usedAt: usedAt as number,
    epoch: epoch as number,
  }
}
