import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Claims, makeIssuer, type TestIssuer } from '../../../../test/support/issuer.ts'
import { fetchMetadata } from './provider-metadata.ts'

const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'
const JSON_TYPE = { 'content-type': 'application/json' }
let issuer: TestIssuer
beforeAll(async () => {
  issuer = await makeIssuer()
})
beforeEach(() => {
  for (const path of [OPENID, OAUTH]) issuer.answer(path, { status: 404 })
})
afterAll(() => issuer.close())

const usual = (): Claims => ({
  issuer: issuer.url,
  authorization_endpoint: 'https://login.example.com/authorize',
  token_endpoint: 'https://login.example.com/token',
})

const serve = (path: string, more: Claims = {}): void =>
  issuer.answer(path, { headers: JSON_TYPE, body: JSON.stringify({ ...usual(), ...more }) })

const fetched = (loopback = true) => fetchMetadata({ issuer: issuer.url, loopback, ca: null })

const withMembers = async (more: Claims) => {
  serve(OPENID, more)
  return fetched()
}

describe('must pass', () => {
  test('the least that a provider says', async () => {
    expect(await withMembers({})).toEqual({
      issuer: issuer.url,
      authorizationEndpoint: 'https://login.example.com/authorize',
      tokenEndpoint: 'https://login.example.com/token',
      userinfoEndpoint: null,
      endSessionEndpoint: null,
      namesIssuer: false,
      takesClaims: false,
      basic: true,
    })
  })

  test.each([
    {
      note: 'other endpoints',
      says: { userinfo_endpoint: 'https://a.example/u', end_session_endpoint: 'https://a.example/l' },
      is: { userinfoEndpoint: 'https://a.example/u', endSessionEndpoint: 'https://a.example/l' },
    },
    {
      note: 'a query in an endpoint',
      says: { authorization_endpoint: 'https://a.example/?p=1' },
      is: { authorizationEndpoint: 'https://a.example/?p=1' },
    },
    { note: 'that it names itself', says: { authorization_response_iss_parameter_supported: true }, is: { namesIssuer: true } },
    { note: 'that in quotes', says: { authorization_response_iss_parameter_supported: 'true' }, is: { namesIssuer: false } },
    { note: 'that it takes claims', says: { claims_parameter_supported: true }, is: { takesClaims: true } },
    { note: 'that it does not', says: { claims_parameter_supported: false }, is: { takesClaims: false } },
    {
      note: 'how clients prove themselves, basic among it',
      says: { token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'] },
      is: { basic: true },
    },
    {
      note: 'how clients prove themselves, without basic',
      says: { token_endpoint_auth_methods_supported: ['client_secret_post'] },
      is: { basic: false },
    },
    {
      note: 'methods of PKCE, S256 among them',
      says: { code_challenge_methods_supported: ['plain', 'S256'] },
      is: { basic: true },
    },
    {
      note: 'http on loopback',
      says: { token_endpoint: 'http://127.0.0.1:1/token' },
      is: { tokenEndpoint: 'http://127.0.0.1:1/token' },
    },
  ] as const)('$note', async ({ says, is }) => expect(await withMembers(says)).toMatchObject(is))

  test('at the other place, where there is none at the first (RFC 8414)', async () => {
    serve(OAUTH)
    expect(await fetched()).toMatchObject({ issuer: issuer.url })
    issuer.answer(OPENID, { headers: JSON_TYPE, body: '[]' })
    expect(await fetched()).toMatchObject({ issuer: issuer.url })
  })
})

describe('refused', () => {
  test.each([
    { note: 'no authorization endpoint', says: { authorization_endpoint: undefined }, why: 'endpoints' },
    { note: 'no token endpoint', says: { token_endpoint: undefined }, why: 'endpoints' },
    { note: 'an endpoint that is a list', says: { token_endpoint: ['https://a.example/token'] }, why: 'endpoints' },
    { note: 'an endpoint with a name', says: { token_endpoint: 'https://a@a.example/' }, why: 'endpoints' },
    { note: 'an endpoint with a password', says: { token_endpoint: 'https://:b@a.example/' }, why: 'endpoints' },
    { note: 'an endpoint with a fragment', says: { token_endpoint: 'https://a.example/#f' }, why: 'endpoints' },
    { note: 'an endpoint with a space before', says: { token_endpoint: ' https://a.example/' }, why: 'endpoints' },
    { note: 'an endpoint with a line end after', says: { token_endpoint: 'https://a.example/\n' }, why: 'endpoints' },
    { note: 'an endpoint beyond ASCII', says: { token_endpoint: 'https://a.example/ä' }, why: 'endpoints' },
    { note: 'a script', says: { authorization_endpoint: 'javascript:alert(1)' }, why: 'endpoints' },
    { note: 'data', says: { authorization_endpoint: 'data:text/html,x' }, why: 'endpoints' },
    { note: 'another issuer', says: { issuer: 'https://evil.example' }, why: 'issuer' },
    { note: 'methods of PKCE without S256', says: { code_challenge_methods_supported: ['plain'] }, why: 'S256' },
    { note: 'methods of PKCE in no list', says: { code_challenge_methods_supported: 'S256' }, why: 'S256' },
  ])('$note', async ({ says, why }) => expect(await withMembers(says)).toContain(why))

  test('http where the provider is not on loopback', async () => {
    serve(OPENID)
    expect(await fetched(false)).toContain('address')
  })

  test('no object, nothing there, and an issuer that is no address', async () => {
    expect(await fetched()).toContain('status 404')
    issuer.answer(OAUTH, { headers: JSON_TYPE, body: '[]' })
    expect(await fetched()).toContain('no JSON object')
    expect(await fetchMetadata({ issuer: 'corp', loopback: true, ca: null })).toContain('URL')
  })

  test('other endpoints that cannot be used count as none', async () => {
    const says = { userinfo_endpoint: 'http://a.example@b/', end_session_endpoint: 'javascript:alert(1)' }
    expect(await withMembers(says)).toMatchObject({ userinfoEndpoint: null, endSessionEndpoint: null })
  })
})
