// An authenticator in software (WebAuthn level 3 sections 6 and 8.7), for tests: answers what pages ask, and misuses itself where a
// test says so. Written after the specification, not with the library that verifies.
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

/** What one answer does otherwise than an honest authenticator. */
export interface Misuse {
  readonly origin?: string
  readonly challenge?: string
  readonly relyingParty?: string
  /** Flags of the authenticator data instead of user present and verified. */
  readonly flags?: number
  readonly counter?: number
  readonly spoilSignature?: boolean
}

interface Asked {
  readonly challenge: string
}

export interface SoftwareAuthenticator {
  readonly create: (options: Asked, misuse?: Misuse) => string
  readonly get: (options: Asked, misuse?: Misuse) => string
}

const PRESENT_AND_VERIFIED = 0x05
const ATTESTED = 0x40

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()
const text64 = (data: string | Uint8Array) => Buffer.from(data).toString('base64url')

/** COSE key of P-256 (RFC 9053 section 7.1.1). */
const coseKey = (jwk: { readonly x?: string; readonly y?: string }) =>
  isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(jwk.x ?? '', 'base64url'))],
      [-3, new Uint8Array(Buffer.from(jwk.y ?? '', 'base64url'))],
    ]),
  )

export const createSoftwareAuthenticator = (origin: string): SoftwareAuthenticator => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let count = 0
  const clientData = (type: string, asked: Asked, misuse: Misuse) =>
    JSON.stringify({
      type,
      challenge: misuse.challenge ?? asked.challenge,
      origin: misuse.origin ?? origin,
      crossOrigin: false,
    })
  const authenticatorData = (misuse: Misuse, attested: Uint8Array) => {
    count += 1
    const head = Buffer.alloc(5)
    head.writeUInt8((misuse.flags ?? PRESENT_AND_VERIFIED) | (attested.length > 0 ? ATTESTED : 0))
    head.writeUInt32BE(misuse.counter ?? count, 1)
    return Buffer.concat([sha256(misuse.relyingParty ?? 'localhost'), head, attested])
  }
  const answer = (response: object) =>
    JSON.stringify({ id: text64(id), rawId: text64(id), type: 'public-key', clientExtensionResults: {}, response })
  return {
    create: (options, misuse = {}) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey.export({ format: 'jwk' }))])
      const attestation = isoCBOR.encode(
        new Map<string, string | Map<string, string> | Uint8Array>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', new Uint8Array(authenticatorData(misuse, attested))],
        ]),
      )
      return answer({
        clientDataJSON: text64(clientData('webauthn.create', options, misuse)),
        attestationObject: text64(attestation),
        transports: ['internal'],
      })
    },
    get: (options, misuse = {}) => {
      const client = clientData('webauthn.get', options, misuse)
      const data = authenticatorData(misuse, Buffer.alloc(0))
      const signature = createSign('sha256')
        .update(Buffer.concat([data, sha256(client)]))
        .sign(privateKey)
      if (misuse.spoilSignature === true) signature.writeUInt8((signature.at(-1) ?? 0) ^ 1, signature.length - 1)
      return answer({ clientDataJSON: text64(client), authenticatorData: text64(data), signature: text64(signature) })
    },
  }
}
