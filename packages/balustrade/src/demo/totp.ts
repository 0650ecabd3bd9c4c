import { createHmac, timingSafeEqual } from 'node:crypto'

const STEP_MS = 30_000
const DIGITS = 6
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 without padding (RFC 4648 section 6): how people type a secret into an app. */
export const base32 = (bytes: Uint8Array): string => {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: Math.ceil(bits.length / 5) }, (_, index) => {
    const five = bits.slice(index * 5, index * 5 + 5).padEnd(5, '0')
    return ALPHABET[Number.parseInt(five, 2)]
  }).join('')
}

const stepAt = (now: number): number => Math.floor(now / STEP_MS)

/** HOTP (RFC 4226 section 5.3) of a counter. */
const codeOf = (secret: Uint8Array, step: number): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', secret).update(counter).digest()
  const offset = (hash.at(-1) ?? 0) & 0xf
  const number = hash.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** The code of the moment (RFC 6238: SHA-1, six digits, 30 s). `now`: epoch ms. */
export const totpCode = (secret: Uint8Array, now: number): string => codeOf(secret, stepAt(now))

/** Checks codes, and remembers which are spent. */
export interface TotpCheck {
  /** Whether this is a code of this step or of the one before, not used up. Using it uses up every earlier one too. */
  readonly accept: (who: string, secret: Uint8Array, entered: { readonly code: string; readonly now: number }) => boolean
}

const equal = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

/**
 * One step of delay for people who type slowly (RFC 6238 section 5.2), and each code once: whoever looks over a shoulder comes too
 * late. No await between check and mark, so of two that arrive together one fails. Remembers one number a person.
 */
export const createTotpCheck = (): TotpCheck => {
  const lastUsed = new Map<string, number>()
  return {
    accept: (who, secret, { code, now }) => {
      if (!/^[0-9]{6}$/.test(code)) return false
      const current = stepAt(now)
      const used = lastUsed.get(who) ?? -1
      const found = [current, current - 1].find((step) => step > used && equal(codeOf(secret, step), code))
      if (found === undefined) return false
      lastUsed.set(who, found)
      return true
    },
  }
}
