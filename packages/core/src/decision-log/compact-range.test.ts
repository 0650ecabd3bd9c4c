import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { parseCheckpoint } from '../lib/checkpoint.ts'
import { createCompactRange, formatRangeState, hashToBytes, leafHashAt, parseRangeState, rootOf } from './compact-range.ts'

const lines = fc.array(fc.uint8Array({ minLength: 0, maxLength: 40 }), { maxLength: 70 })

const leafOf = (line: Uint8Array): string => {
  const buffer = Buffer.concat([Buffer.from('\n'), line, Buffer.from('\n')])
  const leaf = leafHashAt(buffer, 1, 1 + line.length)
  expect(buffer[0]).toBe(10)
  return leaf
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer')

/** RFC 6962 section 2.1, word for word. */
const definedRoot = (all: readonly Uint8Array[]): Buffer => {
  if (all.length === 0) return sha256()
  if (all.length === 1) return sha256(Buffer.of(0), all[0] as Uint8Array)
  const k = 2 ** Math.floor(Math.log2(all.length - 1))
  return sha256(Buffer.of(1), definedRoot(all.slice(0, k)), definedRoot(all.slice(k)))
}

describe('the compact range', () => {
  test('has the roots of the definition at every size', () => {
    fc.assert(
      fc.property(lines, (all) => {
        const range = createCompactRange()
        expect(hashToBytes(range.root())).toEqual(definedRoot([]))
        for (const [index, line] of all.entries()) {
          range.append(leafOf(line))
          expect(hashToBytes(range.root())).toEqual(definedRoot(all.slice(0, index + 1)))
          expect(range.size).toBe(index + 1)
        }
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
    { note: 'a hash that is a list', value: { size: 1, hashes: [[hex]] } },
    { note: 'a hash with more before it', value: { size: 1, hashes: [`a${hex}`] } },
    { note: 'a hash with more behind it', value: { size: 1, hashes: [`${hex}a`] } },
    { note: 'a size that is text', value: { size: '1', hashes: [hex] } },
    { note: 'undefined', value: undefined },
    { note: 'a hash that is too short', value: { size: 1, hashes: ['ab'] } },
    { note: 'a hash in upper case', value: { size: 1, hashes: [hex.toUpperCase()] } },
  ]
  test.each(bad)('refuses as a state: $note', ({ value }) => expect(parseRangeState(value)).toBeNull())

  test('reads states beyond 32 bits', () => {
    expect(parseRangeState({ size: 2 ** 40 + 1, hashes: [hex, hex] })?.size).toBe(2 ** 40 + 1)
  })
})

describeCorpus('transparency', (path) => {
  test('a real log: the roots of its checkpoints are those over its entries', () => {
    const folder = join(path, 'tessera', 'testdata', 'log')
    const bundle = readFileSync(join(folder, 'tile', 'entries', '000.p', '15'))
    const entries: Uint8Array[] = []
    for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
      entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)))
    const names = readdirSync(folder).filter((name) => /^checkpoint\.\d+$/.test(name))
    for (const name of names) {
      const size = Number(name.split('.')[1])
      const range = createCompactRange()
      for (const entry of entries.slice(0, size)) range.append(leafOf(entry))
      const parsed = parseCheckpoint(`${readFileSync(join(folder, name), 'utf8').split('\n\n')[0]}\n`)
      expect(parsed.ok && { ...parsed.checkpoint, root: Buffer.from(parsed.checkpoint.root) }).toEqual({
        origin: 'example.com/log/testdata',
        size,
        root: hashToBytes(range.root()),
      })
    }
    expect([names.length, entries.length]).toEqual([16, 15])
  })
})
