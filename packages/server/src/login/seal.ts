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

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const LIMITS = { maxBytes: 16_384, maxDepth: 8 }

const deriveKey = (key: KeyObject): Buffer => Buffer.from(hkdfSync('sha256', key, '', 'balustrade login', KEY_BYTES))

const openWith = (key: Buffer, use: SealUse, bytes: Buffer): string | null => {
  const opened = attempt(() => {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(use))
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  })
  return opened.ok ? opened.value : null
}

/** AES-256-GCM under a key derived from each key of the state: the first seals, all open. Random nonces: far fewer than 2^32 a key. */
export const createSeals = (stateKeys: readonly KeyObject[]): Seals => {
  const keys = stateKeys.map(deriveKey)
  const [first] = keys
  if (first === undefined) throw new RangeError('there is no key to seal with')
  return {
    seal: (use, content) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', first, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(use))
      const text = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')
    },
    open: (use, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return null
      const texts = keys.map((key) => openWith(key, use, bytes)).filter((text) => text !== null)
      const parsed = texts[0] === undefined ? null : parseStrictJson(texts[0], LIMITS)
      return parsed?.ok === true && isObject(parsed.value) ? parsed.value : null
    },
  }
}
