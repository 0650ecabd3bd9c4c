// reflect-metadata has to be there before x509 is loaded.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** For a server at localhost, in PEM. */
export interface DemoCertificates {
  /** The authority that signed; clients are told to trust it. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

const DAY = 86_400_000
const VALID_DAYS = 30
/** Clocks differ. */
const EARLY = 300_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const makeKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

const common = (now: number) => ({
  // Positive, and of at most 20 bytes (RFC 5280 section 4.1.2.2).
  serialNumber: `01${randomBytes(15).toString('hex')}`,
  notBefore: new Date(now - EARLY),
  notAfter: new Date(now + VALID_DAYS * DAY),
  signingAlgorithm: ALGORITHM,
})

const makeAuthority = (keys: webcrypto.CryptoKeyPair, now: number): Promise<X509Certificate> =>
  X509CertificateGenerator.createSelfSigned({
    ...common(now),
    name: 'CN=Authority of the Balustrade demo',
    keys,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  })

/**
 * An authority and a certificate it signed, for thirty days from `now` (epoch ms). The key of the authority is not kept: it signs
 * once, so whoever trusts it trusts nothing else.
 */
export const makeCertificates = async (now: number): Promise<DemoCertificates> => {
  const [authorityKeys, keys] = await Promise.all([makeKeys(), makeKeys()])
  const authority = await makeAuthority(authorityKeys, now)
  const certificate = await X509CertificateGenerator.create({
    ...common(now),
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await AuthorityKeyIdentifierExtension.create(authority),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    ca: authority.toString('pem'),
    certificate: certificate.toString('pem'),
    key: PemConverter.encode(key, 'PRIVATE KEY'),
  }
}
