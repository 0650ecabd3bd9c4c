import type { Address, KeyFound, KeyReader } from '@balustrade/core/kit'
import { parseKey } from './key-form.ts'
import type { Seen } from './key-memory.ts'
import type { KnownKeys } from './known-keys.ts'
import type { SecretHashing } from './secret-hashing.ts'

const refused = (code: string): KeyFound => ({ status: 'refused', code })
const MALFORMED = refused('key.malformed')
const UNKNOWN_KEY = refused('key.unknown')
const REVOKED = refused('key.revoked')
const EXPIRED = refused('key.expired')
const OTHER_NETWORK = refused('key.network')
const UNAVAILABLE: KeyFound = { status: 'unavailable' }

export interface KeyReaderParts {
  readonly known: KnownKeys
  readonly hashing: SecretHashing
  /** It was used, and is kept under an older server key: its secret is at hand now. */
  readonly onOldHash: (seen: Seen, secret: string) => void
}

interface Use {
  readonly now: number
  readonly address: Address
  readonly lenient: boolean
}

/** Why it is not good now; null: it is. */
const faultOf = ({ kept, networks }: Seen, { now, address }: Use): KeyFound | null => {
  if (kept.revokedAt !== null) return REVOKED
  if (kept.expiresAt <= now) return EXPIRED
  return networks === null || networks.has(address) ? null : OTHER_NETWORK
}

/**
 * The reader behind core's port: at once while the watch of the store is healthy, else by asking. What is said of a key beyond that
 * it is not known here, is said only to those who have the whole of it. What has no valid checksum asks nobody.
 */
export const createKeyReader = ({ known, hashing, onOldHash }: KeyReaderParts): KeyReader => {
  const nobodys = hashing.hash('')
  /** As much work as for a key that is there, so that the time it takes tells little of which ids are. */
  const refuseUnknown = (secret: string): KeyFound => {
    void hashing.matches(secret, nobodys)
    return UNKNOWN_KEY
  }
  const judge = (seen: Seen, secret: string, use: Use): KeyFound => {
    const matches = hashing.matches(secret, seen.kept.hash)
    if (matches === null) return UNAVAILABLE
    if (!matches) return UNKNOWN_KEY
    const fault = faultOf(seen, use)
    if (fault !== null) return fault
    if (use.now > seen.usedAt) seen.usedAt = use.now
    if (!hashing.isNewest(seen.kept.hash)) onOldHash(seen, secret)
    return seen.found
  }
  /** Nobody can be asked. */
  const withoutStore = (id: string, secret: string, use: Use): KeyFound => {
    const seen = known.knownLately(id)
    if (!use.lenient || seen === null) return UNAVAILABLE
    const found = judge(seen, secret, use)
    return found.status === 'found' ? seen.unconfirmed : found
  }
  return {
    find: (presented, use) => {
      const parts = parseKey(presented)
      if (parts === null) return MALFORMED
      const { id, secret } = parts
      const seen = known.current(id)
      if (seen !== null) return judge(seen, secret, use)
      return known.ask(id).then((asked) => {
        if (!asked.ok) return withoutStore(id, secret, use)
        return asked.value === null ? refuseUnknown(secret) : judge(asked.value, secret, use)
      })
    },
  }
}
