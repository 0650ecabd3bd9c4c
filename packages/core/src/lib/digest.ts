import { hash } from 'node:crypto'

/** SHA-256 of bytes, or of the UTF-8 of a string, as 64 lower-case hex digits. */
export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex')

/** SHA-256 of bytes, or of the UTF-8 of a string, as 43 base64url characters without padding. */
export const sha256Base64Url = (data: string | Uint8Array): string => hash('sha256', data, 'base64url')

/** SHA-256 of bytes, or of the UTF-8 of a string, as 32 bytes. */
export const sha256Bytes = (data: string | Uint8Array): Uint8Array => hash('sha256', data, 'buffer')
