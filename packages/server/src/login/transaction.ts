import { isObject, type JsonObject, sha256Base64Url } from '@balustrade/core/kit'
import { makeSecret } from './browser-cookie.ts'
import { LOGIN_TIME, type LoginContext } from './login-context.ts'
import { readStart, type Start, startJson } from './start.ts'

/** A login under way: kept from the redirect to the provider until the browser is back. */
export interface Transaction {
  /** SHA-256 of the secret of the browser in which it was begun. */
  readonly browser: string
  /** Name of the provider. */
  readonly provider: string
  readonly nonce: string
  /** RFC 7636. */
  readonly verifier: string
  /** Epoch ms. */
  readonly begunAt: number
  readonly start: Start
}

const json = (transaction: Transaction): JsonObject => ({ ...transaction, start: startJson(transaction.start) })

const read = (value: JsonObject): Transaction | null => {
  const { browser, provider, nonce, verifier, begunAt } = value
  const start = readStart(value['start'])
  const texts = [browser, provider, nonce, verifier].every((each) => typeof each === 'string')
  if (start === null || !texts || typeof begunAt !== 'number') return null
  return {
    browser: browser as string,
    provider: provider as string,
    nonce: nonce as string,
    verifier: verifier as string,
    begunAt,
    start,
  }
}

/** Keeps it under a new `state`; null: it cannot be kept, and then nothing is begun. */
export const keepTransaction = async ({ store }: LoginContext, transaction: Transaction): Promise<string | null> => {
  const state = makeSecret()
  const kept = await store.add('login', sha256Base64Url(state), {
    value: json(transaction),
    expiresAt: transaction.begunAt + LOGIN_TIME,
    tags: [],
  })
  return kept.ok && kept.value ? state : null
}

/** Takes it: of several at once one gets it (OAuth 2.1: a state is used once). Not ok: the store does not answer. */
export const takeTransaction = async (
  { store }: LoginContext,
  state: string,
): Promise<{ readonly ok: true; readonly transaction: Transaction | null } | { readonly ok: false }> => {
  const taken = await store.take('login', sha256Base64Url(state))
  if (!taken.ok) return taken
  const value = taken.value?.value
  return { ok: true, transaction: isObject(value) ? read(value) : null }
}
