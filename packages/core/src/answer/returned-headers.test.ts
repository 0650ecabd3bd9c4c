import { describe, expect, test } from 'vitest'
import { allowed, DECISION_ID, evaluationWith, payments, requestOf } from '../../../../test/support/evaluations.ts'
import type { HeaderLine } from '../model/access-request.ts'
import type { Evaluation } from '../model/engine.ts'
import { privateCacheControl, returnedHeaders } from './returned-headers.ts'

const ORIGIN = 'https://spa.example.com'
const REQUEST = requestOf('GET https://acme.pay.example.com/', { origin: ORIGIN })
const cors = { origins: [ORIGIN], methods: ['GET'], headers: [], credentials: false, maxAge: 0 } as const
const PUBLIC = { decision: { ...allowed, public: true } }
const ID: HeaderLine = ['balustrade-decision', DECISION_ID]
const PRIVATE: HeaderLine = ['cache-control', 'private']

const returned = (headers: readonly HeaderLine[], evaluation: Partial<Evaluation> = PUBLIC) =>
  returnedHeaders(evaluationWith(evaluation), REQUEST, headers)

describe('fields of an upstream', () => {
  test('are passed on as they came, in order, several times', () => {
    const lines: readonly HeaderLine[] = [
      ['Content-Type', 'text/plain'],
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['Cache-Control', 'public'],
    ]
    expect(returned(lines)).toEqual([...lines, ID])
  })

  test.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
  ])('mean one connection only: %s', (name) =>
    expect(
      returned([
        [name, 'x'],
        ['A', 'b'],
      ]),
    ).toEqual([['A', 'b'], ID]),
  )

  test.each([
    { note: 'one', values: ['x-a'] },
    { note: 'a list in any spelling', values: ['close , X-A,x-B'] },
    { note: 'several lines', values: ['close', 'x-a'] },
  ])('are named by Connection: $note', ({ values }) => {
    const lines = [...values.map((value) => ['Connection', value] as const), ['X-A', '1'] as const, ['x-c', '2'] as const]
    expect(returned(lines)).toEqual([['x-c', '2'], ID])
  })

  test('are not named by a field that only looks like it', () => {
    expect(
      returned([
        ['Connectiox', 'x-a'],
        ['x-a', '1'],
      ]),
    ).toEqual([['Connectiox', 'x-a'], ['x-a', '1'], ID])
    expect(
      returned([
        ['X-Connection', 'x-a'],
        ['x-a', '1'],
      ]),
    ).toEqual([['X-Connection', 'x-a'], ['x-a', '1'], ID])
  })

  test('set no cookie of the point, so that no application gives a browser a session or takes one', () => {
    const lines: readonly HeaderLine[] = [
      ['Set-Cookie', '__Host-balustrade=fixed; Path=/; Secure'],
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'balustrade-login=; Max-Age=0'],
      ['SET-COOKIE', '=balustrade=fixed'],
      ['Set-Cookies', 'balustrade=1'],
    ]
    expect(returned(lines)).toEqual([['Set-Cookie', 'a=1'], ['Set-Cookies', 'balustrade=1'], ID])
  })

  test('do not say what was decided', () => {
    expect(returned([['Balustrade-Decision', 'forged']])).toEqual([ID])
  })
})

describe('caches', () => {
  test.each([
    { note: 'nothing said', value: undefined, gives: 'private' },
    { note: 'said nothing', value: ' ', gives: 'private' },
    { note: 'public', value: 'public, max-age=60', gives: 'private, max-age=60' },
    { note: 'any spelling of it', value: 'PUBLIC , S-MaxAge=60', gives: 'private' },
    { note: 'shared caches', value: 'max-age=60,s-maxage=600', gives: 'private, max-age=60' },
    { note: 'shared caches, without a value', value: 's-maxage', gives: 'private' },
    { note: 'private already', value: 'private, max-age=60', gives: 'private, max-age=60' },
    { note: 'private for some fields', value: 'private="set-cookie", max-age=60', gives: 'private, max-age=60' },
    { note: 'not stored at all', value: 'no-store, public', gives: 'no-store' },
    { note: 'not stored at all, in any spelling', value: 'No-Store, max-age=0', gives: 'No-Store, max-age=0' },
    {
      note: 'directives that begin alike',
      value: 'publicly, x-private, no-store-x',
      gives: 'private, publicly, x-private, no-store-x',
    },
    {
      note: 'directives that end alike',
      value: 'x-public, x-s-maxage, x-no-store',
      gives: 'private, x-public, x-s-maxage, x-no-store',
    },
    { note: 'empty directives', value: ',max-age=1,,', gives: 'private, max-age=1' },
  ])('$note', ({ value, gives }) => expect(privateCacheControl(value)).toBe(gives))

  test.each<{ note: string; lines: readonly HeaderLine[]; cache: string }>([
    { note: 'said nothing', lines: [], cache: 'private' },
    { note: 'said once', lines: [['Cache-Control', 'public, max-age=5']], cache: 'private, max-age=5' },
    {
      note: 'said in several lines',
      lines: [
        ['Cache-Control', 'public'],
        ['cache-control', 'no-store'],
      ],
      cache: 'no-store',
    },
  ])('what no public entry allowed is not for shared ones: $note', ({ lines, cache }) => {
    expect(returned(lines, {})).toEqual([['cache-control', cache], ID])
  })

  test('the line comes after the others', () => {
    expect(
      returned(
        [
          ['Cache-Control', 'max-age=5'],
          ['A', 'b'],
        ],
        {},
      ),
    ).toEqual([['A', 'b'], ['cache-control', 'private, max-age=5'], ID])
  })
})

describe('other origins', () => {
  const upstream: HeaderLine = ['Access-Control-Allow-Origin', '*']

  test('where the service declares them, what it declares', () => {
    expect(returned([upstream], { service: { ...payments, cors } })).toEqual([
      PRIVATE,
      ID,
      ['access-control-allow-origin', ORIGIN],
      ['access-control-expose-headers', 'WWW-Authenticate, Balustrade-Decision'],
      ['vary', 'Origin'],
    ])
  })

  test('one that is not listed gets nothing, and caches know that it depends', () => {
    const lines = returned([upstream], { service: { ...payments, cors: { ...cors, origins: [] } } })
    expect(lines).toEqual([PRIVATE, ID, ['vary', 'Origin']])
  })

  test.each([
    { note: 'a service that declares none', service: payments },
    { note: 'no service', service: null },
  ])('where it does not, what the upstream says: $note', ({ service }) => {
    expect(returned([upstream], { service })).toEqual([upstream, PRIVATE, ID])
  })
})
