import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { attempt } from './attempt.ts'

export interface Sealed {
  /** Names the key, and tells nothing about it. */
  readonly keyId: string
  /** Salt (16 bytes), nonce (12), tag (16), text. */
  readonly box: Uint8Array
}

/** Seals under the first key, opens under any of them. */
export interface Keyring {
  /** Ids in the order of the keys. */
  readonly ids: readonly string[]
  /** `about`: what the text belongs to. A box that is moved to another place does not open. */
  readonly seal: (text: string, about: readonly (string | number)[]) => Sealed
  /** Null: altered, moved, or sealed under another key. */
  readonly open: (sealed: Sealed, about: readonly (string | number)[]) => string | null
}

const SALT = 16
const NONCE = 12
const TAG = 16
const CIPHER = 'aes-256-gcm'

interface Derived {
  readonly id: string
  readonly key: KeyObject
}

/** RFC 5869; what is derived for one purpose tells nothing of what is derived for another. */
const deriveFrom = (key: KeyObject): Derived => {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', key, '', `balustrade state ${purpose}`, bytes))
  return { id: derive('key id', 8).toString('hex'), key: createSecretKey(derive('values', 32)) }
}

/**
 * The key of one box. Random nonces of 96 bits under one key are good for 2^32 boxes (NIST SP 800-38D section 8.3), which a busy
 * server seals within months; with a key of its own for every box there is no such end.
 */
const keyOfBox = ({ key }: Derived, salt: Uint8Array): Buffer => createHmac('sha256', key).update(salt).digest()

const aadOf = (id: string, about: readonly (string | number)[]): Buffer => Buffer.from(JSON.stringify([id, ...about]))

const sealUnder = (derived: Derived, text: string, about: readonly (string | number)[]): Sealed => {
  const random = randomBytes(SALT + NONCE)
  const cipher = createCipheriv(CIPHER, keyOfBox(derived, random.subarray(0, SALT)), random.subarray(SALT))
  cipher.setAAD(aadOf(derived.id, about))
  const sealed = cipher.update(text, 'utf8')
  const rest = cipher.final()
  return { keyId: derived.id, box: Buffer.concat([random, cipher.getAuthTag(), sealed, rest]) }
}

const openUnder = (derived: Derived, box: Uint8Array, about: readonly (string | number)[]): string => {
  const salt = box.subarray(0, SALT)
  const nonce = box.subarray(SALT, SALT + NONCE)
  const decipher = createDecipheriv(CIPHER, keyOfBox(derived, salt), nonce, { authTagLength: TAG })
  decipher.setAAD(aadOf(derived.id, about))
  decipher.setAuthTag(box.subarray(SALT + NONCE, SALT + NONCE + TAG))
  return decipher.update(box.subarray(SALT + NONCE + TAG), undefined, 'utf8') + decipher.final('utf8')
}

export const createKeyring = (keys: readonly [KeyObject, ...KeyObject[]]): Keyring => {
  const [first, ...others] = keys
  const newest = deriveFrom(first)
  const all = [newest, ...others.map(deriveFrom)]
  return {
    ids: all.map(({ id }) => id),
    seal: (text, about) => sealUnder(newest, text, about),
    open: ({ keyId, box }, about) => {
      const derived = all.find(({ id }) => id === keyId)
      if (derived === undefined) return null
      const opened = attempt(() => openUnder(derived, box, about))
      return opened.ok ? opened.value : null
    },
  }
}
