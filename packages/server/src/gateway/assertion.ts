import { createHash, type KeyObject, createPublicKey, sign } from 'node:crypto'
import type { Evaluation, Identity } from '@balustrade/core/kit'

/** Life of an assertion, seconds. Renewed at half its life, so an upstream always has at least half left. */
const LIFE = 60

/** Signs who the caller is, for one service, for a minute. Verified by the upstream with the published key set. */
export interface AssertionSigner {
  /** A compact JWS, EdDSA; '' for a caller without identity. */
  readonly assertionFor: (evaluation: Evaluation, now: number) => string
  /** RFC 7517 key set with the public key, as JSON text. */
  readonly keySet: string
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An assertion, and what it was made for. */
interface Kept {
  readonly token: string
  readonly renewAt: number
  readonly service: string | null
  readonly policy: string | undefined
}

const holds = (kept: Kept, evaluation: Evaluation, now: number): boolean =>
  now < kept.renewAt &&
  now >= kept.renewAt - LIFE * 500 &&
  kept.service === evaluation.serviceName &&
  kept.policy === evaluation.digest?.policy

const listOf = (fact: unknown): readonly string[] | undefined =>
  fact !== null && typeof fact === 'object' && 'names' in fact ? [...(fact.names as ReadonlySet<string>)].sort() : undefined

const claimsOf = (evaluation: Evaluation, issuer: string, now: number): Readonly<Record<string, unknown>> => {
  const identity = evaluation.identity
  const seconds = Math.floor(now / 1000)
  return {
    iss: issuer,
    aud: evaluation.serviceName,
    sub: `${identity?.provider}/${identity?.subject}`,
    kind: identity?.facts.kind,
    groups: listOf(identity?.facts.groups),
    roles: listOf(identity?.facts.roles),
    ...(identity?.behalf == null ? {} : { acting_for: identity.behalf.user }),
    iat: seconds,
    exp: Math.min(seconds + LIFE, Math.floor((identity?.expiresAt ?? 0) / 1000)),
  }
}

/** `key` is an Ed25519 private key; `issuer` is how upstreams know this gateway. */
export const createAssertionSigner = (key: KeyObject, issuer: string): AssertionSigner => {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x }))
    .digest('base64url')
  const header = base64url({ alg: 'EdDSA', typ: 'balustrade-assertion+jwt', kid })
  // What is remembered goes with the identity, which whoever verified the credential keeps while it is in use.
  const kept = new WeakMap<Identity, Kept>()
  return {
    keySet: JSON.stringify({ keys: [{ ...jwk, kid, use: 'sig', alg: 'EdDSA' }] }),
    assertionFor: (evaluation, now) => {
      const { identity, serviceName, digest } = evaluation
      if (identity === null) return ''
      const known = kept.get(identity)
      if (known !== undefined && holds(known, evaluation, now)) return known.token
      const body = `${header}.${base64url(claimsOf(evaluation, issuer, now))}`
      const token = `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`
      kept.set(identity, { token, renewAt: now + LIFE * 500, service: serviceName, policy: digest?.policy })
      return token
    },
  }
}
