import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret. */
export interface SecretHash {
  /** Names the server key it was made under, and tells nothing about it. */
  readonly under: string
  /** HMAC-SHA-256, base64url. */
  readonly mac: string
}

/** Hashes secrets under a key that is not in the store, so that whoever has the store alone can try nothing. */
export interface SecretHashing {
  /** Under the newest key. */
  readonly hash: (secret: string) => SecretHash
  /** In constant time. Null: it was made under a key that is not configured, and nobody can tell. */
  readonly matches: (secret: string, kept: SecretHash) => boolean | null
  readonly isNewest: (kept: SecretHash) => boolean
}

interface Derived {
  readonly name: string
  readonly key: KeyObject
}

/** RFC 5869; the keys of the store are used for nothing else under these labels. */
const deriveFrom = (key: KeyObject): Derived => {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', key, '', `balustrade api-key ${purpose}`, bytes))
  return { name: derive('key name', 8).toString('hex'), key: createSecretKey(derive('secrets', 32)) }
}

const macOf = ({ key }: Derived, secret: string): Buffer => createHmac('sha256', key).update(secret).digest()

/** `keys`: those of the store, newest first. */
export const createSecretHashing = (keys: readonly [KeyObject, ...KeyObject[]]): SecretHashing => {
  const [first, ...others] = keys
  const newest = deriveFrom(first)
  const all = new Map([newest, ...others.map(deriveFrom)].map((derived) => [derived.name, derived]))
  return {
    hash: (secret) => ({ under: newest.name, mac: macOf(newest, secret).toString('base64url') }),
    matches: (secret, { under, mac }) => {
      const derived = all.get(under)
      if (derived === undefined) return null
      const kept = Buffer.from(mac, 'base64url')
      const made = macOf(derived, secret)
      return kept.length === made.length && timingSafeEqual(kept, made)
    },
    isNewest: ({ under }) => under === newest.name,
  }
}
