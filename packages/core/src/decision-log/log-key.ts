import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { attempt, attemptAsync } from '../lib/attempt.ts'
import { createNoteVerifier, formatVerifierKey } from '../lib/signed-note.ts'

/** A fresh Ed25519 key for a log's checkpoints: PKCS #8 PEM for a file of mode 0600. */
export const createLogKey = (): { readonly key: KeyObject; readonly pem: string } => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { key: privateKey, pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
}

/** The verifier key of a log, as C2SP signed-note tools take it: `name+id+key`. `key` is private or public. */
export const verifierKeyOf = (origin: string, key: KeyObject): string => formatVerifierKey(createNoteVerifier(origin, key))

export type LogKeyResult = { readonly ok: true; readonly key: KeyObject } | { readonly ok: false; readonly why: string }

const refuse = (why: string): LogKeyResult => ({ ok: false, why })

/** Reads a private key from PEM. Never throws; the reason never quotes the text. */
export const parseLogKey = (pem: string): LogKeyResult => {
  const parsed = attempt(() => createPrivateKey(pem))
  if (!parsed.ok) return refuse('it is not a private key in PEM without a passphrase')
  return parsed.value.asymmetricKeyType === 'ed25519' ? { ok: true, key: parsed.value } : refuse('it is not an Ed25519 key')
}

const OTHERS = 0o077
const MAX_PEM = 16_384

const readPrivate = async (file: FileHandle): Promise<LogKeyResult> => {
  const { mode, size } = await file.stat()
  // Windows has no such bits and reports them set.
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) return refuse('others than its owner may read it: chmod 600')
  return size > MAX_PEM ? refuse('it is too large for a key') : parseLogKey((await file.readFile()).toString())
}

/** Reads a log's private key from a file that only its owner may read. Never rejects. */
export const readLogKeyFile = async (path: string): Promise<LogKeyResult> => {
  const opened = await attemptAsync(() => open(path, 'r'))
  if (!opened.ok) return refuse('it cannot be opened')
  const read = await attemptAsync(() => readPrivate(opened.value))
  await opened.value.close()
  return read.ok ? read.value : refuse('it cannot be read')
}
