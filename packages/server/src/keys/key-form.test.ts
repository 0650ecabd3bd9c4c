import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawKey, isKeyId, keysWithin, parseKey, writeKey } from './key-form.ts'

/** Its checksum was computed elsewhere: CRC-32 of the 44 characters before it is 2,340,993,059. */
const KNOWN = { id: '0123456789A', secret: 'BCDEFGHIJKLMNOPQRSTUVWXYZab', checksum: '2YQZEZ' }
const TEXT = `balk_${KNOWN.id}_${KNOWN.secret}${KNOWN.checksum}`

describe('a key', () => {
  test('is what its parts and the checksum make of it', () => {
    expect(writeKey(KNOWN)).toBe(TEXT)
    expect(parseKey(TEXT)).toEqual({ id: KNOWN.id, secret: KNOWN.secret })
  })

  test('has the form that secret scanners are told, and bits enough', () => {
    const text = writeKey(drawKey())
    expect(text).toMatch(/^balk_[0-9A-Za-z]{11}_[0-9A-Za-z]{33}$/)
    expect(11 * Math.log2(62)).toBeGreaterThanOrEqual(60)
    expect(27 * Math.log2(62)).toBeGreaterThanOrEqual(160)
  })

  test('is another every time, and all characters are as likely', () => {
    const drawn = Array.from({ length: 4_000 }, drawKey)
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(drawn.length)
    const counts = Map.groupBy(drawn.map(({ secret }) => secret).join(''), (each) => each)
    const expected = (drawn.length * 27) / 62
    expect(counts.size).toBe(62)
    // Seven standard deviations: once in a hundred billion runs.
    for (const [letter, found] of counts) {
      expect(Math.abs(found.length - expected), letter).toBeLessThan(7 * Math.sqrt(expected))
    }
  })

  test.each([
    { note: 'nothing', text: '' },
    { note: 'another prefix', text: TEXT.replace('balk_', 'bulk_') },
    { note: 'the prefix in capitals', text: TEXT.replace('balk_', 'BALK_') },
    { note: 'another case', text: TEXT.toLowerCase() },
    { note: 'one character less', text: TEXT.slice(0, -1) },
    { note: 'one more', text: `${TEXT}0` },
    { note: 'a line end after it', text: `${TEXT}\n` },
    { note: 'a space before it', text: ` ${TEXT}` },
    { note: 'other letters', text: TEXT.replace('B', 'Ɓ') },
    { note: 'a longer id and a shorter secret', text: `balk_${KNOWN.id}B_${KNOWN.secret.slice(1)}${KNOWN.checksum}` },
    { note: 'the checksum of another', text: `${TEXT.slice(0, -1)}D` },
    { note: 'a checksum beyond 32 bits', text: `${TEXT.slice(0, -6)}zzzzzz` },
  ])('is none: $note', ({ text }) => expect(parseKey(text)).toBeNull())

  test('property: one changed character, or two that changed places, make it none', () => {
    const letter = fc.constantFrom('0', '9', 'A', 'Z', 'a', 'm', 'z', '_', '-', ' ')
    fc.assert(
      fc.property(fc.nat({ max: 49 }), letter, (at, other) => {
        const changed = TEXT.slice(0, at) + other + TEXT.slice(at + 1)
        expect(parseKey(changed) === null).toBe(changed !== TEXT)
        const turned = TEXT.slice(0, at) + (TEXT[at + 1] ?? '') + (TEXT[at] ?? '') + TEXT.slice(at + 2)
        expect(parseKey(turned) === null).toBe(turned !== TEXT)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('keys within a text', () => {
  const other = writeKey(drawKey())
  test.each([
    { note: 'alone', text: TEXT, found: 1 },
    { note: 'in a line of a configuration', text: `API_KEY="${TEXT}" # ${other}\n`, found: 2 },
    { note: 'in an address', text: `https://u:${TEXT}@example.com/?k=${other}&x=1`, found: 2 },
    { note: 'one after the other', text: `${TEXT}\n${TEXT}`, found: 2 },
    { note: 'broken over two lines', text: `${TEXT.slice(0, 20)}\n${TEXT.slice(20)}`, found: 0 },
    { note: 'with a wrong checksum', text: `${TEXT.slice(0, -1)}D`, found: 0 },
    { note: 'within a longer word', text: `x${TEXT} ${TEXT}x`, found: 0 },
  ])('are found: $note', ({ text, found }) => expect(keysWithin(text)).toHaveLength(found))
})

test('an id is told from what is none', () => {
  expect([KNOWN.id, TEXT, '', `${KNOWN.id} `, KNOWN.id.slice(1)].map(isKeyId)).toEqual([true, false, false, false, false])
})
