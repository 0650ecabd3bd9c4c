import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createNoteVerifier, formatVerifierKey } from '../lib/signed-note.ts'

/** A fresh Ed25519 key for a log's checkpoints: PKCS #8 PEM for a file of mode 0600. */
export const createLogKey = (): { readonly key: KeyObject; readonly pem: string } => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { key: privateKey, pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
}

/** The verifier key of a log, as C2SP signed-note tools take it: `name+id+key`. `key` is private or public. */
export const verifierKeyOf = (origin: string, key: KeyObject): string =>
  formatVerifierKey(createNoteVerifier(origin, key.type === 'private' ? createPublicKey(key) : key))
