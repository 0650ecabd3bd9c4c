import { isUtf8 } from 'node:buffer'
import { isObject, type JsonObject, parseStrictJson } from '../../lib/strict-json.ts'

/** A JWS in compact serialisation (RFC 7515 section 7.1), taken apart and not verified. */
export interface CompactJws {
  readonly header: JsonObject
  readonly payload: Buffer
  /** The bytes that are signed: header and payload as sent, with the dot. */
  readonly signed: Buffer
  readonly signature: Buffer
}

/** Longer tokens are refused before anything reads them. */
export const LONGEST_TOKEN = 8_192

const LIMITS = { maxBytes: LONGEST_TOKEN, maxDepth: 16 }
/** Three parts: five would be an encrypted token, two an unsigned one (RFC 7516 section 9). */
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$/

/** The bytes of base64url text in its only spelling: no padding, unused bits zero. Null for any other. */
export const decodeBase64Url = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

/** The JSON object in these bytes; null when they are not UTF-8 or not strict JSON (duplicate names are refused). */
export const readJsonObject = (bytes: Buffer): JsonObject | null => {
  if (!isUtf8(bytes)) return null
  const parsed = parseStrictJson(bytes.toString('utf8'), LIMITS)
  return parsed.ok && isObject(parsed.value) ? parsed.value : null
}

/** Takes a token apart; null when it is not a compact JWS of at most LONGEST_TOKEN characters. Total. Verifies nothing. */
export const parseCompactJws = (token: string): CompactJws | null => {
  if (token.length > LONGEST_TOKEN || !FORM.test(token)) return null
  const [first, second, third] = token.split('.').map(decodeBase64Url) as [Buffer | null, Buffer | null, Buffer | null]
  if (first === null || second === null || third === null) return null
  const header = readJsonObject(first)
  if (header === null) return null
  return { header, payload: second, signed: Buffer.from(token.slice(0, token.lastIndexOf('.'))), signature: third }
}
