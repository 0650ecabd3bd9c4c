import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collect, makeFolder, ORIGIN } from '../../../../test/support/log.ts'
import { canCountOpenFiles, openFilesLeft } from '../../../../test/support/open-files.ts'
import { createNoteSigner, createNoteVerifier, verifyNote } from '../lib/signed-note.ts'
import { makeCheckpoint, readLastCheckpoint, readNotes } from './checkpoint-file.ts'
import { createCompactRange, hashToBytes } from './compact-range.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signer = createNoteSigner(ORIGIN, privateKey)

/** The signed state of a tree of so many leaves, with the empty line behind it. */
const noteOf = (size: number): string => {
  const range = createCompactRange()
  for (let i = 0; i < size; i++) range.append(String(i).padStart(32, '0'))
  return makeCheckpoint(signer, range.state())
}
const notes = [1, 2, 5, 9].map(noteOf)
const WHOLE = notes.join('')

const fileOf = (text: string): string => {
  const path = join(makeFolder(), 'checkpoints')
  writeFileSync(path, text)
  return path
}
const bytesOf = (text: string): number => Buffer.byteLength(text)

test('a checkpoint is a signed note and an empty line', () => {
  const note = noteOf(5)
  expect(note.endsWith('\n\n')).toBe(true)
  const range = createCompactRange()
  for (let i = 0; i < 5; i++) range.append(String(i).padStart(32, '0'))
  const root = hashToBytes(range.root()).toString('base64')
  expect(verifyNote(note.slice(0, -1), [createNoteVerifier(ORIGIN, publicKey)])).toMatchObject({
    ok: true,
    text: `${ORIGIN}\n5\n${root}\n`,
  })
})

describe('the notes of a file', () => {
  const read = (text: string, size = bytesOf(text)) => collect(readNotes(fileOf(text), size))
  const whole = notes.map((note) => ({ note: note.slice(0, -1) }))

  const rows: readonly { note: string; text: string; found: readonly object[] }[] = [
    { note: 'none', text: '', found: [] },
    { note: 'one', text: notes[0] as string, found: whole.slice(0, 1) },
    { note: 'several, oldest first', text: WHOLE, found: whole },
    { note: 'half of one behind them', text: `${WHOLE}${ORIGIN}\n9\n`, found: [...whole, { rest: `${ORIGIN}\n9\n` }] },
    {
      note: 'a last one without its empty line',
      text: WHOLE.slice(0, -1),
      found: [...whole.slice(0, 3), { rest: (notes[3] as string).slice(0, -1) }],
    },
    { note: 'text without an empty line', text: 'x\ny\n', found: [{ rest: 'x\ny\n' }] },
    { note: 'a text without signatures', text: 'x\n\ny', found: [{ rest: 'x\n\ny' }] },
  ]
  test.each(rows)('$note', async ({ text, found }) => expect(await read(text)).toEqual(found))

  test('only those in the bytes asked for are read', async () => {
    for (const count of [0, 1, 2, 3, 4])
      expect(await read(WHOLE, bytesOf(notes.slice(0, count).join('')))).toEqual(whole.slice(0, count))
    const first = notes[0] as string
    expect(await read(WHOLE, bytesOf(first) + 5)).toEqual([
      ...whole.slice(0, 1),
      { rest: WHOLE.slice(first.length, first.length + 5) },
    ])
  })

  test('more of them than a read takes', async () => {
    const many = Array.from({ length: 800 }, () => WHOLE).join('')
    expect(bytesOf(many)).toBeGreaterThan(1 << 18)
    const found = await read(many)
    expect(found.length).toBe(3_200)
    expect(found.slice(-4)).toEqual(whole)
  })

  test('one as long as may be held', async () => {
    const note = `${'x'.repeat(1 << 16)}\n\n\u2014 x y\n\n`
    expect(await read(note)).toEqual([{ note: note.slice(0, -1) }])
  })

  test('what never ends is given up before it fills the memory', async () => {
    const found = await read(`${notes[0]}${'x'.repeat(1 << 22)}`)
    expect(found.slice(0, 1)).toEqual(whole.slice(0, 1))
    expect(found).toHaveLength(2)
    const { rest } = found[1] as { rest: string }
    expect(rest.length).toBeGreaterThan(1 << 16)
    expect(rest.length).toBeLessThanOrEqual(1 << 18)
  })
})

describe('the last whole checkpoint', () => {
  const sizes = async (text: string) => {
    const { checkpoint, bytes } = await readLastCheckpoint(fileOf(text))
    return [checkpoint?.size ?? null, bytes]
  }

  test('of a file that is not there: none', async () => {
    expect(await readLastCheckpoint(join(makeFolder(), 'checkpoints'))).toEqual({ checkpoint: null, bytes: 0 })
  })

  const end = bytesOf(WHOLE)
  const rows: readonly { note: string; text: string; found: readonly [number | null, number] }[] = [
    { note: 'an empty file', text: '', found: [null, 0] },
    { note: 'half of the first one', text: (notes[0] as string).slice(0, -20), found: [null, 0] },
    { note: 'the first without its empty line', text: (notes[0] as string).slice(0, -1), found: [null, 0] },
    { note: 'one', text: notes[0] as string, found: [1, bytesOf(notes[0] as string)] },
    { note: 'the last of several', text: WHOLE, found: [9, end] },
    { note: 'half of one behind it', text: `${WHOLE}${ORIGIN}\n9\n`, found: [9, end] },
    { note: 'one without its empty line behind it', text: `${WHOLE}${(notes[0] as string).slice(0, -1)}`, found: [9, end] },
    { note: 'text of another kind', text: 'x\n\ny\n\n', found: [null, 0] },
    { note: 'signatures without a text', text: '\u2014 x y\n\n', found: [null, 0] },
    { note: 'a text that is no checkpoint, with signatures', text: 'x\n\n\u2014 x y\n\n', found: [null, 0] },
    { note: 'more before it than is read', text: WHOLE.repeat(300), found: [9, end * 300] },
  ]
  test.each(rows)('$note', async ({ text, found }) => expect(await sizes(text)).toEqual(found))

  test('is that of the last note whose end was written, wherever the file ends', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: end }), async (cut) => {
        const ends = notes.map((_, index) => bytesOf(notes.slice(0, index + 1).join('')))
        const last = ends.findLastIndex((each) => each <= cut)
        const path = join(makeFolder(), 'checkpoints')
        writeFileSync(path, Buffer.from(WHOLE).subarray(0, cut))
        const { checkpoint, bytes } = await readLastCheckpoint(path)
        expect([checkpoint?.size ?? null, bytes]).toEqual(last < 0 ? [null, 0] : [[1, 2, 5, 9][last], ends[last]])
      }),
      { numRuns: 60 },
    ))

  test.skipIf(!canCountOpenFiles)('closes the file', async () => {
    const path = fileOf(WHOLE)
    expect(await openFilesLeft(() => readLastCheckpoint(path))).toBe(0)
  })

  test('of a log whose name is not ASCII', async () => {
    const note = makeCheckpoint(createNoteSigner('log.example/\u00fc', privateKey), createCompactRange().state())
    expect((await readLastCheckpoint(fileOf(note))).checkpoint?.origin).toBe('log.example/\u00fc')
  })

  test('has the origin and root that were signed', async () => {
    const { checkpoint } = await readLastCheckpoint(fileOf(WHOLE))
    expect(checkpoint?.origin).toBe(ORIGIN)
    expect(Buffer.from(checkpoint?.root ?? []).toString('base64')).toBe((notes[3] as string).split('\n')[2])
  })
})
