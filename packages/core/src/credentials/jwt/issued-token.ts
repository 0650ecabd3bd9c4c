import type { JsonObject } from '../../lib/strict-json.ts'
import type { CredentialSetup } from '../../model/identity.ts'
import { verifySignature } from './algorithm.ts'
import { parseCompactJws, readJsonObject } from './compact-jws.ts'
import type { KeyOrigin } from './fetch-keys.ts'
import { findKey } from './key-set.ts'
import { createKeySource, type KeySource } from './key-source.ts'
import { readTokenHeader, type TokenUse } from './token-header.ts'
import type { VerificationKey } from './verification-key.ts'

/** Why a token of a provider is not believed. `keys`: nobody can tell, its keys could not be had. */
export type IssuedFault = 'malformed' | 'type' | 'algorithm' | 'signature' | 'keys'

export type IssuedToken =
  | { readonly ok: true; readonly algorithm: string; readonly claims: JsonObject }
  | { readonly ok: false; readonly why: IssuedFault }

/** Verifies what one provider signs for its client: ID tokens (`plain`) and logout tokens (`logout`). */
export interface IssuedTokens {
  /** Form, type, algorithm and signature. No claim is looked at. Never rejects. */
  readonly verify: (
    token: string,
    wanted: { readonly use: TokenUse; readonly algorithms: readonly string[] },
  ) => Promise<IssuedToken>
}

/** Each wait for keys lasts a second; a fetch lasts five. */
const MOST_WAITS = 6

const fault = (why: IssuedFault): IssuedToken => ({ ok: false, why })

const keyIn = (
  source: KeySource,
  wanted: Parameters<typeof findKey>[1],
  allowed: readonly string[],
): VerificationKey | 'unusable' | 'unknown' | 'none' => {
  const set = source.current()
  return set === null ? 'none' : findKey(set, wanted, allowed)
}

/** The key, after as many waits as a fetch under way takes. That it is missing is the token's fault only when the provider said so. */
const seekKey = async (
  source: KeySource,
  wanted: Parameters<typeof findKey>[1],
  allowed: readonly string[],
): Promise<VerificationKey | 'signature' | 'keys'> => {
  for (let waits = 0; waits <= MOST_WAITS; waits++) {
    const found = keyIn(source, wanted, allowed)
    if (typeof found === 'object') return found
    const renewal = found === 'unusable' ? null : source.renew()
    if (renewal === null) return found === 'none' || source.lastFetch() !== 'done' ? 'keys' : 'signature'
    await renewal
  }
  return 'keys'
}

/** Keys are fetched when the first token comes, and kept fresh as those of access tokens are. */
export const createIssuedTokens = (
  name: string,
  origin: KeyOrigin,
  setup: Pick<CredentialSetup, 'clock' | 'onTrouble'>,
): IssuedTokens => {
  const source = createKeySource(name, origin, setup)
  return {
    verify: async (token, { use, algorithms }) => {
      const jws = parseCompactJws(token)
      const claims = jws === null ? null : readJsonObject(jws.payload)
      if (jws === null || claims === null) return fault('malformed')
      const wanted = readTokenHeader(jws.header, use)
      if (wanted === null) return fault('type')
      if (!algorithms.includes(wanted.alg)) return fault('algorithm')
      const key = await seekKey(source, wanted, algorithms)
      if (typeof key === 'string') return fault(key)
      return verifySignature(wanted.alg, key.key, jws) ? { ok: true, algorithm: wanted.alg, claims } : fault('signature')
    },
  }
}
