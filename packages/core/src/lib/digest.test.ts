import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256Base64Url, sha256Bytes, sha256Hex, sha256HexInPieces } from './digest.ts'

test.each([
  { note: 'nothing', data: '', hex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  { note: 'FIPS 180-4 abc', data: 'abc', hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  { note: 'UTF-8', data: '€', hex: sha256Hex(Uint8Array.of(0xe2, 0x82, 0xac)) },
])('$note', ({ data, hex }) => expect(sha256Hex(data)).toBe(hex))

test('property: the three forms are one digest', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (data) => {
      const bytes = Buffer.from(sha256Bytes(data))
      expect([bytes.length, bytes.toString('hex'), bytes.toString('base64url')]).toEqual([
        32,
        sha256Hex(data),
        sha256Base64Url(data),
      ])
    }),
  )
})

test('property: in pieces it is the same digest, wherever a piece ends, with a pause after each', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (text, piece) => {
      let pauses = 0
      const digest = await sha256HexInPieces(text, async () => void pauses++, piece)
      expect(digest).toBe(sha256Hex(text))
      expect(pauses).toBeGreaterThanOrEqual(Math.floor(text.length / (piece + 1)))
    }),
  )
})
