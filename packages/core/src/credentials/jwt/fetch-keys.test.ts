import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../../../test/support/certificate.ts'
import { makeIssuer, type TestIssuer } from '../../../../../test/support/issuer.ts'
import { fetchKeys, metadataUrls } from './fetch-keys.ts'

test.each([
  [
    'https://idp.example',
    ['https://idp.example/.well-known/openid-configuration', 'https://idp.example/.well-known/oauth-authorization-server'],
  ],
  [
    'https://idp.example/',
    ['https://idp.example/.well-known/openid-configuration', 'https://idp.example/.well-known/oauth-authorization-server'],
  ],
  [
    'https://idp.example:8443/realms/a',
    [
      'https://idp.example:8443/realms/a/.well-known/openid-configuration',
      'https://idp.example:8443/.well-known/oauth-authorization-server/realms/a',
    ],
  ],
  [
    'https://idp.example/t/',
    ['https://idp.example/t/.well-known/openid-configuration', 'https://idp.example/.well-known/oauth-authorization-server/t'],
  ],
  ['corp', []],
  ['', []],
  ['https://idp.example?x=1', []],
  ['https://idp.example/#a', []],
  ['https://idp.example?', []],
])('metadata of %s', (issuer, urls) => {
  expect(metadataUrls(issuer)).toEqual(urls)
})

describe('against a server with a certificate of its own', () => {
  const made = makeCertificate(['localhost'])
  const server = createServer({ cert: made.cert, key: made.key }, (_message, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":[]}')
  })
  const origin = () => {
    const { port } = server.address() as AddressInfo
    return { issuer: 'corp', jwksUri: `https://localhost:${port}/jwks`, loopback: true }
  }
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve)))
  afterAll(() => void server.close())

  test('must pass: its anchor is configured', async () => {
    expect(await fetchKeys({ ...origin(), ca: made.cert })).toMatchObject({ ok: true })
  })

  test('that of nobody is refused', async () => {
    expect(await fetchKeys(origin())).toMatchObject({ ok: false, code: 'keys.fetch' })
    const other = makeCertificate(['localhost']).cert
    expect(await fetchKeys({ ...origin(), ca: other })).toMatchObject({ ok: false, code: 'keys.fetch' })
  })
})

describe('against a server on loopback', () => {
  let issuer: TestIssuer
  const OIDC = '/realms/a/.well-known/openid-configuration'
  const OAUTH = '/.well-known/oauth-authorization-server/realms/a'
  const origin = (over: object = {}) => ({ issuer: issuer.url, jwksUri: null, loopback: true, ...over })
  beforeEach(async () => {
    issuer = await makeIssuer({ path: '/realms/a' })
  })
  afterEach(() => issuer.close())

  test('must pass: a stated URI needs no discovery', async () => {
    const fetched = await fetchKeys(origin({ jwksUri: issuer.jwksUri }))
    expect(fetched.ok && fetched.set.keys.map(({ kid }) => kid)).toEqual(['k1'])
    expect(Object.fromEntries(issuer.hits)).toEqual({ '/jwks': 1 })
  })

  test('must pass: OpenID Connect discovery, then the keys, with what their answer says of its age', async () => {
    issuer.answer('/jwks', { headers: { 'cache-control': 'max-age=77', date: 'Tue, 24 Nov 2026 04:00:00 GMT' } })
    expect(await fetchKeys(origin())).toMatchObject({
      ok: true,
      cacheControl: 'max-age=77',
      date: 'Tue, 24 Nov 2026 04:00:00 GMT',
    })
    expect(Object.fromEntries(issuer.hits)).toEqual({ [OIDC]: 1, '/jwks': 1 })
  })

  test('must pass: RFC 8414 where that does not answer', async () => {
    issuer.answer(OIDC, { status: 404 })
    expect(await fetchKeys(origin())).toMatchObject({ ok: true })
    expect(Object.fromEntries(issuer.hits)).toEqual({ [OIDC]: 1, [OAUTH]: 1, '/jwks': 1 })
  })

  const metadata = (over: object): string => JSON.stringify({ issuer: issuer.url, jwks_uri: issuer.jwksUri, ...over })

  test('the metadata must be those of the issuer, byte for byte', async () => {
    for (const other of [`${issuer.url}/`, issuer.url.toUpperCase(), 'https://evil.example', null, 7]) {
      issuer.answer(OIDC, { body: metadata({ issuer: other }) })
      issuer.answer(OAUTH, { body: metadata({ issuer: other }) })
      const detail = 'the metadata are not those of the configured issuer'
      expect(await fetchKeys(origin())).toEqual({ ok: false, code: 'keys.issuer_mismatch', detail })
    }
    issuer.answer(OAUTH, { body: '[]' })
    expect(await fetchKeys(origin())).toMatchObject({ ok: false, code: 'keys.issuer_mismatch' })
    expect(issuer.jwksHits()).toBe(0)
  })

  test('metadata without a URI of keys', async () => {
    for (const uri of [null, 7, [issuer.jwksUri]]) {
      issuer.answer(OIDC, { body: metadata({ jwks_uri: uri }) })
      issuer.answer(OAUTH, { body: metadata({ jwks_uri: uri }) })
      expect(await fetchKeys(origin())).toEqual({ ok: false, code: 'keys.discovery', detail: 'the metadata name no jwks_uri' })
    }
  })

  test('no discovery answers', async () => {
    issuer.answer(OIDC, { hangUp: true })
    issuer.answer(OAUTH, { status: 500 })
    expect(await fetchKeys(origin())).toEqual({ ok: false, code: 'keys.discovery', detail: 'the answer has status 500' })
  })

  test('an issuer that is no URL has no discovery', async () => {
    const detail = 'the issuer is not a URL without query and fragment'
    expect(await fetchKeys(origin({ issuer: 'corp' }))).toEqual({ ok: false, code: 'keys.discovery', detail })
  })

  test('loopback only where the provider allows it', async () => {
    expect(await fetchKeys(origin({ loopback: false, jwksUri: issuer.jwksUri }))).toMatchObject({ ok: false, code: 'keys.fetch' })
    expect(await fetchKeys(origin({ loopback: false }))).toMatchObject({ ok: false, code: 'keys.discovery' })
    expect(issuer.hits.size).toBe(0)
  })

  test.each([
    'http://10.0.0.1/jwks',
    'http://169.254.169.254/jwks',
    'https://192.168.1.1/jwks',
    'file:///etc/passwd',
    'http://idp.example/jwks',
    'x',
  ])('IS-41413: metadata that send us to %s', async (uri) => {
    issuer.answer(OIDC, { body: metadata({ jwks_uri: uri }) })
    expect(await fetchKeys(origin())).toMatchObject({ ok: false, code: 'keys.fetch' })
  })

  test('garbage, and more than fits', async () => {
    const answers = [
      { body: '<html>' },
      { body: `{"keys":[${' '.repeat(1_048_576)}]}` },
      { status: 302, headers: { location: '/x' } },
      { hangUp: true },
    ]
    for (const reply of answers) {
      issuer.answer('/jwks', reply)
      expect(await fetchKeys(origin({ jwksUri: issuer.jwksUri }))).toMatchObject({ ok: false, code: 'keys.fetch' })
    }
    for (const body of ['{}', '[]', '{"keys":{}}', `{"keys":[${Array.from({ length: 10_000 }, () => '{}').join()}]}`]) {
      issuer.answer('/jwks', { body })
      const detail = 'the document is not a key set of at most 100 keys'
      expect(await fetchKeys(origin({ jwksUri: issuer.jwksUri }))).toEqual({ ok: false, code: 'keys.malformed', detail })
    }
  })
})
