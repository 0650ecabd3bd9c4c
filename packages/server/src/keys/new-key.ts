import { parseNetwork } from '@balustrade/core/kit'
import type { KeyListed } from './listed-key.ts'

export interface NewKey {
  /** Its principal is `balustrade/<subject>`. */
  readonly subject: string
  /** Who answers for it. */
  readonly owner: string
  /** As declared by the policy, wildcards among them. */
  readonly scopes: readonly string[]
  /** CIDRs it may be used from; empty: from anywhere. */
  readonly networks: readonly string[]
  /** ms until it expires. */
  readonly life: number
}

export interface RotatedKey {
  /** ms for which the old key goes on; 0: it ends at once. */
  readonly overlap: number
  /** ms until the new key expires; undefined: as long as the old one was given out for. */
  readonly life?: number
}

/** Who does it and when, for the log. */
export interface KeyOccasion {
  readonly now: number
  readonly by: string
}

/** A key and, this once, its text. */
export interface GivenOut {
  readonly text: string
  readonly key: KeyListed
}

export type KeyRefusal =
  | { readonly refused: 'none' | 'revoked' | 'expired' | 'subject' | 'owner' | 'scopes' | 'networks' | 'overlap' }
  | { readonly refused: 'rotated'; readonly to: string }
  | { readonly refused: 'life'; readonly longest: number }

/** What stands behind `balustrade/` in a principal: no space, no slash at its ends. */
const SUBJECT = /^[!-.0-~](?:[!-~]{0,126}[!-.0-~])?$/
/** One line that people read. */
const OWNER = /^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,256}$/u
const MOST_SCOPES = 1_000
const MOST_NETWORKS = 1_000

/** What is wrong with its times; null: nothing. */
export const termFault = (term: { readonly life: number; readonly overlap?: number }, longest: number): KeyRefusal | null => {
  const { life, overlap = 0 } = term
  if (!(life > 0)) return { refused: 'life', longest }
  if (life > longest) return { refused: 'life', longest }
  return overlap >= 0 ? null : { refused: 'overlap' }
}

/** What is wrong with a key that is asked for; null: nothing. Whether its scopes are declared, the caller looks up. */
export const keyFault = ({ subject, owner, scopes, networks, life }: NewKey, longest: number): KeyRefusal | null => {
  if (!SUBJECT.test(subject)) return { refused: 'subject' }
  if (!OWNER.test(owner)) return { refused: 'owner' }
  if (scopes.length > MOST_SCOPES) return { refused: 'scopes' }
  if (networks.length > MOST_NETWORKS || !networks.every((network) => parseNetwork(network).ok)) return { refused: 'networks' }
  return termFault({ life }, longest)
}
