import { expect, test } from 'vitest'
import { requestOf } from '../../../../test/support/evaluations.ts'
import { isFromOrigin } from './origin.ts'

const OWN = 'https://app.example.com'
const LISTED = 'https://other.example.com'
const SITE = 'sec-fetch-site'

interface Row {
  readonly note: string
  readonly fields: Readonly<Record<string, readonly string[]>>
  readonly upgrade?: string
  readonly is: boolean
}

test.each<Row>([
  { note: 'its own origin', fields: { origin: [OWN] }, is: true },
  { note: 'a listed origin', fields: { origin: [LISTED] }, is: true },
  { note: 'another origin', fields: { origin: ['https://evil.example'] }, is: false },
  {
    note: 'another origin, whatever else is said',
    fields: { origin: ['https://evil.example'], [SITE]: ['same-origin'] },
    is: false,
  },
  { note: 'the same host without TLS', fields: { origin: ['http://app.example.com'] }, is: false },
  { note: 'two origins', fields: { origin: [OWN, OWN] }, is: false },
  { note: 'nothing', fields: {}, is: false },
  { note: 'no origin, from a page of its own', fields: { [SITE]: ['same-origin'] }, is: true },
  { note: 'no origin, typed by a person', fields: { [SITE]: ['none'] }, is: true },
  { note: 'no origin, from the same site', fields: { [SITE]: ['same-site'] }, is: false },
  { note: 'no origin, from another site', fields: { [SITE]: ['cross-site'] }, is: false },
  { note: 'two sites', fields: { [SITE]: ['same-origin', 'same-origin'] }, is: false },
  { note: 'null, of a page of its own that tells no referrer', fields: { origin: ['null'], [SITE]: ['same-origin'] }, is: true },
  { note: 'null, of a sandboxed frame', fields: { origin: ['null'], [SITE]: ['cross-site'] }, is: false },
  { note: 'null, of another host of the site', fields: { origin: ['null'], [SITE]: ['same-site'] }, is: false },
  { note: 'null, as no person types it', fields: { origin: ['null'], [SITE]: ['none'] }, is: false },
  { note: 'null, and no word of the site', fields: { origin: ['null'] }, is: false },
  { note: 'a WebSocket of its own origin', fields: { origin: [OWN] }, upgrade: 'websocket', is: true },
  { note: 'a WebSocket of null', fields: { origin: ['null'], [SITE]: ['same-origin'] }, upgrade: 'websocket', is: false },
  { note: 'a WebSocket without an origin', fields: { [SITE]: ['same-origin'] }, upgrade: 'websocket', is: false },
])('$note: $is', ({ fields, upgrade, is }) => {
  const own = requestOf(`POST ${OWN}/notes`)
  const request: typeof own = Object.assign(own, { fields: new Map(Object.entries(fields)), upgrade: upgrade ?? null })
  expect(isFromOrigin(request, [LISTED])).toBe(is)
})
