import type { KeptKey } from './kept-key.ts'
import type { SecretHashing } from './secret-hashing.ts'

export type KeyState = 'live' | 'rotated' | 'expired' | 'revoked'

export interface KeyListed {
  readonly id: string
  readonly subject: string
  readonly owner: string
  readonly scopes: readonly string[]
  readonly networks: readonly string[]
  /** Epoch ms. */
  readonly createdAt: number
  readonly expiresAt: number
  /** Epoch ms, up to a minute old; null: never used. */
  readonly usedAt: number | null
  /** `rotated`: good until it expires, and another was given out in its place. */
  readonly state: KeyState
  readonly rotatedTo: string | null
  /** It rests on an older key of the state; using it once moves it to the newest. */
  readonly isUnderOldKey: boolean
}

const stateOf = ({ revokedAt, expiresAt, rotatedTo }: KeptKey, now: number): KeyState => {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt <= now) return 'expired'
  return rotatedTo === null ? 'live' : 'rotated'
}

interface Listing {
  readonly now: number
  readonly usedAt: number
  readonly hashing: SecretHashing
}

/** Without its hash. */
export const listedOf = (kept: KeptKey, { now, usedAt, hashing }: Listing): KeyListed => {
  const { hash, life: _life, revokedAt: _revokedAt, ...said } = kept
  return {
    ...said,
    usedAt: usedAt === 0 ? null : usedAt,
    state: stateOf(kept, now),
    isUnderOldKey: !hashing.isNewest(hash),
  }
}
