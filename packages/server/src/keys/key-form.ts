import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** A key taken apart. */
export interface KeyParts {
  /** Public: names it in logs and lists. 11 characters, 65 bits. */
  readonly id: string
  /** 27 characters, 160 bits. */
  readonly secret: string
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID = 11
const SECRET = 27
/** 62^6 is more than 2^32. */
const CHECKSUM = 6

const FORM = `balk_([0-9A-Za-z]{${ID}})_([0-9A-Za-z]{${SECRET}})([0-9A-Za-z]{${CHECKSUM}})`
const WHOLE = new RegExp(`^${FORM}$`)
/** Letters and digits beside it would make it part of something else. */
const WITHIN = new RegExp(`(?<![0-9A-Za-z])${FORM}(?![0-9A-Za-z])`, 'g')

const MOST_EVEN = 256 - (256 % ALPHABET.length)

/** Every character equally likely: bytes that would favour some are drawn again. */
const draw = (length: number): string => {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) if (byte < MOST_EVEN && text.length < length) text += ALPHABET[byte % ALPHABET.length]
  }
  return text
}

/** CRC-32 as in ISO 3309 and zip, in base62, the most significant digit first. Finds slips and chance, not forgery. */
const checksumOf = (text: string): string => {
  let rest = crc32(text)
  let digits = ''
  for (let at = 0; at < CHECKSUM; at++) {
    digits = `${ALPHABET[rest % ALPHABET.length]}${digits}`
    rest = Math.floor(rest / ALPHABET.length)
  }
  return digits
}

const partsOf = (found: RegExpExecArray | null): KeyParts | null => {
  if (found === null) return null
  const [whole, id, secret, checksum] = found as unknown as readonly [string, string, string, string]
  return checksumOf(whole.slice(0, -CHECKSUM)) === checksum ? { id, secret } : null
}

/** What is before the checksum and the checksum. */
export const writeKey = ({ id, secret }: KeyParts): string => {
  const text = `balk_${id}_${secret}`
  return text + checksumOf(text)
}

/** Parts of a new key. */
export const drawKey = (): KeyParts => ({ id: draw(ID), secret: draw(SECRET) })

/** Null: it has not the form of a key, or another checksum. A key has exactly one spelling. */
export const parseKey = (text: string): KeyParts | null => partsOf(WHOLE.exec(text))

/** Every key that stands in a text, in order, each as often as it does. */
export const keysWithin = (text: string): readonly KeyParts[] =>
  Array.from(text.matchAll(WITHIN), partsOf).filter((parts) => parts !== null)

export const isKeyId = (text: string): boolean => new RegExp(`^[0-9A-Za-z]{${ID}}$`).test(text)
