import { describe, expect, test } from 'vitest'
import { corp, payments, requestOf } from '../../../../test/support/evaluations.ts'
import { exampleImage } from '../testing/example-facts.ts'
import { metadataDocument, metadataUrl } from './metadata.ts'
import { answerReserved, type ReservedContent } from './reserved.ts'

const REQUEST = requestOf('GET https://pay.example.com/x')
const deep = { ...payments, under: ['v1', 'a b'] }
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

describe('where metadata is (RFC 9728 section 3.1: the path comes after)', () => {
  test.each([
    { note: 'a whole host', service: payments, request: REQUEST, url: `https://pay.example.com${WELL_KNOWN}` },
    { note: 'a path, encoded', service: deep, request: REQUEST, url: `https://pay.example.com${WELL_KNOWN}/v1/a%20b` },
    {
      note: 'a port',
      service: payments,
      request: requestOf('GET https://pay.example.com:8443/x'),
      url: `https://pay.example.com:8443${WELL_KNOWN}`,
    },
    {
      note: 'plain HTTP',
      service: payments,
      request: requestOf('GET http://pay.example.com/x'),
      url: `http://pay.example.com${WELL_KNOWN}`,
    },
  ])('$note', ({ service, request, url }) => expect(metadataUrl(service, request)).toBe(url))
})

describe('what it says (RFC 9728 section 2)', () => {
  const image = { ...exampleImage, providers: { corp, partner: { ...corp, issuer: 'https://partner.example.com' } } }
  const documentOf = (service: typeof payments, request = REQUEST) =>
    JSON.parse(metadataDocument(service, image, request)) as unknown

  test.each<{ note: string; service: typeof payments; request?: typeof REQUEST; document: object }>([
    {
      note: 'in whole',
      service: deep,
      document: {
        resource: 'https://pay.example.com/v1/a%20b',
        authorization_servers: [corp.issuer],
        bearer_methods_supported: ['header'],
      },
    },
    {
      note: 'issuers in order',
      service: { ...payments, providers: ['partner', 'corp'] },
      document: {
        resource: 'https://pay.example.com',
        authorization_servers: ['https://partner.example.com', corp.issuer],
        bearer_methods_supported: ['header'],
      },
    },
    {
      note: 'a provider that is not declared is left out',
      service: { ...payments, providers: ['nowhere'] },
      document: { resource: 'https://pay.example.com', bearer_methods_supported: ['header'] },
    },
    {
      note: 'a session is no bearer token',
      service: { ...payments, providers: [], credentials: ['session'] },
      document: { resource: 'https://pay.example.com' },
    },
    {
      note: 'no credential is accepted',
      service: { ...payments, providers: [], credentials: [] },
      document: { resource: 'https://pay.example.com' },
    },
  ])('$note', ({ service, document }) => expect(documentOf(service)).toStrictEqual(document))

  test('the resource is where it was asked for', () => {
    expect(documentOf(payments, requestOf('GET http://pay.example.com:8080/x'))).toMatchObject({
      resource: 'http://pay.example.com:8080',
    })
  })
})

describe('reserved paths', () => {
  const content: ReservedContent = {
    serviceAt: (host, segments) =>
      host === 'pay.example.com' && segments[0] !== 'nothing'
        ? { service: { ...payments, under: segments }, image: exampleImage }
        : null,
    keySet: '{"keys":[]}',
  }
  const at = (request: string, keySet: string | null = '{"keys":[]}') =>
    answerReserved(requestOf(request), { ...content, keySet })
  const HEADERS = [
    ['content-type', 'application/json'],
    ['x-content-type-options', 'nosniff'],
    ['cache-control', 'public, max-age=60'],
    ['access-control-allow-origin', '*'],
  ]

  test.each([
    { note: 'any other path is to be judged', request: 'GET https://pay.example.com/keys', answer: null },
    { note: 'the root', request: 'GET https://pay.example.com/', answer: null },
    { note: 'the well-known folder', request: 'GET https://pay.example.com/.well-known/openid-configuration', answer: null },
    { note: 'something below another', request: 'GET https://pay.example.com/x/.balustrade/keys', answer: null },
    { note: 'metadata spelled elsewhere', request: 'GET https://pay.example.com/x/oauth-protected-resource', answer: null },
    { note: 'the reserved segment alone', request: 'GET https://pay.example.com/.balustrade', answer: 'refuse' },
    { note: 'something else below it', request: 'GET https://pay.example.com/.balustrade/other', answer: 'refuse' },
    { note: 'below the keys', request: 'GET https://pay.example.com/.balustrade/keys/1', answer: 'refuse' },
    { note: 'a method that does not read', request: 'POST https://pay.example.com/.balustrade/keys', answer: 'refuse' },
    { note: 'metadata of nothing', request: `GET https://pay.example.com${WELL_KNOWN}/nothing`, answer: 'refuse' },
    { note: 'metadata of another host', request: `GET https://other.example.com${WELL_KNOWN}`, answer: 'refuse' },
    { note: 'metadata written to', request: `DELETE https://pay.example.com${WELL_KNOWN}`, answer: 'refuse' },
  ])('$note', ({ request, answer }) => expect(at(request)).toBe(answer))

  test('the key set', () => {
    expect(at('GET https://pay.example.com/.balustrade/keys')).toStrictEqual({
      status: 200,
      headers: HEADERS,
      body: '{"keys":[]}',
    })
    expect(at('HEAD https://pay.example.com/.balustrade/keys')).toStrictEqual({ status: 200, headers: HEADERS, body: '' })
    expect(at('GET https://pay.example.com/.balustrade/keys', null)).toBe('refuse')
  })

  test('metadata of what is at the path behind', () => {
    const found = at(`GET https://pay.example.com${WELL_KNOWN}/v1/x`)
    expect(found).toMatchObject({ status: 200, headers: HEADERS })
    expect(found).toMatchObject({ body: expect.stringContaining('"resource":"https://pay.example.com/v1/x"') })
  })
})
