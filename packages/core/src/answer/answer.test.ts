import { describe, expect, test } from 'vitest'
import {
  ada,
  allowed,
  around,
  challenged,
  DECISION_ID,
  denied,
  evaluationWith,
  payments,
  requestOf,
} from '../../../../test/support/evaluations.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Answer, Evaluation, MalformedRequest } from '../model/engine.ts'
import { answerMalformed, answerUnlessAllowed, refuseMalformed } from './answer.ts'

const TARGET = 'https://acme.pay.example.com/charges'
const GET = requestOf(`GET ${TARGET}`)

const answerTo = (evaluation: Partial<Evaluation>, request: AccessRequest = GET, recorded = true): Answer | null =>
  answerUnlessAllowed(evaluationWith(evaluation), request, { recorded, around, form: null })

const FORBIDDEN = { decision: denied('forbidden', 'grant.none') }

const answered = (evaluation: Partial<Evaluation>, request: AccessRequest = GET): Answer => {
  const answer = answerTo(evaluation, request)
  if (answer === null) throw new Error('nothing was answered')
  return answer
}

const valueOf = ({ headers }: Answer, name: string) => headers.find(([each]) => each === name)?.[1]

describe('whether anything is answered', () => {
  test.each<{ note: string; evaluation: Partial<Evaluation>; recorded: boolean; status: number | null }>([
    { note: 'an allowed request goes on', evaluation: {}, recorded: true, status: null },
    { note: 'not before it is recorded as demanded', evaluation: {}, recorded: false, status: 503 },
    { note: 'a refusal', evaluation: FORBIDDEN, recorded: true, status: 403 },
    { note: 'a refusal that is not recorded', evaluation: FORBIDDEN, recorded: false, status: 503 },
    { note: 'a challenge', evaluation: { decision: challenged({ login: { maxAge: null } }) }, recorded: true, status: 401 },
    { note: 'a preflight that is allowed', evaluation: { preflight: true }, recorded: true, status: 204 },
    { note: 'a preflight that is not', evaluation: { ...FORBIDDEN, preflight: true }, recorded: true, status: 403 },
    { note: 'a preflight that is not recorded', evaluation: { preflight: true }, recorded: false, status: 503 },
  ])('$note', ({ evaluation, recorded, status }) => {
    expect(answerTo(evaluation, GET, recorded)?.status ?? null).toBe(status)
  })
})

describe('a refusal', () => {
  test('in whole', () => {
    const { status, headers, body } = answered(FORBIDDEN)
    expect(status).toBe(403)
    expect(headers).toStrictEqual([
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ['referrer-policy', 'no-referrer'],
      ['content-type', 'application/problem+json'],
      ['content-length', String(Buffer.byteLength(body))],
      ['balustrade-decision', DECISION_ID],
      ['vary', '*'],
    ])
    expect(JSON.parse(body)).toMatchObject({ status: 403, decision: DECISION_ID })
  })

  test('its length is that of its bytes', () => {
    const answer = answerUnlessAllowed(evaluationWith(FORBIDDEN), GET, {
      recorded: true,
      around: { ...around, reasonText: () => ({ text: 'é😀', help: '' }) },
      form: null,
    }) as Answer
    expect(valueOf(answer, 'content-length')).toBe(String(Buffer.byteLength(answer.body)))
    expect(answer.body.length).toBeLessThan(Buffer.byteLength(answer.body))
  })

  test('of HEAD has the length and no body', () => {
    const request = requestOf(`HEAD ${TARGET}`)
    const { headers, body } = answered(FORBIDDEN, request)
    expect(body).toBe('')
    expect(headers).toEqual(answered(FORBIDDEN).headers)
  })

  test.each([
    {
      note: 'a challenge',
      evaluation: { decision: challenged({ login: { maxAge: null } }) },
      name: 'www-authenticate',
      value: expect.stringMatching(/^Bearer realm="payments", /),
    },
    {
      note: 'a challenge for scopes',
      evaluation: { identity: ada, decision: challenged({ scopes: ['a'] }, 'scope.missing') },
      name: 'www-authenticate',
      value: expect.stringContaining('error="insufficient_scope"'),
    },
    { note: 'no challenge where none helps', evaluation: FORBIDDEN, name: 'www-authenticate', value: undefined },
    {
      note: 'when to try again',
      evaluation: { decision: denied('unavailable', 'role.unknown') },
      name: 'retry-after',
      value: '5',
    },
    { note: 'not where trying again does not help', evaluation: FORBIDDEN, name: 'retry-after', value: undefined },
  ])('says $note', ({ evaluation, name, value }) => expect(valueOf(answered(evaluation), name)).toEqual(value))

  const cors = { origins: ['https://spa.example.com'], methods: ['GET'], headers: [], credentials: false, maxAge: 0 } as const
  const fromSpa = requestOf(`GET ${TARGET}`, { origin: 'https://spa.example.com' })

  test('may be read by a listed origin', () => {
    const answer = answered({ ...FORBIDDEN, service: { ...payments, cors } }, fromSpa)
    expect(valueOf(answer, 'access-control-allow-origin')).toBe('https://spa.example.com')
    expect(valueOf(answered(FORBIDDEN, fromSpa), 'access-control-allow-origin')).toBeUndefined()
  })

  test('a preflight that is allowed: the list of the service, and nothing else', () => {
    const answer = answered({ preflight: true, service: { ...payments, cors } }, fromSpa)
    expect(answer).toStrictEqual({
      status: 204,
      headers: [
        ['cache-control', 'no-store'],
        ['balustrade-decision', DECISION_ID],
        ['access-control-allow-origin', 'https://spa.example.com'],
        ['access-control-allow-methods', 'GET'],
        ['access-control-max-age', '0'],
        ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
      ],
      body: '',
    })
  })
})

describe('for people a page, for programs JSON', () => {
  test.each<{ note: string; request: string; headers: Parameters<typeof requestOf>[1]; page: boolean }>([
    { note: 'a navigation', request: `GET ${TARGET}`, headers: { 'sec-fetch-mode': 'navigate' }, page: true },
    { note: 'a form that is sent', request: `POST ${TARGET}`, headers: { 'sec-fetch-mode': 'navigate' }, page: true },
    {
      note: 'a script, whatever it accepts',
      request: `GET ${TARGET}`,
      headers: { 'sec-fetch-mode': 'cors', accept: 'text/html' },
      page: false,
    },
    {
      note: 'without fetch metadata: a browser',
      request: `GET ${TARGET}`,
      headers: { accept: 'text/html,application/xhtml+xml' },
      page: true,
    },
    { note: 'HEAD of a browser', request: `HEAD ${TARGET}`, headers: { accept: 'text/html' }, page: true },
    { note: 'with a parameter', request: `GET ${TARGET}`, headers: { accept: 'application/json , text/html;q=0.9' }, page: true },
    { note: 'in capitals', request: `GET ${TARGET}`, headers: { accept: 'TEXT/HTML' }, page: true },
    { note: 'in a second line', request: `GET ${TARGET}`, headers: { accept: ['application/json', 'text/html'] }, page: true },
    { note: 'not asked for', request: `GET ${TARGET}`, headers: { accept: 'application/json' }, page: false },
    { note: 'anything', request: `GET ${TARGET}`, headers: { accept: '*/*' }, page: false },
    { note: 'something that begins alike', request: `GET ${TARGET}`, headers: { accept: 'text/html-x' }, page: false },
    { note: 'something that ends alike', request: `GET ${TARGET}`, headers: { accept: 'x-text/html' }, page: false },
    { note: 'nothing said', request: `GET ${TARGET}`, headers: {}, page: false },
    { note: 'a method that is no navigation', request: `POST ${TARGET}`, headers: { accept: 'text/html' }, page: false },
  ])('$note', ({ request, headers, page }) => {
    const asked = requestOf(request, headers)
    const answer = answered(FORBIDDEN, asked)
    expect(valueOf(answer, 'content-type')).toBe(page ? 'text/html; charset=utf-8' : 'application/problem+json')
    expect(valueOf(answer, 'content-security-policy') !== undefined).toBe(page)
    if (asked.method !== 'HEAD') expect(answer.body.startsWith(page ? '<!doctype html>' : '{"type":')).toBe(true)
  })

  test('a page may load and run nothing, and stand in no frame', () => {
    const answer = answered(FORBIDDEN, requestOf(`GET ${TARGET}`, { 'sec-fetch-mode': 'navigate' }))
    expect(valueOf(answer, 'content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    )
    expect(valueOf(answer, 'content-length')).toBe(String(Buffer.byteLength(answer.body)))
  })
})

test('a decision that could not be recorded says so, and nothing of the decision', () => {
  const answer = answerTo({ decision: { ...allowed, rule: 'secret' } }, GET, false) as Answer
  expect(answer.status).toBe(503)
  expect(valueOf(answer, 'retry-after')).toBe('5')
  expect(valueOf(answer, 'balustrade-decision')).toBe(DECISION_ID)
  expect(JSON.parse(answer.body)).toMatchObject({
    status: 503,
    outcome: 'deny',
    reasons: [{ code: 'log.unavailable', ...around.reasonText('log.unavailable') }],
  })
  expect(answer.body).not.toContain('remedy')
})

describe('what never became a request', () => {
  test('is answered as JSON, and the connection is closed', () => {
    const answer = answerMalformed({ code: 'request.semicolon', status: 400, decision: DECISION_ID }, around)
    expect(answer.status).toBe(400)
    expect(valueOf(answer, 'content-type')).toBe('application/problem+json')
    expect(valueOf(answer, 'connection')).toBe('close')
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'urn:balustrade:deny:request.semicolon',
      outcome: 'deny',
      reasons: [{ code: 'request.semicolon', ...around.reasonText('request.semicolon') }],
    })
    expect(answer.body).not.toContain('remedy')
  })

  test('is recorded, and answered under the id of the record', () => {
    const seen: MalformedRequest[] = []
    const malformed = { at: 5, method: 'GET', host: 'x', peer: '127.0.0.1', code: 'request.host', status: 421 }
    const engine = { refuse: (each: MalformedRequest) => (seen.push(each), 'an-id') }
    const answer = refuseMalformed(engine, malformed, around)
    expect(seen).toEqual([malformed])
    expect([answer.status, valueOf(answer, 'balustrade-decision')]).toEqual([421, 'an-id'])
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'urn:balustrade:deny:request.host' })
  })
})
