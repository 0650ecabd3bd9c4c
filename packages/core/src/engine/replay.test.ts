import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { encodeJson } from '../decision-log/encode-record.ts'
import type { AccessRequest } from '../model/access-request.ts'
import { CREDENTIAL_KINDS, type Facts, UNKNOWN } from '../model/fact.ts'
import type { Authentication, CredentialDefinition } from '../model/identity.ts'
import type { DecisionRecord, LogRecord } from '../model/log-record.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { fromDescription } from '../request/from-description.ts'
import { arbitraryFacts, arbitraryJudgements } from '../testing/arbitrary-facts.ts'
import { arbitraryBase, arbitraryImage } from '../testing/arbitrary-images.ts'
import { EXAMPLE_NOW } from '../testing/example-facts.ts'
import { ada, callerIn } from '../../../../test/support/evaluations.ts'
import { openingsLike } from '../../../../test/support/openings.ts'
import { guardrail, is } from '../../../../test/support/small-policy.ts'
import { createEngine } from './engine.ts'
import { prepareImage } from './prepare-image.ts'
import { replayDecision } from './replay.ts'

/** A kind of credential whose verification comes out as told. */
const credentialOf = (authentication: Authentication): CredentialDefinition => ({
  kind: authentication.status === 'verified' ? authentication.identity.kind : 'jwt',
  about: 'comes out as told',
  ambient: false,
  find: () => (authentication.status === 'absent' ? null : { value: '' }),
  create: () => ({ verify: () => authentication, close: () => {} }),
})

/** A log in memory whose records went through the text of a line, as those of a file do. */
const createMemoryLog = () => {
  const records: LogRecord[] = []
  return {
    records,
    append: (record: LogRecord) => {
      records.push(JSON.parse(encodeJson(record)) as LogRecord)
      return { accepted: true, durable: async () => true }
    },
    pseudonym: (text: string) => `hashed ${text.length}`,
    close: async () => {},
  }
}

interface Asked {
  readonly image: PolicyImage
  readonly request: AccessRequest
  readonly authentication: Authentication
  readonly openings?: Facts['openings']
}

/** As the generated exceptions are armed. */
const ARMED = { at: EXAMPLE_NOW - 24 * 3_600_000, by: 'c@example.com' }

/** Decides through a real engine and gives the record it wrote. */
const recordOf = async ({ image, request, authentication, openings = null }: Asked): Promise<DecisionRecord> => {
  const log = createMemoryLog()
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: [credentialOf(authentication)],
    sessions: null,
    keys: null,
    point: 'test',
    log,
    images: { keep: async () => true, read: () => null },
    clock: { now: () => request.at, monotonic: () => 0 },
    openings: openingsLike(openings, ARMED),
    onTrouble: () => {},
    onOpened: () => {},
  })
  await engine.swap(prepareImage(image))
  await engine.evaluate(request)
  await engine.close()
  return log.records.find((record) => record.kind === 'decision') as DecisionRecord
}

const identityOf = ([facts, behalf]: readonly Facts[]): Authentication => ({
  status: 'verified',
  identity: {
    ...ada,
    kind: CREDENTIAL_KINDS.find((kind) => kind === facts?.credential) ?? 'jwt',
    // Whether it was confirmed is told and has no part in the decision.
    unconfirmed: facts?.now === EXAMPLE_NOW,
    facts: callerIn(facts as Facts),
    behalf: behalf === undefined ? null : callerIn(behalf),
  },
})

const authenticationOf = (judgements: readonly Facts[]): Authentication => {
  const facts = judgements[0] as Facts
  if (facts.credential === null) return { status: 'absent' }
  const isUnidentified = facts.credential === UNKNOWN && facts.kind === UNKNOWN
  return isUnidentified ? { status: 'unavailable', code: 'credential.keys_unavailable' } : identityOf(judgements)
}

/** The request these facts are of, through the canonicaliser; null where it refuses the spelling. */
const requestOf = (facts: Facts): AccessRequest | null => {
  const path = `/${facts.path.segments.map(encodeURIComponent).join('/')}`
  const slash = facts.path.trailingSlash && path !== '/' ? '/' : ''
  const headers = facts.headers instanceof Map ? (Object.fromEntries(facts.headers) as Record<string, readonly string[]>) : {}
  const made = fromDescription({
    request: `${facts.method} https://${facts.host}${path}${slash}?query=1`,
    headers,
    at: facts.now,
    ...(typeof facts.address === 'object' && facts.address !== null ? { from: facts.address.text } : {}),
    ...(facts.upgrade === 'websocket' ? { upgrade: 'websocket' } : {}),
  })
  return made.ok ? made.request : null
}

const STATUSES: Readonly<Record<string, 400 | 403>> = {
  'credential.several': 400,
  'session.several': 400,
  'session.cross_origin': 403,
}

const rejected: fc.Arbitrary<Authentication> = fc
  .constantFrom(
    'credential.expired',
    'credential.invalid',
    'credential.several',
    'credential.malformed',
    'session.several',
    'session.cross_origin',
  )
  .map((code) => ({ status: 'rejected', code, http: STATUSES[code] ?? 401 }))

const replayed = (record: DecisionRecord, image: PolicyImage) => replayDecision(record, image, CONDITIONS)

describe('a recorded decision judged again', () => {
  test('comes out the same, reasons and remedy included, for every request, caller and policy', () =>
    fc.assert(
      fc.asyncProperty(arbitraryImage, arbitraryJudgements, async (image, judgements) => {
        const request = requestOf(judgements[0] as Facts)
        fc.pre(request !== null)
        const { openings } = judgements[0] as Facts
        const record = await recordOf({ image, request, authentication: authenticationOf(judgements), openings })
        const replay = replayed(record, image)
        expect(replay.decision).toMatchObject({ outcome: record.outcome, class: record.class, reasons: record.reasons })
        expect(replay.same).toBe(true)
      }),
      { numRuns: 600 },
    ))

  test('comes out the same for credentials that were rejected', () =>
    fc.assert(
      fc.asyncProperty(arbitraryImage, arbitraryFacts, rejected, async (image, facts, authentication) => {
        const request = requestOf(facts)
        fc.pre(request !== null)
        const record = await recordOf({ image, request, authentication })
        const replay = replayed(record, image)
        expect([replay.same, replay.decision.outcome]).toEqual([true, record.outcome])
      }),
      { numRuns: 200 },
    ))

  test('an altered outcome is not the same', () =>
    fc.assert(
      fc.asyncProperty(arbitraryImage, arbitraryJudgements, async (image, judgements) => {
        const request = requestOf(judgements[0] as Facts)
        fc.pre(request !== null && request.method !== 'OPTIONS')
        const record = await recordOf({ image, request, authentication: authenticationOf(judgements) })
        const altered: DecisionRecord =
          record.outcome === 'allow'
            ? { ...record, outcome: 'deny', class: 'forbidden', rule: null, reasons: [{ code: 'grant.none' }] }
            : { ...record, outcome: 'allow', class: null, rule: '0-grant', reasons: [], remedy: null }
        expect(replayed(altered, image).same).toBe(false)
      }),
      { numRuns: 200 },
    ))
})

const describedRequest = (request: string, headers: Readonly<Record<string, string>> = {}): AccessRequest => {
  const made = fromDescription({ request, headers, at: EXAMPLE_NOW })
  if (!made.ok) throw new Error(made.code)
  return made.request
}

describe('what no rule decided', () => {
  const absent: Authentication = { status: 'absent' }
  const withCors: PolicyImage = {
    ...arbitraryBase,
    services: Object.fromEntries(
      Object.entries(arbitraryBase.services).map(([name, service]) => [
        name,
        {
          ...service,
          cors: { origins: ['https://spa.example.com'], methods: ['GET'], headers: [], credentials: false, maxAge: 0 },
        },
      ]),
    ),
  }
  const CONSOLE = 'https://console.example.com'
  const preflight = (origin: string) => ({ origin, 'access-control-request-method': 'GET' })

  test.each([
    { note: 'no service: looked up again', request: describedRequest('GET https://nobody.example.com/'), judged: true },
    { note: 'a spelling that is not accepted: read again', request: describedRequest(`GET ${CONSOLE}/a%2Fb`), judged: true },
    {
      note: 'a preflight: as recorded',
      request: describedRequest(`OPTIONS ${CONSOLE}/`, preflight('https://spa.example.com')),
      judged: false,
    },
    {
      note: 'a refused preflight: as recorded',
      request: describedRequest(`OPTIONS ${CONSOLE}/`, preflight('https://evil.example')),
      judged: false,
    },
  ])('$note', async ({ request, judged }) => {
    const record = await recordOf({ image: withCors, request, authentication: absent })
    expect(replayed(record, withCors)).toMatchObject({ same: true, judged, facts: [] })
  })

  test('a malformed request and a failed engine: as recorded', async () => {
    const record = await recordOf({ image: withCors, request: describedRequest(`GET ${CONSOLE}/`), authentication: absent })
    const malformed: DecisionRecord = {
      ...record,
      path: null,
      service: null,
      class: 'refused',
      reasons: [{ code: 'request.host' }],
    }
    const failed: DecisionRecord = { ...record, class: 'unavailable', reasons: [{ code: 'engine.failed_closed' }] }
    for (const each of [malformed, failed]) expect(replayed(each, withCors)).toMatchObject({ same: true, judged: false })
  })

  test('a refusal whose code looks like that of a credential, but that a rule gave, is judged', async () => {
    const image: PolicyImage = {
      ...arbitraryBase,
      rules: [guardrail('only-with-a-credential', { how: is('circumstance.credential', 'jwt') })],
    }
    const record = await recordOf({ image, request: describedRequest(`GET ${CONSOLE}/`), authentication: absent })
    expect(replayed(record, image)).toMatchObject({ same: true, judged: true })
    expect(replayed({ ...record, outcome: 'allow', class: null, reasons: [], rule: 'x' }, image).same).toBe(false)
  })
})
