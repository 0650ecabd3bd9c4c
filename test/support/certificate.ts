// A self-signed certificate for listeners under test: DER written by hand (RFC 5280), so that no other program is needed.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface TestCertificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const value = Buffer.concat(parts)
  const { length } = value
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), value])
}

const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts)
const text = (tag: number, value: string) => tlv(tag, Buffer.from(value, 'latin1'))
/** Object identifiers by their bytes. */
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'))

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
const nameOf = (host: string) => sequence(tlv(0x31, sequence(oid('550403'), text(0x0c, host))))
/** `YYMMDDHHMMSSZ`, years 1950 to 2049. */
const time = (value: string) => text(0x17, value)

const subjectAltName = (hosts: readonly string[]) =>
  sequence(oid('551d11'), tlv(0x04, sequence(...hosts.map((host) => text(0x82, host)))))

const toBeSigned = (hosts: readonly string[], publicKey: KeyObject): Buffer =>
  sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    nameOf(hosts[0] ?? ''),
    sequence(time('200101000000Z'), time('491231235959Z')),
    nameOf(hosts[0] ?? ''),
    publicKey.export({ format: 'der', type: 'spki' }),
    tlv(0xa3, sequence(subjectAltName(hosts))),
  )

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

/** For these DNS names, its own issuer: give `cert` as `ca` to whoever is to trust it. */
export const makeCertificate = (hosts: readonly string[]): TestCertificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const body = toBeSigned(hosts, publicKey)
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  return {
    cert: pem(sequence(body, ECDSA_WITH_SHA256, signature)),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}
