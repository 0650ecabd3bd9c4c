import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { canCountOpenFiles, openFilesLeft } from '../../../../test/support/open-files.ts'
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

  const NO_KEY = 'it is not a private key in PEM without a passphrase'
  const texts: readonly { note: string; text: string; why: string }[] = [
    { note: 'nothing', text: '', why: NO_KEY },
    { note: 'no PEM', text: 'secret-canary', why: NO_KEY },
    { note: 'a public key', text: rsa.publicKey, why: NO_KEY },
    { note: 'a key of another kind', text: rsa.privateKey, why: 'it is not an Ed25519 key' },
    { note: 'a very long text', text: 'secret-canary'.repeat(5_000), why: 'it is too large for a key' },
    { note: 'a key in one byte too many', text: createLogKey().pem.padEnd(16_385, '\n'), why: 'it is too large for a key' },
  ]
  test.each(texts)('refused: $note, and the reason does not quote it', async ({ text, why }) => {
    expect(await readLogKeyFile(writeKey(text, 0o600))).toEqual({ ok: false, why })
  })

  test('refused without a file as with one', () => {
    expect(parseLogKey('secret-canary')).toEqual({ ok: false, why: NO_KEY })
    expect(parseLogKey(rsa.privateKey)).toEqual({ ok: false, why: 'it is not an Ed25519 key' })
  })

  test('a key as long as may be', async () => {
    expect(await readLogKeyFile(writeKey(createLogKey().pem.padEnd(16_384, '\n'), 0o600))).toMatchObject({ ok: true })
  })

  test.skipIf(!canCountOpenFiles)('closes the file', async () => {
    const [good, bad] = [writeKey(createLogKey().pem, 0o600), writeKey('x', 0o600)]
    for (const file of [good, bad]) expect(await openFilesLeft(() => readLogKeyFile(file))).toBe(0)
  })

  test('a file that is not there, and a folder', async () => {
    expect(await readLogKeyFile(join(makeFolder(), 'none'))).toEqual({ ok: false, why: 'it cannot be opened' })
    expect(await readLogKeyFile(makeFolder())).toEqual({ ok: false, why: 'it cannot be read' })
  })
})
