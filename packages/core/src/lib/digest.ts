import { createHash, hash } from 'node:crypto'

/** SHA-256 of bytes, or of the UTF-8 of a string, as 64 lower-case hex digits. */
export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex')

/** SHA-256 of bytes, or of the UTF-8 of a string, as 43 base64url characters without padding. */
export const sha256Base64Url = (data: string | Uint8Array): string => hash('sha256', data, 'base64url')

/** SHA-256 of bytes, or of the UTF-8 of a string, as 32 bytes. */
export const sha256Bytes = (data: string | Uint8Array): Uint8Array => hash('sha256', data, 'buffer')

/** UTF-16 units hashed in one go: half a millisecond of work. */
const PIECE = 262_144

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** As `sha256Hex` of a string; after each piece `pause` is awaited, so that a long one holds up nobody. `piece`: UTF-16 units. */
export const sha256HexInPieces = async (text: string, pause: () => Promise<void>, piece = PIECE): Promise<string> => {
  const hashing = createHash('sha256')
  for (let at = 0; at < text.length; ) {
    const end = at + piece
    // Half of a surrogate pair would be encoded as something else.
    const whole = isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end
    hashing.update(text.slice(at, whole))
    at = whole
    await pause()
  }
  return hashing.digest('hex')
}
