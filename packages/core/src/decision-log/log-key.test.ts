import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { createNoteSigner, parseVerifierKey, signNote, verifyNote } from '../lib/signed-note.ts'
import { createLogKey, parseLogKey, readLogKeyFile, verifierKeyOf } from './log-key.ts'

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  publicKeyEncoding: { format: 'pem', type: 'spki' },
})

const writeKey = (text: string, mode: number): string => {
  const file = join(makeFolder(), 'log.key')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

describe('keys', () => {
  test('sign what the verifier key made of them verifies', () => {
    const { key, pem } = createLogKey()
    const parsed = parseLogKey(pem)
    if (!parsed.ok) throw new Error(parsed.why)
    const verifier = parseVerifierKey(verifierKeyOf('log.example/x', key))
    if (!verifier.ok) throw new Error(verifier.why)
    const note = signNote('text\n', [createNoteSigner('log.example/x', parsed.key)])
    expect(verifyNote(note, [verifier.verifier])).toMatchObject({ ok: true })
  })

  test('the verifier key is that of the private key as of the public one', () => {
    const { key } = createLogKey()
    expect(verifierKeyOf('log.example/x', createPublicKey(key))).toBe(verifierKeyOf('log.example/x', key))
    expect(parseVerifierKey(verifierKeyOf('log.example/x', key))).toMatchObject({ ok: true, verifier: { name: 'log.example/x' } })
  })

  test('from a file that only its owner may read', async () => {
    const { pem } = createLogKey()
    for (const mode of [0o600, 0o400]) expect(await readLogKeyFile(writeKey(pem, mode))).toMatchObject({ ok: true })
  })

  test.each([0o644, 0o640, 0o604, 0o620, 0o601])('refused from a file of mode %o', async (mode) => {
    const file = writeKey(createLogKey().pem, mode)
    expect(statSync(file).mode & 0o777).toBe(mode)
    expect(await readLogKeyFile(file)).toEqual({ ok: false, why: expect.stringContaining('chmod 600') as string })
  })

  const texts: readonly { note: string; text: string }[] = [
    { note: 'nothing', text: '' },
    { note: 'no PEM', text: 'secret-canary' },
    { note: 'a public key', text: rsa.publicKey },
    { note: 'a key of another kind', text: rsa.privateKey },
    { note: 'a very long text', text: 'secret-canary'.repeat(5_000) },
  ]
  test.each(texts)('refused: $note, and the reason does not quote it', async ({ text }) => {
    const read = await readLogKeyFile(writeKey(text, 0o600))
    expect(read.ok).toBe(false)
    expect(JSON.stringify(read)).not.toContain('canary')
  })

  test('a file that is not there, and a folder', async () => {
    expect(await readLogKeyFile(join(makeFolder(), 'none'))).toMatchObject({ ok: false })
    const folder = makeFolder()
    expect(await readLogKeyFile(folder)).toMatchObject({ ok: false })
  })
})
