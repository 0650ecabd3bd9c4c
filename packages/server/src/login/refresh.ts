import {
  attempt,
  type JsonObject,
  type MaybePromise,
  parseStrictJson,
  isObject,
  readNumericDate,
  type Session,
  type SessionFound,
  type SessionReader,
} from '@balustrade/core/kit'
import type { ProviderTokens } from '../session/sessions.ts'
import { allClaims } from './authenticate.ts'
import { type ReadyProvider, requestTokens, type TokenAnswer } from './exchange.ts'
import { checkIdToken } from './id-token.ts'
import { type LoginContext, POINT } from './login-context.ts'
import { readyProvider } from './ready-provider.ts'
import type { LoginClient } from './settings.ts'

/** ms between two attempts for one session while they fail; `every` where that is shorter. */
const RETRY = 30_000
/** ms for which one process keeps the others from refreshing the same session: longer than all that a refresh may wait for. */
const TURN = 60_000
/** Most sessions whose refreshes are remembered. */
const MOST = 10_000

/** What this process knows of the refreshing of one session. Epoch ms. */
interface Known {
  refreshedAt: number
  attemptedAt: number
  running: Promise<Outcome> | null
}

/** `kept`: claims are as fresh as can be had. `failed`, `elsewhere` (another process is at it): they are not, or not yet. */
type Outcome =
  | { readonly kind: 'kept'; readonly session: Session }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'elsewhere' }

type Policy = NonNullable<LoginClient['refresh']>
type Found = SessionFound & { readonly status: 'found' }

const FAILED: Outcome = { kind: 'failed' }
const ENDED: Outcome = { kind: 'ended' }
const UNAVAILABLE: SessionFound = { status: 'unavailable' }
const GONE: SessionFound = { status: 'none', code: 'session.none' }

const LIMITS = { maxBytes: 8_192, maxDepth: 16 }

/** Claims of an ID token of ours: it was verified before it was kept. */
const claimsOfKept = (idToken: string | null): JsonObject | null => {
  const payload = Buffer.from(idToken?.split('.')[1] ?? '', 'base64url').toString('utf8')
  const parsed = parseStrictJson(payload, LIMITS)
  return parsed.ok && isObject(parsed.value) ? parsed.value : null
}

/**
 * OpenID Connect Core section 12.2: a refreshed ID token speaks of the same person and of the login that the refresh token came from.
 * That is any of those the session rests on: not every provider gives a refresh token for every step-up.
 */
const isSameLogin = ({ sub, auth_time: authTime, nonce }: JsonObject, { subject, proofs, claims }: Session): boolean => {
  const known = proofs.map((proof) => proof['auth_time'])
  const sameTime = authTime === undefined || known.every((time) => time === undefined) || known.includes(authTime)
  return sub === subject && sameTime && (nonce === undefined || proofs.length > 1 || nonce === claims['nonce'])
}

/** Faults of an ID token that is somebody else's. Any other says nothing about the person. */
const UNVOUCHED: readonly string[] = ['login.token_issuer', 'login.token_audience', 'login.token_subject']

/** Claims of the refreshed ID token, or of the kept one where no other came; or what comes of it that there are none. */
const idClaims = async (
  { ready, session, now }: { readonly ready: ReadyProvider; readonly session: Session; readonly now: number },
  answer: TokenAnswer,
  tokens: ProviderTokens,
): Promise<JsonObject | 'unvouched' | 'failed'> => {
  const { idToken, accessToken } = answer
  if (idToken === null) return claimsOfKept(tokens.idToken) ?? 'failed'
  const checked = await checkIdToken(idToken, { provider: ready.provider, nonce: null, accessToken, now })
  if ('code' in checked) return UNVOUCHED.includes(checked.code) ? 'unvouched' : 'failed'
  return isSameLogin(checked.claims, session) ? checked.claims : 'unvouched'
}

/** The provider took the refresh token back, or vouches for somebody else: whoever this was is not logged in there any more. */
const endSession = async (context: LoginContext, session: Session): Promise<Outcome> => {
  const now = context.clock.now()
  const on = { now, id: context.makeId(now), point: POINT, service: null, peer: '', client: null, by: 'provider' } as const
  await context.sessions.end({ id: session.id }, on)
  return ENDED
}

/** Whatever became of the claims, the former refresh token may be used up: its successor is kept. An ID token is, if it was verified. */
const nextTokens = (former: ProviderTokens, { idToken, refreshToken }: TokenAnswer, isVerified: boolean): ProviderTokens => ({
  idToken: isVerified && idToken !== null ? idToken : former.idToken,
  refreshToken: refreshToken ?? former.refreshToken,
})

const renewWith = async (
  context: LoginContext,
  { ready, session, tokens }: { readonly ready: ReadyProvider; readonly session: Session; readonly tokens: ProviderTokens },
  answer: TokenAnswer,
): Promise<Outcome> => {
  const now = context.clock.now()
  const claims = await idClaims({ ready, session, now }, answer, tokens)
  // What came speaks of somebody else, or of another login: whoever holds this session, the provider does not vouch for them.
  if (claims === 'unvouched') return endSession(context, session)
  const all = claims === 'failed' ? null : await allClaims(ready, answer.accessToken, { subject: session.subject, claims })
  const fresh = all === null || 'fault' in all ? null : all.claims
  const kept = nextTokens(tokens, answer, claims !== 'failed')
  const renewed = await context.sessions.renew(session.id, { claims: fresh ?? session.claims, tokens: kept }, now)
  if (!renewed.ok) return FAILED
  if (renewed.value === null) return ENDED
  return fresh === null ? FAILED : { kind: 'kept', session: renewed.value }
}

const refreshWith = async (context: LoginContext, session: Session, tokens: ProviderTokens): Promise<Outcome> => {
  const ready = await readyProvider(context, session.provider)
  if ('fault' in ready || tokens.refreshToken === null) return FAILED
  const answered = await requestTokens(ready, 'refresh_token', { refresh_token: tokens.refreshToken })
  if (answered.ok) return renewWith(context, { ready, session, tokens }, answered.value)
  return answered.why === 'refused' && answered.error === 'invalid_grant' ? endSession(context, session) : FAILED
}

/** Tokens are read only when it is our turn: whoever had it before may have used up those of a moment ago. */
const refreshInTurn = async (context: LoginContext, secret: string, session: Session): Promise<Outcome> => {
  const tokens = await context.sessions.tokensOf(secret, context.clock.now())
  if (!tokens.ok) return FAILED
  if (tokens.value === null) return ENDED
  // Nothing to refresh with: the claims stay as they are for the life of the session.
  if (tokens.value.refreshToken === null) return { kind: 'kept', session }
  return refreshWith(context, session, tokens.value)
}

/** One process at a time: what it gets is told to all. */
const takeTurn = async (context: LoginContext, secret: string, session: Session): Promise<Outcome> => {
  const key = `refresh ${session.id}`
  const turn = await context.store.add('used', key, { value: true, expiresAt: context.clock.now() + TURN, tags: [] })
  if (!turn.ok) return FAILED
  if (!turn.value) return { kind: 'elsewhere' }
  const outcome = await refreshInTurn(context, secret, session)
  await context.store.remove('used', key)
  return outcome
}

/** ms a request waits for a refresh; it then goes on behind. */
const LONGEST_WAIT = 1_000

const settleWithin = (work: Promise<Outcome>, ms: number): Promise<Outcome> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(FAILED), ms)
    void work.then((outcome) => {
      clearTimeout(timer)
      resolve(outcome)
    })
  })

/** What the session is good for after a refresh that failed: its claims may be older than asked for by the grace, and no more. */
const afterFailure = (found: Found, known: Known, { every, grace, now }: Policy & { readonly now: number }): SessionFound =>
  now - known.refreshedAt <= every + grace ? found : UNAVAILABLE

const concludeWith = (found: Found, outcome: Outcome, failed: () => SessionFound): SessionFound => {
  if (outcome.kind === 'kept') return { ...found, session: outcome.session }
  return outcome.kind === 'ended' ? GONE : failed()
}

interface Keeper {
  readonly of: (session: Session) => Known
  readonly forget: (session: Session) => void
}

const createKeeper = (): Keeper => {
  const known = new Map<string, Known>()
  return {
    of: (session) => {
      const { id } = session
      const there = known.get(id)
      if (there !== undefined) return there
      const first = known.keys().next().value
      if (known.size >= MOST && first !== undefined) known.delete(first)
      const made: Known = { refreshedAt: 0, attemptedAt: 0, running: null }
      known.set(id, made)
      return made
    },
    forget: ({ id }) => void known.delete(id),
  }
}

const start = (
  context: LoginContext,
  known: Known,
  asked: { readonly secret: string; readonly session: Session },
): Promise<Outcome> => {
  const { clock, onTrouble } = context
  known.attemptedAt = clock.now()
  const running = takeTurn(context, asked.secret, asked.session).then((outcome) => {
    known.running = null
    if (outcome.kind === 'kept') known.refreshedAt = clock.now()
    if (outcome.kind === 'failed')
      attempt(() =>
        onTrouble({
          provider: asked.session.provider,
          code: 'login.refresh',
          detail: 'the claims of a session could not be refreshed',
        }),
      )
    return outcome
  })
  known.running = running
  return running
}

/**
 * Reads sessions, and has the claims of those in use refreshed where the client's settings ask for it: not more often than `every`,
 * once at a time for each session. A refresh proves nothing anew. While the provider does not answer, a session is good for `grace`
 * longer, and then unavailable; one whose refresh token is refused is over.
 */
export const createRefreshingReader = (context: LoginContext): SessionReader => {
  const { sessions, settings } = context
  const keeper = createKeeper()
  const refreshed = (secret: string, found: Found, now: number): MaybePromise<SessionFound> => {
    const client = Object.hasOwn(settings.clients, found.session.provider) ? settings.clients[found.session.provider] : undefined
    const policy = client?.refresh ?? null
    if (policy === null) return found
    const known = keeper.of(found.session)
    // Another process, or a step-up, may have brought newer claims.
    known.refreshedAt = Math.max(known.refreshedAt, readNumericDate(found.session.claims['iat']) ?? 0)
    if (now - known.refreshedAt < policy.every) return found
    const failed = (): SessionFound => afterFailure(found, known, { ...policy, now })
    if (known.running === null && now - known.attemptedAt < Math.min(RETRY, policy.every)) return failed()
    const running = known.running ?? start(context, known, { secret, session: found.session })
    return settleWithin(running, LONGEST_WAIT).then((outcome) => {
      if (outcome.kind === 'ended') keeper.forget(found.session)
      return concludeWith(found, outcome, failed)
    })
  }
  const onFound = (secret: string, found: SessionFound, now: number): MaybePromise<SessionFound> =>
    found.status === 'found' ? refreshed(secret, found, now) : found
  return {
    find: (secret, options) => {
      const found = sessions.reader.find(secret, options)
      return found instanceof Promise
        ? found.then((late) => onFound(secret, late, options.now))
        : onFound(secret, found, options.now)
    },
  }
}
