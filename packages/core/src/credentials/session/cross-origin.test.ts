import { describe, expect, test } from 'vitest'
import { payments } from '../../../../../test/support/evaluations.ts'
import { METHODS } from '../../model/access-request.ts'
import type { CorsImage, ServiceImage } from '../../model/policy-image.ts'
import { fromDescription } from '../../request/from-description.ts'
import { barCrossOrigin } from './cross-origin.ts'

const OWN = 'https://acme.pay.example.com'
const LISTED = 'https://spa.example.com'
const cors: CorsImage = { origins: [LISTED], methods: ['POST'], headers: [], credentials: true, maxAge: 0 }
const withCors: ServiceImage = { ...payments, cors }
const SAFE = ['GET', 'HEAD', 'OPTIONS']
const UNSAFE = METHODS.filter((method) => !SAFE.includes(method))

interface Sent {
  readonly origin?: string
  readonly site?: string
  readonly upgrade?: 'websocket'
  readonly url?: string
}

const barred = (method: string, { origin, site, upgrade, url = `${OWN}/a` }: Sent, service = withCors) => {
  const made = fromDescription({
    request: `${method} ${url}`,
    headers: { ...(origin === undefined ? {} : { origin }), ...(site === undefined ? {} : { 'sec-fetch-site': site }) },
    ...(upgrade === undefined ? {} : { upgrade }),
    at: 0,
  })
  if (!made.ok) throw new Error(made.code)
  return barCrossOrigin(made.request, service)
}

interface Row extends Sent {
  readonly note: string
}

/** What a page of the service itself, or one that it lists, makes a browser send. */
const FRIENDLY: readonly Row[] = [
  { note: 'a form or script of the service', origin: OWN, site: 'same-origin' },
  { note: 'the same from a browser that knows no Sec-Fetch', origin: OWN },
  { note: 'a script of a listed origin', origin: LISTED, site: 'same-site' },
  { note: 'a listed origin elsewhere', origin: LISTED, site: 'cross-site' },
]

const TYPED: readonly Row[] = [
  { note: 'a person alone', site: 'none' },
  { note: 'a page of the service that tells no origin', site: 'same-origin' },
  { note: 'a form of a page that tells no referrer', origin: 'null', site: 'same-origin' },
]

/** What any other page does, and what says neither. */
const HOSTILE: readonly Row[] = [
  { note: 'another site', origin: 'https://evil.example', site: 'cross-site' },
  { note: 'another site, from a browser that knows no Sec-Fetch', origin: 'https://evil.example' },
  { note: 'another host of the site', origin: 'https://blog.pay.example.com', site: 'same-site' },
  { note: 'another site that is said to be the same', origin: 'https://evil.example', site: 'same-origin' },
  { note: 'the same host over plain http', origin: OWN.replace('https', 'http') },
  { note: 'another port', origin: `${OWN}:8443` },
  { note: 'the own origin in another case', origin: OWN.toUpperCase() },
  { note: 'a longer host', origin: `${OWN}.evil.example` },
  { note: 'a sandboxed frame', origin: 'null', site: 'cross-site' },
  { note: 'null, and no word of the site', origin: 'null' },
  { note: 'no origin, from another site', site: 'cross-site' },
  { note: 'no origin, from another host of the site', site: 'same-site' },
  { note: 'no origin, from nowhere that is known', site: 'elsewhere' },
  { note: 'nothing at all' },
]

describe('what changes something', () => {
  test.each(FRIENDLY.concat(TYPED))('may use a session: $note', (sent) => {
    for (const method of UNSAFE) expect(barred(method, sent), method).toBeNull()
  })

  test.each(HOSTILE)('may not: $note', (sent) => {
    for (const method of UNSAFE) expect(barred(method, sent), method).toBe('session.cross_origin')
  })
})

describe('what reads', () => {
  test.each([...FRIENDLY, ...TYPED, ...HOSTILE])('may use a session wherever it comes from: $note', (sent) => {
    for (const method of SAFE) expect(barred(method, sent), method).toBeNull()
  })
})

describe('a WebSocket, which begins as a GET and which no other rule of browsers protects', () => {
  test.each(FRIENDLY)('may use a session: $note', (sent) => {
    expect(barred('GET', { ...sent, upgrade: 'websocket' })).toBeNull()
  })

  test.each([...HOSTILE, ...TYPED])('may not: $note', (sent) => {
    expect(barred('GET', { ...sent, upgrade: 'websocket' })).toBe('session.cross_origin')
  })
})

describe('a listed origin', () => {
  test.each([
    { note: 'counts only where credentials go along', service: { ...withCors, cors: { ...cors, credentials: false } } },
    { note: 'counts only where the service lists any', service: payments },
    { note: 'counts only by itself', service: { ...withCors, cors: { ...cors, origins: ['https://other.example.com'] } } },
  ])('$note', ({ service }) => expect(barred('POST', { origin: LISTED }, service)).toBe('session.cross_origin'))
})

test('the origin is that of the request: scheme, host and port', () => {
  expect(barred('POST', { url: 'http://127.0.0.1:8080/a', origin: 'http://127.0.0.1:8080' })).toBeNull()
  expect(barred('POST', { url: 'http://127.0.0.1:8080/a', origin: 'http://127.0.0.1' })).toBe('session.cross_origin')
})

test('there are methods of both sorts', () => expect([UNSAFE.length, SAFE.length].every((count) => count > 1)).toBe(true))
