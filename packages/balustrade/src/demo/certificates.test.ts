import { X509Certificate } from 'node:crypto'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DemoCertificates, makeCertificates } from './certificates.ts'

const NOW = Date.now()

describe('certificates of the demo', () => {
  let made: DemoCertificates
  beforeAll(async () => {
    made = await makeCertificates(NOW)
  })

  test('are signed by the authority, for thirty days', () => {
    const [authority, certificate] = [new X509Certificate(made.ca), new X509Certificate(made.certificate)]
    expect(certificate.verify(authority.publicKey)).toBe(true)
    expect(certificate.checkIssued(authority)).toBe(true)
    expect({ authority: authority.ca, certificate: certificate.ca }).toEqual({ authority: true, certificate: false })
    const days = (Date.parse(certificate.validTo) - NOW) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThan(30.1)
  })

  test('are of another authority every time', async () => {
    const other = await makeCertificates(NOW)
    expect(new X509Certificate(made.certificate).verify(new X509Certificate(other.ca).publicKey)).toBe(false)
  })
})

describe('a server with them', () => {
  let made: DemoCertificates
  const server = createServer((_message, response) => response.end('hello'))
  beforeAll(async () => {
    made = await makeCertificates(NOW)
    server.setSecureContext({ cert: made.certificate, key: made.key })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  const ask = (name: string, ca: string | undefined): Promise<string> =>
    new Promise((resolve) => {
      const { port } = server.address() as AddressInfo
      const options = { host: '127.0.0.1', port, servername: name, agent: false, ...(ca === undefined ? {} : { ca }) }
      request(options, (response) => void response.on('data', (chunk: Buffer) => resolve(chunk.toString())))
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
        .end()
    })

  test.each([
    { note: 'localhost is believed by who trusts the authority', name: 'localhost', trusts: true, comes: 'hello' },
    { note: 'another name is not', name: 'app.example.com', trusts: true, comes: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    { note: 'nor by anybody else', name: 'localhost', trusts: false, comes: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  ])('$note', async ({ name, trusts, comes }) => {
    expect(await ask(name, trusts ? made.ca : undefined)).toBe(comes)
  })
})
