import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { attempt } from './attempt.ts'
import { CodedError } from './coded-error.ts'
import { sha256Bytes } from './digest.ts'

/** Checks signatures of one key. `id` is the key id of C2SP signed-note: 8 lower-case hex digits. */
export interface NoteVerifier {
  readonly name: string
  readonly id: string
  readonly publicKey: KeyObject
}

/** Makes signatures with one key. */
export interface NoteSigner {
  readonly name: string
  readonly id: string
  readonly privateKey: KeyObject
}

/** `text` is what was signed, with its last newline; `signedBy` names the known keys whose signatures were verified. */
export type VerifiedNote =
  | { readonly ok: true; readonly text: string; readonly signedBy: readonly string[] }
  | { readonly ok: false; readonly why: string }

export type ParsedVerifier = { readonly ok: true; readonly verifier: NoteVerifier } | { readonly ok: false; readonly why: string }

interface SignatureLine {
  readonly name: string
  readonly id: string
  readonly signature: Uint8Array
}

const ED25519 = 0x01
const MAX_LENGTH = 1_000_000
const MAX_SIGNATURES = 100
const LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/
const BASE64_CHARACTERS = /^[A-Za-z0-9+/]+={0,2}$/

/** A key name has no white space and no plus sign (C2SP signed-note); it is not empty. */
const isName = (name: string): boolean => name.isWellFormed() && /^[^\s\p{Z}\p{Cc}+]+$/u.test(name)

/** The bytes of padded base64 in its one canonical spelling, or null. */
const readBase64 = (text: string): Uint8Array | null => {
  if (!BASE64_CHARACTERS.test(text)) return null
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

const rawPublicKey = (publicKey: KeyObject): Uint8Array => {
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new CodedError('note.key', 'a note is signed with an Ed25519 key')
  return Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url')
}

const keyId = (name: string, raw: Uint8Array): string => {
  if (!isName(name)) throw new CodedError('note.name', 'a key name is not empty and has no space and no plus sign')
  const hashed = sha256Bytes(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]))
  return Buffer.from(hashed.subarray(0, 4)).toString('hex')
}

/** A verifier for an Ed25519 public key. Throws CodedError `note.key` or `note.name`. */
export const createNoteVerifier = (name: string, publicKey: KeyObject): NoteVerifier => ({
  name,
  id: keyId(name, rawPublicKey(publicKey)),
  publicKey,
})

/** A signer for an Ed25519 private key. Throws CodedError `note.key` or `note.name`. */
export const createNoteSigner = (name: string, privateKey: KeyObject): NoteSigner => ({
  name,
  id: keyId(name, rawPublicKey(createPublicKey(privateKey))),
  privateKey,
})

/** The text form of a verifier key, `name+id+base64(0x01 || public key)`: what people hand to each other. */
export const formatVerifierKey = (verifier: NoteVerifier): string =>
  `${verifier.name}+${verifier.id}+${Buffer.concat([Buffer.of(ED25519), rawPublicKey(verifier.publicKey)]).toString('base64')}`

/** Reads the text form of a verifier key; its id must be that of its name and key. Never throws. */
export const parseVerifierKey = (text: string): ParsedVerifier => {
  const match = /^([^+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,64})$/.exec(text)
  const raw = match === null ? null : readBase64(match[3] as string)
  if (match === null || raw === null) return { ok: false, why: 'a verifier key reads name+id+base64' }
  if (raw.length !== 33 || raw[0] !== ED25519) return { ok: false, why: 'only Ed25519 verifier keys are known' }
  const x = Buffer.from(raw.subarray(1)).toString('base64url')
  const made = attempt(() => {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return createNoteVerifier(match[1] as string, publicKey)
  })
  if (!made.ok) return { ok: false, why: 'the key or its name is not usable' }
  return made.value.id === match[2]
    ? { ok: true, verifier: made.value }
    : { ok: false, why: 'the key id does not belong to the key' }
}

/** A note text: ends in a newline, has no other character below U+0020, no lone surrogate. */
const isNoteText = (text: string): boolean =>
  text.endsWith('\n') && text.length <= MAX_LENGTH && text.isWellFormed() && /^[\n\u0020-\u{10ffff}]*$/u.test(text)

/** The note: the text, an empty line and one signature line for each signer. Throws CodedError `note.text` on a malformed text. */
export const signNote = (text: string, signers: readonly NoteSigner[]): string => {
  if (!isNoteText(text)) throw new CodedError('note.text', 'a note ends in a newline and holds no control characters')
  const lines = signers.map((signer) => {
    const signature = sign(null, Buffer.from(text), signer.privateKey)
    const blob = Buffer.concat([Buffer.from(signer.id, 'hex'), signature]).toString('base64')
    return `\u2014 ${signer.name} ${blob}\n`
  })
  return `${text}\n${lines.join('')}`
}

const parseLine = (line: string): SignatureLine | null => {
  const match = LINE.exec(line)
  const blob = match === null ? null : readBase64(match[2] as string)
  if (match === null || blob === null || blob.length < 5 || !isName(match[1] as string)) return null
  return { name: match[1] as string, id: Buffer.from(blob.subarray(0, 4)).toString('hex'), signature: blob.subarray(4) }
}

const parseNote = (note: string): { readonly text: string; readonly lines: readonly SignatureLine[] } | null => {
  if (!isNoteText(note)) return null
  // The last empty line parts text from signatures: the text itself may hold empty lines.
  const split = note.lastIndexOf('\n\n')
  if (split < 0) return null
  const rows = note.slice(split + 2, -1).split('\n')
  if (rows.length > MAX_SIGNATURES) return null
  const lines = rows.map(parseLine)
  return lines.every((line) => line !== null) ? { text: note.slice(0, split + 1), lines } : null
}

const isSignedBy = (verifier: NoteVerifier, text: string, signature: Uint8Array): boolean => {
  const checked = attempt(() => verify(null, Buffer.from(text), verifier.publicKey, signature))
  return checked.ok && checked.value
}

/**
 * Reads a C2SP signed note and checks the signatures of the keys given. Signatures of other keys are ignored, a wrong
 * signature of a known key refuses the note, and so does the lack of a good one. Never throws. Does not say how many
 * different keys should have signed: see `signedBy`.
 */
export const verifyNote = (note: string, verifiers: readonly NoteVerifier[]): VerifiedNote => {
  const parsed = parseNote(note)
  if (parsed === null) return { ok: false, why: 'not a signed note' }
  const signedBy = new Set<string>()
  for (const line of parsed.lines) {
    const verifier = verifiers.find((known) => known.name === line.name && known.id === line.id)
    if (verifier === undefined) continue
    if (!isSignedBy(verifier, parsed.text, line.signature))
      return { ok: false, why: `the signature of ${verifier.name} is wrong` }
    signedBy.add(verifier.name)
  }
  if (signedBy.size === 0) return { ok: false, why: 'no known key signed the note' }
  return { ok: true, text: parsed.text, signedBy: [...signedBy] }
}
