import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { collect, makeFolder } from '../../../../test/support/log.ts'
import { formatCheckpoint } from '../lib/checkpoint.ts'
import { createNoteSigner, createNoteVerifier, signNote } from '../lib/signed-note.ts'
import { openSignedSizes, readCheckpoint } from './signed-sizes.ts'

const pairOf = (name: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { signer: createNoteSigner(name, privateKey), verifier: createNoteVerifier(name, publicKey) }
}
const ours = pairOf('log.example/a')
const others = pairOf('log.example/b')
const foreign = pairOf('log.example/a')
const keys = [ours.verifier, others.verifier]

const ROOT = Buffer.alloc(32, 0xe9)
const noteOf = (size: number, { origin = 'log.example/a', by = ours } = {}): string =>
  signNote(formatCheckpoint({ origin, size, root: ROOT }), [by.signer])
const signedOf = (size: number, origin = 'log.example/a') => ({
  ok: true,
  signed: { origin, size, root: ROOT.toString('latin1') },
})

describe('a checkpoint', () => {
  const rows: readonly { note: string; text: string; read: object }[] = [
    { note: 'signed by a key that is known', text: noteOf(7), read: signedOf(7) },
    { note: 'signed by another that is known', text: noteOf(7, { by: others }), read: signedOf(7) },
    {
      note: 'signed by a key of the same name',
      text: noteOf(7, { by: foreign }),
      read: { ok: false, why: 'no known key signed the note' },
    },
    { note: 'not signed', text: 'x\n', read: { ok: false, why: 'not a signed note' } },
    {
      note: 'a note that is no checkpoint',
      text: signNote('log.example/a\nmany\nx\n', [ours.signer]),
      read: { ok: false, why: 'the size is not a number in plain digits' },
    },
  ]
  test.each(rows)('$note', ({ text, read }) => expect(readCheckpoint(text, keys)).toEqual(read))
})

describe('the checkpoints of a file', () => {
  const read = async (text: string) => {
    const path = join(makeFolder(), 'checkpoints')
    writeFileSync(path, text)
    return collect(await openSignedSizes(path, keys))
  }
  const fileOf = (...notes: readonly string[]): string => notes.map((note) => `${note}\n`).join('')
  const refused = (why: string) => ({ ok: false, why })

  const rows: readonly { note: string; text: string; found: readonly object[] }[] = [
    { note: 'none', text: '', found: [] },
    { note: 'in order', text: fileOf(noteOf(1), noteOf(4), noteOf(9)), found: [signedOf(1), signedOf(4), signedOf(9)] },
    { note: 'twice the same size', text: fileOf(noteOf(4), noteOf(4)), found: [signedOf(4), signedOf(4)] },
    { note: 'the last half written', text: `${fileOf(noteOf(1))}log.example/a\n4\n`, found: [signedOf(1)] },
    { note: 'only half of one', text: noteOf(1).slice(0, -1), found: [] },
    {
      note: 'out of order: nothing behind the first that is not right',
      text: fileOf(noteOf(1), noteOf(4), noteOf(3), noteOf(9)),
      found: [signedOf(1), signedOf(4), refused('the checkpoints are not in order')],
    },
    {
      note: 'of another log in between',
      text: fileOf(noteOf(1), noteOf(4, { origin: 'log.example/b' }), noteOf(9)),
      found: [signedOf(1), refused('a checkpoint is that of log.example/b, those before it of log.example/a')],
    },
    {
      note: 'by a key that is not known',
      text: fileOf(noteOf(1), noteOf(4, { by: foreign }), noteOf(9)),
      found: [signedOf(1), refused('no known key signed the note')],
    },
  ]
  test.each(rows)('$note', async ({ text, found }) => expect(await read(text)).toEqual(found))

  test('of a file that is not there: none', async () => {
    expect(await collect(await openSignedSizes(join(makeFolder(), 'none'), keys))).toEqual([])
  })

  test('what is added while they are read is not read', async () => {
    const path = join(makeFolder(), 'checkpoints')
    writeFileSync(path, fileOf(noteOf(1)))
    const opened = await openSignedSizes(path, keys)
    writeFileSync(path, fileOf(noteOf(1), noteOf(4)))
    expect(await collect(opened)).toEqual([signedOf(1)])
  })
})
