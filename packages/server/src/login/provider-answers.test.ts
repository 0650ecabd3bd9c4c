// What is made of the answers of a token endpoint, and of providers that cannot be asked.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corp } from '../../../../test/support/evaluations.ts'
import { imageOf, loginInMemory } from '../../../../test/support/login-in-memory.ts'
import { startLoginProvider } from '../../../../test/support/login-provider.ts'
import { clientNamed } from '../../../../test/support/login-stage.ts'
import { authorizationUrl, requestTokens } from './exchange.ts'
import type { ProviderMetadata } from './provider-metadata.ts'
import type { LoginProvider } from './providers.ts'
import { readyProvider } from './ready-provider.ts'

let answer = { status: 200, type: 'application/json', body: '{}' }
let server: Server
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const requested = (given: Partial<typeof answer>) => {
  answer = { status: 200, type: 'application/json', body: '{}', ...given }
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = {
    name: 'corp',
    entry: { ...corp, issuer, loopback: true },
    client: clientNamed('corp'),
  } as unknown as LoginProvider
  const metadata: ProviderMetadata = {
    issuer,
    authorizationEndpoint: `${issuer}/authorize`,
    tokenEndpoint: `${issuer}/token`,
    userinfoEndpoint: null,
    endSessionEndpoint: null,
    namesIssuer: true,
    takesClaims: false,
    basic: true,
  }
  return requestTokens({ provider, metadata }, 'refresh_token', { refresh_token: 'r' })
}
const refused = (error: string) => ({ ok: false, why: 'refused', error })
const fault = (error: string) => ({ ok: false, why: 'fault', error })

describe('an answer of the token endpoint', () => {
  test.each([
    {
      note: 'with all',
      body: { access_token: 'a', token_type: 'bearer', refresh_token: 'r', id_token: 'i' },
      idToken: 'i',
      refreshToken: 'r',
    },
    { note: 'with as little as may be', body: { access_token: 'a', token_type: 'bearer' }, idToken: null, refreshToken: null },
    {
      note: 'with an ID token that is no text',
      body: { access_token: 'a', token_type: 'bearer', id_token: 7 },
      idToken: null,
      refreshToken: null,
    },
  ])('is taken $note', async ({ body, idToken, refreshToken }) => {
    expect(await requested({ body: JSON.stringify(body) })).toEqual({
      ok: true,
      value: { accessToken: 'a', idToken, refreshToken },
    })
  })

  test.each([
    { note: 'a code of RFC 6749', given: { status: 400, body: '{"error":"invalid_grant"}' }, gives: refused('invalid_grant') },
    { note: 'words of the provider', given: { status: 400, body: '{"error":"Call <b>us</b>"}' }, gives: refused('error') },
    { note: 'a code that is too long', given: { status: 400, body: `{"error":"${'a'.repeat(65)}"}` }, gives: refused('error') },
    { note: 'a page in place of an error', given: { status: 400, type: 'text/html', body: '<p>' }, gives: fault('answer') },
    { note: 'an error without a code', given: { status: 400, body: '{}' }, gives: fault('answer') },
    { note: 'a list', given: { body: '[]' }, gives: fault('answer') },
    { note: 'no token', given: { body: '{}' }, gives: fault('answer') },
    { note: 'an outage', given: { status: 503 }, gives: { ok: false, why: 'unavailable', error: 'status' } },
    { note: 'too many questions', given: { status: 429 }, gives: { ok: false, why: 'unavailable', error: 'status' } },
  ])('is none: $note', async ({ given, gives }) => {
    expect(await requested(given)).toEqual(gives)
  })

  test('that cannot be read is a fault, whatever it would say', async () => {
    for (const given of [{ type: 'text/html' }, { body: '{' }, { body: '{"access_token":"a","access_token":"b"}' }])
      expect(await requested(given)).toMatchObject({ ok: false, why: 'fault' })
  })
})

test('a provider that is not on loopback is never spoken to without TLS', () => {
  const entry = { ...corp, issuer: 'https://login.example.com', loopback: false }
  const provider = { name: 'corp', entry, client: clientNamed('corp') } as unknown as LoginProvider
  const metadata: ProviderMetadata = {
    issuer: entry.issuer,
    authorizationEndpoint: 'https://login.example.com/authorize',
    tokenEndpoint: 'https://login.example.com/token',
    userinfoEndpoint: null,
    endSessionEndpoint: null,
    namesIssuer: true,
    takesClaims: false,
    basic: true,
  }
  const at = (authorizationEndpoint: string) =>
    authorizationUrl({ provider, metadata: { ...metadata, authorizationEndpoint } }, { state: 's' })
  expect(at('https://login.example.com/authorize')).toContain('https://login.example.com/authorize?')
  expect(() => at('http://login.example.com/authorize')).toThrow('HTTPS')
})

describe('a provider is ready', () => {
  const provider = { metadata: () => Promise.resolve({ issuer: 'https://login.example.com' }) } as unknown as LoginProvider
  const silent = { metadata: () => Promise.resolve(null) } as unknown as LoginProvider
  const ready = (named: LoginProvider | null, image: unknown = imageOf({})) =>
    readyProvider({ image: () => image as ReturnType<typeof imageOf>, providers: { named: () => named } as never }, 'corp')

  test('where it is declared and told of itself', async () => {
    expect(await ready(provider)).toEqual({ provider, metadata: { issuer: 'https://login.example.com' } })
  })

  test.each([
    { note: 'no policy is in force', given: () => ready(provider, null), fault: 'login.not_offered' },
    { note: 'it is not declared', given: () => ready(null), fault: 'login.not_offered' },
    { note: 'it does not answer', given: () => ready(silent), fault: 'login.provider_unavailable' },
  ])('but not where $note', async ({ given, fault: code }) => expect(await given()).toEqual({ fault: code }))
})

test('a provider that never says when a factor was proved is taken at its word for all else', async () => {
  const provider = await startLoginProvider(() => Date.now())
  const stage = loginInMemory(provider)
  const entry = provider.entry()
  stage.setImage(imageOf({ corp: { ...entry, mfa: { ...entry.mfa, provedAt: null } } }))
  provider.script.idToken = { acr: 'otp', null: 'x' }
  const browser = stage.browser()
  await browser.go(await stage.returnOf(browser))
  const secret = browser.cookies.get('__Host-balustrade') ?? ''
  const found = await stage.sessions.reader.find(secret, { now: stage.clock.now(), lenient: false })
  if (found.status !== 'found') throw new Error('not logged in')
  expect(found.session.proofs.map((proof) => Object.keys(proof).toSorted())).toEqual([['acr', 'auth_time', 'iat']])
  await provider.close()
})
