import { createNetworkSet, type KeyFound, type Network, parseNetwork } from '@balustrade/core/kit'
import type { KeptKey } from './kept-key.ts'
import type { ReadKey } from './key-ledger.ts'

type NetworkSet = ReturnType<typeof createNetworkSet>
type Found = Extract<KeyFound, { readonly status: 'found' }>

/** A key as this process knows it. */
export interface Seen {
  readonly kept: KeptKey
  readonly version: number
  /** The answers while it is good, made once. */
  readonly found: Found
  readonly unconfirmed: Found
  /** Null: from anywhere. */
  readonly networks: NetworkSet | null
  /** Epoch ms of the last use; 0: none was seen. */
  usedAt: number
  /** Epoch ms of the last use that was handed to the store. */
  usedInStore: number
  /** Monotonic ms: when the store said what it is. */
  confirmedAt: number
  /** Nothing was told since that might have changed it. */
  isFresh: boolean
}

/** When a key was read (monotonic ms), and whether what changes after that is told. */
export interface Reading {
  readonly at: number
  readonly isWatched: boolean
}

/** Keys that were seen, within bounds; never one that is not there. Reads nothing, judges nothing. */
export interface KeyMemory {
  readonly get: (id: string) => Seen | undefined
  readonly all: () => Iterable<Seen>
  /** While the version is the same the key stays the same object. */
  readonly remember: (read: ReadKey, reading: Reading) => Seen
  readonly drop: (id: string) => void
  /** It may have changed. False: nobody here rests on it. */
  readonly doubt: (id: string) => boolean
  readonly doubtAll: () => void
  /** Monotonic ms at which every key that is not in doubt was what it is here. */
  readonly confirm: (at: number) => void
}

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
export const createKeyMemory = (onForgotten: (seen: Seen) => void, most = MOST_REMEMBERED): KeyMemory => {
  const entries = new Map<string, Seen>()
  let wasAnyForgotten = false
  const makeRoom = (): void => {
    for (const [id, seen] of entries) {
      if (entries.size < most) return
      entries.delete(id)
      wasAnyForgotten = true
      onForgotten(seen)
    }
  }
  return {
    get: (id) => entries.get(id),
    all: () => entries.values(),
    remember: (read, reading) => {
      const seen = seenOf(read, entries.get(read.kept.id), reading)
      entries.delete(read.kept.id)
      makeRoom()
      entries.set(read.kept.id, seen)
      return seen
    },
    drop: (id) => void entries.delete(id),
    doubt: (id) => {
      const seen = entries.get(id)
      // A stream may rest on one that was forgotten.
      if (seen === undefined) return wasAnyForgotten
      seen.isFresh = false
      // Most likely it was revoked: a lenient service is not given it on the strength of what was before.
      seen.confirmedAt = -Infinity
      return true
    },
    doubtAll: () => {
      for (const seen of entries.values()) seen.isFresh = false
    },
    confirm: (at) => {
      for (const seen of entries.values()) if (seen.isFresh) seen.confirmedAt = Math.max(seen.confirmedAt, at)
    },
  }
}
