import { describe, expect, test } from 'vitest'
import { createMemoryOpenings } from '../../../../test/support/openings.ts'
import { asks, grant, imageWith, is, publicEntry, tell } from '../../../../test/support/small-policy.ts'
import { CONDITIONS, CREDENTIALS } from '../catalogue.ts'
import { encodeRecord } from '../decision-log/encode-record.ts'
import type { Session, SessionFound } from '../model/credential-ports.ts'
import type { CredentialKind } from '../model/fact.ts'
import type { DecisionRecord, LogRecord } from '../model/log-record.ts'
import type { PolicyImage, ServiceImage } from '../model/policy-image.ts'
import { fromDescription } from '../request/from-description.ts'
import { EXAMPLE_NOW, exampleImage } from '../testing/example-facts.ts'
import { createEngine } from './engine.ts'
import { prepareImage } from './prepare-image.ts'
import { replayDecision } from './replay.ts'

const OWN = 'https://acme.pay.example.com'
const SECRET = 's'.repeat(43)
const COOKIE = `__Host-balustrade=${SECRET}`
const LOGIN = asks({ login: { maxAge: null } })

const SESSION: Session = {
  id: 'id-of-session',
  provider: 'corp',
  subject: 'ada',
  claims: {},
  proofs: [{ auth_time: EXAMPLE_NOW / 1_000 - 60 }],
  expiresAt: EXAMPLE_NOW + 60_000,
}
const FOUND: SessionFound = { status: 'found', session: SESSION, unconfirmed: false }

/** Whoever signed in may use everything, and anybody what is below /open. */
const RULES = [
  grant('use', { who: is('circumstance.credential', ['jwt', 'session']), what: is('what.path', '/**') }),
  publicEntry('open', { what: is('what.path', '/open/**') }),
  grant('talk', { who: is('circumstance.credential', 'session'), what: is('what.upgrade', 'websocket') }),
]

const accepting = (credentials: readonly CredentialKind[]): PolicyImage => {
  const service: ServiceImage = { ...(exampleImage.services.payments as ServiceImage), credentials, login: ['corp'] }
  return { ...imageWith(...RULES), services: { ...exampleImage.services, payments: service } }
}

interface Asked {
  readonly request?: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly upgrade?: 'websocket'
  readonly accepts?: readonly CredentialKind[]
  readonly answer?: SessionFound | null
}

/** What an engine with the kinds of credential of the catalogue makes of a request, and of its record judged again. */
const decide = async ({ request = `POST ${OWN}/a`, headers, upgrade, accepts = ['jwt', 'session'], answer = FOUND }: Asked) => {
  const records: LogRecord[] = []
  const image = accepting(accepts)
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: CREDENTIALS,
    sessions: answer === null ? null : { find: () => answer },
    keys: null,
    point: 'test',
    log: {
      append: (record) => {
        records.push(JSON.parse(encodeRecord(record, records.length)) as LogRecord)
        return { accepted: true, durable: async () => true }
      },
      pseudonym: (text) => `hashed ${text.length}`,
      close: async () => {},
    },
    images: { keep: async () => true, read: () => null },
    clock: { now: () => EXAMPLE_NOW, monotonic: () => 0 },
    openings: createMemoryOpenings(),
    onTrouble: () => {},
    onOpened: () => {},
  })
  await engine.swap(prepareImage(image))
  const made = fromDescription({ request, headers, at: EXAMPLE_NOW, ...(upgrade === undefined ? {} : { upgrade }) })
  if (!made.ok) throw new Error(made.code)
  const evaluation = await engine.evaluate(made.request)
  await engine.close()
  const record = records.find((each) => each.kind === 'decision') as DecisionRecord
  const replay = replayDecision(record, image, CONDITIONS)
  return {
    told: tell(evaluation.decision),
    codes: evaluation.decision.reasons.map(({ code }) => code),
    who: evaluation.identity?.subject ?? null,
    rejected: evaluation.rejected,
    record,
    same: replay.judged && replay.same,
  }
}

interface Row extends Asked {
  readonly note: string
  readonly gives: string
  readonly code?: string
  readonly http?: number
}

const CROSS = { cookie: COOKIE, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
const FRIENDLY = { cookie: COOKIE, origin: OWN }

describe('a session that is used', () => {
  test.each<Row>([
    { note: 'from a page of the service', headers: FRIENDLY, gives: 'allow use' },
    { note: 'to read, from wherever', request: `GET ${OWN}/a`, headers: CROSS, gives: 'allow use' },
    {
      note: 'for a WebSocket of the service',
      request: `GET ${OWN}/a`,
      headers: FRIENDLY,
      upgrade: 'websocket',
      gives: 'allow talk',
    },
    { note: 'where tokens are not accepted', accepts: ['session'], headers: FRIENDLY, gives: 'allow use' },
  ])('$note', async (row) => {
    const { told, who, rejected, record, same } = await decide(row)
    expect([told, who, rejected, same]).toEqual([row.gives, 'ada', null, true])
    expect(record.who).toMatchObject({ credential: 'session', credentialHash: 'id-of-session', kind: 'human' })
    expect(JSON.stringify(record)).not.toContain(SECRET)
  })

  test('that nobody could confirm says so in its record, and comes out the same when judged again', async () => {
    const { told, record, same } = await decide({ headers: FRIENDLY, answer: { ...FOUND, unconfirmed: true } })
    expect([told, record.who?.unconfirmed, same]).toEqual(['allow use', true, true])
    expect((await decide({ headers: FRIENDLY })).record.who).not.toHaveProperty('unconfirmed')
  })
})

describe('a session that a page of another site made the browser send', () => {
  test.each<Row>([
    { note: 'is refused', headers: CROSS, gives: 'deny refused', code: 'session.cross_origin', http: 403 },
    {
      note: 'with no word of where it comes from',
      headers: { cookie: COOKIE },
      gives: 'deny refused',
      code: 'session.cross_origin',
      http: 403,
    },
    {
      note: 'for a WebSocket, though that begins as a GET',
      request: `GET ${OWN}/a`,
      headers: CROSS,
      upgrade: 'websocket',
      gives: 'deny refused',
      code: 'session.cross_origin',
      http: 403,
    },
    { note: 'is nobody where anybody may', request: `POST ${OWN}/open/a`, headers: CROSS, gives: 'allow open public', http: 403 },
  ])('$note', async (row) => {
    const { told, who, codes, rejected, record, same } = await decide(row)
    expect([told, who, codes, same]).toEqual([row.gives, null, row.code === undefined ? [] : [row.code], true])
    expect([rejected, record.who]).toEqual([{ code: 'session.cross_origin', http: row.http }, null])
  })

  test('is not looked up: whether there is one is nobody else to learn', async () => {
    const hit = await decide({ headers: CROSS })
    const miss = await decide({ headers: CROSS, answer: { status: 'none', code: 'session.none' } })
    expect([miss.told, miss.codes]).toEqual([hit.told, hit.codes])
  })
})

describe('where sessions are not accepted', () => {
  const accepts = ['jwt'] as const

  test.each<Row>([
    { note: 'the cookie counts as none', headers: FRIENDLY, gives: LOGIN, code: 'login.required' },
    { note: 'wherever it comes from', headers: CROSS, gives: LOGIN, code: 'login.required' },
    { note: 'two of them as well', headers: { cookie: `${COOKIE}; ${COOKIE}` }, gives: LOGIN, code: 'login.required' },
    { note: 'and takes nothing from anybody', request: `GET ${OWN}/open/a`, headers: FRIENDLY, gives: 'allow open public' },
  ])('$note', async (row) => {
    const { told, codes, rejected, same } = await decide({ ...row, accepts })
    expect([told, codes, rejected, same]).toEqual([row.gives, row.code === undefined ? [] : [row.code], null, true])
  })

  test('a token beside it is judged alone', async () => {
    const { codes, rejected } = await decide({ headers: { ...FRIENDLY, authorization: 'Bearer a.b.c' }, accepts })
    expect([codes, rejected]).toEqual([['credential.malformed'], { code: 'credential.malformed', http: 401 }])
  })
})

describe('a session that is no use', () => {
  test.each<Row>([
    {
      note: 'beside a token, where both are accepted',
      headers: { ...FRIENDLY, authorization: 'Bearer a.b.c' },
      gives: 'deny refused',
      code: 'credential.several',
      http: 400,
    },
    {
      note: 'beside anything at all in that field',
      headers: { ...FRIENDLY, authorization: 'Basic YTpi' },
      gives: 'deny refused',
      code: 'credential.several',
      http: 400,
    },
    {
      note: 'twice, even where anybody may',
      request: `GET ${OWN}/open/a`,
      headers: { cookie: `${COOKIE}; a=1; ${COOKIE}` },
      gives: 'deny refused',
      code: 'session.several',
      http: 400,
    },
  ])('is refused: $note', async (row) => {
    const { told, codes, rejected, same } = await decide(row)
    expect([told, codes, rejected, same]).toEqual([row.gives, [row.code], { code: row.code, http: row.http }, true])
  })

  test.each<Row & { readonly rejects: string }>([
    {
      note: 'over',
      headers: FRIENDLY,
      answer: { status: 'none', code: 'session.expired' },
      gives: LOGIN,
      rejects: 'session.expired',
    },
    {
      note: 'unknown',
      headers: FRIENDLY,
      answer: { status: 'none', code: 'session.none' },
      gives: LOGIN,
      rejects: 'session.none',
    },
    { note: 'of another form', headers: { ...FRIENDLY, cookie: '__Host-balustrade=x' }, gives: LOGIN, rejects: 'session.none' },
  ])('is as if none was sent, and a login is offered: $note', async ({ rejects, ...row }) => {
    const { told, rejected, same } = await decide(row)
    expect([told, rejected, same]).toEqual([row.gives, { code: rejects, http: 401 }, true])
    const open = await decide({ ...row, request: `POST ${OWN}/open/a` })
    expect([open.told, open.same]).toEqual(['allow open public', true])
  })

  test.each<Row>([
    { note: 'nobody could be asked', headers: FRIENDLY, answer: { status: 'unavailable' }, gives: 'deny unavailable' },
    { note: 'nobody keeps sessions', headers: FRIENDLY, answer: null, gives: 'deny unavailable' },
  ])('is unavailable, not absent, where $note', async (row) => {
    const { told, codes, same } = await decide(row)
    expect([told, codes.includes('session.unavailable'), same]).toEqual([row.gives, true, true])
    expect((await decide({ ...row, request: `POST ${OWN}/open/a` })).told).toBe('allow open public')
  })
})
