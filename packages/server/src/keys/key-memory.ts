import { createNetworkSet, type KeyFound, type Network, parseNetwork } from '@balustrade/core/kit'
import { createMemory, type Memory, type Reading, type Remembered } from '../state/memory.ts'
import type { KeptKey } from './kept-key.ts'
import type { ReadKey } from './key-ledger.ts'

type NetworkSet = ReturnType<typeof createNetworkSet>
type Found = Extract<KeyFound, { readonly status: 'found' }>

/** A key as this process knows it. */
export interface Seen extends Remembered {
  readonly kept: KeptKey
  /** The answers while it is good, made once. */
  readonly found: Found
  readonly unconfirmed: Found
  /** Null: from anywhere. */
  readonly networks: NetworkSet | null
  /** Epoch ms of the last use; 0: none was seen. */
  usedAt: number
  /** Epoch ms of the last use that was handed to the store. */
  usedInStore: number
}

export type KeyMemory = Memory<ReadKey, Seen>

/** Keys that are remembered, about 1 KB each. */
const MOST_REMEMBERED = 20_000

const isNetwork = (text: string): readonly Network[] => {
  const parsed = parseNetwork(text)
  return parsed.ok ? [parsed.network] : []
}

/** What is no network holds no address. */
const networksOf = ({ networks }: KeptKey): NetworkSet | null =>
  networks.length === 0 ? null : createNetworkSet(networks.flatMap(isNetwork))

/** What stays the same for as long as the key does. */
const lastingOf = (kept: KeptKey): Pick<Seen, 'kept' | 'found' | 'unconfirmed' | 'networks'> => {
  const { id, subject, scopes, expiresAt } = kept
  const key = { id, subject, scopes, expiresAt }
  return {
    kept,
    found: { status: 'found', key, unconfirmed: false },
    unconfirmed: { status: 'found', key, unconfirmed: true },
    networks: networksOf(kept),
  }
}

const seenOf = ({ kept, version }: ReadKey, before: Seen | undefined, reading: Reading): Seen => ({
  ...(before?.version === version ? before : lastingOf(kept)),
  version,
  usedAt: before?.usedAt ?? 0,
  usedInStore: before?.usedInStore ?? 0,
  confirmedAt: reading.at,
  isFresh: reading.isWatched,
})

/** `onForgotten`: there is no room for it any more. */
export const createKeyMemory = (onForgotten: (seen: Seen) => void, most = MOST_REMEMBERED): KeyMemory =>
  createMemory({ most, idOf: ({ kept }) => kept.id, seenOf, onForgotten })
