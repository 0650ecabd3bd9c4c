import type { JsonObject } from '@balustrade/core/kit'
import type { Authenticated } from '../session/sessions.ts'
import { demandDigest, isProved } from './demand.ts'
import { type ExchangeFailure, type ReadyProvider, requestTokens, requestUserinfo, type TokenAnswer } from './exchange.ts'
import { checkIdToken, type IdToken } from './id-token.ts'
import type { Transaction } from './transaction.ts'

/** Claims that tell how and when somebody logged in; the provider's entry may name one more. */
const PROOF = ['acr', 'amr', 'auth_time', 'iat']

const proofOf = (claims: JsonObject, provedAt: string | null): JsonObject => {
  const names = provedAt === null ? PROOF : [...PROOF, provedAt]
  return Object.fromEntries(names.filter((name) => claims[name] !== undefined).map((name) => [name, claims[name]])) as JsonObject
}

/** Code of the reason why nobody is logged in; `subject` once it is known, `detail` where the operator can do something. */
export interface NotAuthenticated {
  readonly fault: string
  readonly subject?: string
  readonly detail?: string
}

const faultOf = (failure: ExchangeFailure): string => {
  if (failure.why === 'unavailable') return 'login.provider_unavailable'
  return failure.why === 'refused' && failure.error === 'invalid_grant' ? 'login.code' : 'login.provider_fault'
}

/** Claims of UserInfo under those of the ID token, which are signed. Null: the provider told nothing usable. */
export const allClaims = async (
  ready: ReadyProvider,
  accessToken: string,
  { subject, claims }: Pick<IdToken, 'subject' | 'claims'>,
): Promise<{ readonly claims: JsonObject } | NotAuthenticated> => {
  const { provider, metadata } = ready
  if (!provider.client.userinfo || metadata.userinfoEndpoint === null) return { claims }
  const told = await requestUserinfo(ready, accessToken, subject)
  if (told.ok) return { claims: { ...told.value, ...claims } }
  const fault = told.why === 'unavailable' ? 'login.provider_unavailable' : 'login.userinfo'
  return { fault, subject, detail: `the UserInfo endpoint: ${told.error}` }
}

const conclude = async (
  ready: ReadyProvider,
  {
    demand,
    token,
    answer,
  }: { readonly demand: Transaction['start']['demand']; readonly token: IdToken; readonly answer: TokenAnswer },
): Promise<Authenticated | NotAuthenticated> => {
  const { subject, sid } = token
  const all = await allClaims(ready, answer.accessToken, token)
  if ('fault' in all) return all
  return {
    provider: ready.provider.name,
    subject,
    sid,
    claims: all.claims,
    proof: proofOf(token.claims, ready.provider.entry.mfa.provedAt),
    tokens: { idToken: answer.idToken, refreshToken: ready.provider.client.refresh === null ? null : answer.refreshToken },
    answered: demandDigest(demand),
  }
}

/** Turns a code into somebody who is logged in, with all that was asked for proved; or tells why not. Never rejects. */
export const authenticate = async (
  ready: ReadyProvider,
  transaction: Transaction,
  asked: { readonly code: string; readonly redirectUri: string; readonly now: () => number },
): Promise<Authenticated | NotAuthenticated> => {
  const { provider } = ready
  const { nonce, verifier, begunAt, start } = transaction
  const form = { code: asked.code, redirect_uri: asked.redirectUri, code_verifier: verifier }
  const answered = await requestTokens(ready, 'authorization_code', form)
  if (!answered.ok) return { fault: faultOf(answered), detail: `the token endpoint: ${answered.error}` }
  const { idToken, accessToken } = answered.value
  if (idToken === null) return { fault: 'login.token_malformed' }
  const token = await checkIdToken(idToken, { provider, nonce, accessToken, now: asked.now() })
  if ('code' in token) return { fault: token.code }
  const { subject, claims } = token
  if (!isProved(claims, provider.entry, { demand: start.demand, begunAt, now: asked.now() }))
    return { fault: 'login.not_enough', subject }
  return conclude(ready, { demand: start.demand, token, answer: answered.value })
}
