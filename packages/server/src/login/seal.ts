import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { attempt, isObject, type JsonObject, parseStrictJson } from '@balustrade/core/kit'

/** What a sealed text is for: text of one use never opens as that of another. */
export type SealUse = 'start' | 'resume' | 'logout'

/** Seals what a browser carries for us. Nothing of it can be read, changed, or made by anybody else. */
export interface Seals {
  /** Base64url. */
  readonly seal: (use: SealUse, content: JsonObject) => string
  /** Null: not sealed by us for this use. */
  readonly open: (use: SealUse, sealed: string) => JsonObject | null
}

const SALT_BYTES = 16
const NONCE_BYTES = 12
const HEAD_BYTES = SALT_BYTES + NONCE_BYTES
const TAG_BYTES = 16
const KEY_BYTES = 32
const LIMITS = { maxBytes: 16_384, maxDepth: 8 }

/**
 * A key for each text: whoever is not logged in can have one made with every request, and random nonces of 96 bits would not be good
 * for as many under one key (NIST SP 800-38D section 8.3: 2^32).
 */
const deriveKey = (key: KeyObject, salt: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, 'balustrade login', KEY_BYTES))

const openWith = (key: KeyObject, use: SealUse, bytes: Buffer): string | null => {
  const opened = attempt(() => {
    const [salt, nonce] = [bytes.subarray(0, SALT_BYTES), bytes.subarray(SALT_BYTES, HEAD_BYTES)]
    const decipher = createDecipheriv('aes-256-gcm', deriveKey(key, salt), nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(use))
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
    const text = decipher.update(bytes.subarray(HEAD_BYTES, bytes.length - TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  })
  return opened.ok ? opened.value : null
}

/** AES-256-GCM under keys derived from those of the state: the first seals, all open. */
export const createSeals = (keys: readonly KeyObject[]): Seals => {
  const [first] = keys
  if (first === undefined) throw new RangeError('there is no key to seal with')
  return {
    seal: (use, content) => {
      const head = randomBytes(HEAD_BYTES)
      const key = deriveKey(first, head.subarray(0, SALT_BYTES))
      const cipher = createCipheriv('aes-256-gcm', key, head.subarray(SALT_BYTES), { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(use))
      const text = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()])
      return Buffer.concat([head, text, cipher.getAuthTag()]).toString('base64url')
    },
    open: (use, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length <= HEAD_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return null
      const texts = keys.map((key) => openWith(key, use, bytes)).filter((text) => text !== null)
      const parsed = texts[0] === undefined ? null : parseStrictJson(texts[0], LIMITS)
      return parsed?.ok === true && isObject(parsed.value) ? parsed.value : null
    },
  }
}
