import { describe, expect, test } from 'vitest'
import { evaluationWith, payments, requestOf } from '../../../../test/support/evaluations.ts'
import type { CorsImage } from '../model/policy-image.ts'
import { corsHeaders, listedOrigin, preflightHeaders } from './cors.ts'

const CORS: CorsImage = {
  origins: ['https://spa.example.com', 'https://other.example.com'],
  methods: ['GET', 'POST'],
  headers: ['content-type', 'x-a'],
  credentials: true,
  maxAge: 90_999,
}

const from = (origin: string | readonly string[] | null) =>
  requestOf('GET https://a.pay.example.com/', origin === null ? {} : { origin })
const at = (cors: CorsImage | null) => evaluationWith({ service: { ...payments, cors } })
const LISTED = from('https://spa.example.com')

describe('a listed origin', () => {
  test.each([
    { note: 'listed', cors: CORS, origin: 'https://spa.example.com', listed: 'https://spa.example.com' },
    { note: 'the other one', cors: CORS, origin: 'https://other.example.com', listed: 'https://other.example.com' },
    { note: 'none', cors: CORS, origin: null, listed: null },
    { note: 'null', cors: CORS, origin: 'null', listed: null },
    { note: 'another', cors: CORS, origin: 'https://evil.example', listed: null },
    { note: 'one that begins alike', cors: CORS, origin: 'https://spa.example.com.evil.example', listed: null },
    { note: 'a service that lists none', cors: null, origin: 'https://spa.example.com', listed: null },
  ])('$note', ({ cors, origin, listed }) => expect(listedOrigin(cors, from(origin))).toBe(listed))
})

describe('headers of an answer', () => {
  test('of a listed origin, with credentials and without', () => {
    const exposed = ['access-control-expose-headers', 'WWW-Authenticate, Balustrade-Decision']
    expect(corsHeaders(at(CORS), LISTED)).toStrictEqual([
      ['access-control-allow-origin', 'https://spa.example.com'],
      ['access-control-allow-credentials', 'true'],
      exposed,
    ])
    expect(corsHeaders(at({ ...CORS, credentials: false }), LISTED)).toStrictEqual([
      ['access-control-allow-origin', 'https://spa.example.com'],
      exposed,
    ])
  })

  test.each([
    { note: 'an origin that is not listed', evaluation: at(CORS), request: from('https://evil.example') },
    { note: 'no origin', evaluation: at(CORS), request: from(null) },
    { note: 'a service that lists none', evaluation: at(null), request: LISTED },
    { note: 'no service', evaluation: evaluationWith({ service: null }), request: LISTED },
  ])('none: $note', ({ evaluation, request }) => {
    expect(corsHeaders(evaluation, request)).toEqual([])
    expect(preflightHeaders(evaluation, request)).toEqual([])
  })
})

describe('headers of a preflight', () => {
  test('what the service lists, whatever was asked', () => {
    expect(preflightHeaders(at(CORS), LISTED)).toStrictEqual([
      ['access-control-allow-origin', 'https://spa.example.com'],
      ['access-control-allow-credentials', 'true'],
      ['access-control-allow-methods', 'GET, POST'],
      ['access-control-allow-headers', 'content-type, x-a'],
      ['access-control-max-age', '90'],
      ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
    ])
  })

  test('no header is listed: none is named', () => {
    const names = preflightHeaders(at({ ...CORS, headers: [] }), LISTED).map(([name]) => name)
    expect(names).not.toContain('access-control-allow-headers')
    expect(names).toContain('access-control-max-age')
  })
})
