import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMerkle, leafHash } from '../lib/merkle.ts'
import { createCompactRange, formatRangeState, hashToBytes, leafHashAt, parseRangeState, rootOf } from './compact-range.ts'

const lines = fc.array(fc.uint8Array({ minLength: 0, maxLength: 40 }), { maxLength: 70 })

const leafOf = (line: Uint8Array): string => {
  const buffer = Buffer.concat([Buffer.from('\n'), line, Buffer.from('\n')])
  const leaf = leafHashAt(buffer, 1, 1 + line.length)
  expect(buffer[0]).toBe(10)
  return leaf
}

describe('the compact range', () => {
  test('has the roots of the reference tree at every size', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const range = createCompactRange()
        const tree = createMerkle()
        for (const line of all) {
          range.append(leafOf(line))
          tree.append(leafHash(line))
          expect(hashToBytes(range.root())).toEqual(Buffer.from(tree.root()))
          expect(range.size).toBe(tree.size)
        }
        expect(hashToBytes(createCompactRange().root())).toEqual(Buffer.from(createMerkle().root()))
      }),
    )
  })

  test('goes on from a state as from the tree itself, through its written form', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const whole = createCompactRange()
        for (const line of before) whole.append(leafOf(line))
        const state = parseRangeState(JSON.parse(JSON.stringify(formatRangeState(whole.state()))))
        expect(state).toEqual(whole.state())
        const resumed = createCompactRange(state ?? undefined)
        for (const line of after) {
          whole.append(leafOf(line))
          resumed.append(leafOf(line))
        }
        expect(resumed.root()).toBe(whole.root())
        expect(rootOf(resumed.state())).toBe(whole.root())
      }),
    )
  })

  test('a state is a copy', () => {
    const range = createCompactRange()
    const { hashes } = range.state()
    range.append('x'.repeat(32))
    expect(hashes).toEqual([])
  })

  const hex = 'ab'.repeat(32)
  const bad: readonly { note: string; value: unknown }[] = [
    { note: 'nothing', value: null },
    { note: 'text', value: 'x' },
    { note: 'no size', value: { hashes: [] } },
    { note: 'a negative size', value: { size: -1, hashes: [] } },
    { note: 'a fraction', value: { size: 1.5, hashes: [hex] } },
    { note: 'too few hashes for the size', value: { size: 3, hashes: [hex] } },
    { note: 'too many hashes for the size', value: { size: 4, hashes: [hex, hex] } },
    { note: 'hashes that are no list', value: { size: 1, hashes: { 0: hex, length: 1 } } },
    { note: 'a hash that is no text', value: { size: 1, hashes: [1] } },
    { note: 'a hash that is too short', value: { size: 1, hashes: ['ab'] } },
    { note: 'a hash in upper case', value: { size: 1, hashes: [hex.toUpperCase()] } },
  ]
  test.each(bad)('refuses as a state: $note', ({ value }) => expect(parseRangeState(value)).toBeNull())

  test('reads states beyond 32 bits', () => {
    expect(parseRangeState({ size: 2 ** 40 + 1, hashes: [hex, hex] })?.size).toBe(2 ** 40 + 1)
  })
})
