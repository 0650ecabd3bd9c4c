import { describe, expect, test } from 'vitest'
import { ada, callerIn, requestOf } from '../../../../test/support/evaluations.ts'
import { grant, guardrail, imageWith, is, never, publicEntry, tell, tellReasons } from '../../../../test/support/small-policy.ts'
import { CONDITIONS } from '../catalogue.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Authentication } from '../model/identity.ts'
import type { CorsImage, PolicyImage, RuleImage, ServiceImage } from '../model/policy-image.ts'
import { buildPlan } from '../plan/build.ts'
import { agentFacts, EXAMPLE_NOW, exampleFacts, exampleImage } from '../testing/example-facts.ts'
import * as judging from './judge.ts'
import { failedClosed, type Judgement, malformed, notReady, type Sources } from './judge.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'

/** Nothing was opened before. */
const judgeAs = (snapshot: Snapshot, request: AccessRequest, authentication: Authentication): Judgement =>
  judging.judgeAs(snapshot, request, { authenticate: () => authentication, openings: null })
const judge = (snapshot: Snapshot, points: Sources['points'], request: AccessRequest) =>
  judging.judge(snapshot, { points, openings: () => null }, request)

const DIGEST = { policy: 'sha256:a', data: 'sha256:b' }
const ABSENT: Authentication = { status: 'absent' }
const VERIFIED: Authentication = { status: 'verified', identity: { ...ada, expiresAt: Number.POSITIVE_INFINITY } }
const EXPIRED: Authentication = { status: 'rejected', code: 'credential.expired', http: 401 }
const SEVERAL: Authentication = { status: 'rejected', code: 'credential.several', http: 400 }
const OUTAGE: Authentication = { status: 'unavailable', code: 'credential.keys_unavailable' }

const snapshotWith = (rules: readonly RuleImage[], service: Partial<ServiceImage> = {}) => {
  const image: PolicyImage = {
    ...imageWith(...rules),
    services: { ...exampleImage.services, payments: { ...(exampleImage.services.payments as ServiceImage), ...service } },
  }
  return snapshotOf(buildPlan(image, { conditions: CONDITIONS, digest: DIGEST }), DIGEST)
}

const TARGET = 'https://acme.pay.example.com/charges'
const GET = requestOf(`GET ${TARGET}`)

describe('how authenticating came out', () => {
  const use = grant('use')
  const home = publicEntry('home')
  const closed = guardrail('closed', { how: never })

  test.each([
    {
      note: 'nobody',
      rules: [use],
      authentication: ABSENT,
      gives: 'challenge {"login":{"maxAge":null}}',
      reasons: ['login.required'],
    },
    { note: 'somebody', rules: [use], authentication: VERIFIED, gives: 'allow use', reasons: [] },
    {
      note: 'a credential that is not accepted decides in place of a login',
      rules: [use],
      authentication: EXPIRED,
      gives: 'deny refused',
      reasons: ['credential.expired'],
    },
    { note: 'public means public', rules: [home], authentication: EXPIRED, gives: 'allow home public', reasons: [] },
    {
      note: 'what refuses nobody in particular refuses it too',
      rules: [use, closed],
      authentication: EXPIRED,
      gives: 'deny forbidden',
      reasons: ['guardrail.never closed how.never'],
    },
    {
      note: 'several credentials are refused even where the public is let in',
      rules: [home],
      authentication: SEVERAL,
      gives: 'deny refused',
      reasons: ['credential.several'],
    },
    {
      note: 'an outage',
      rules: [use],
      authentication: OUTAGE,
      gives: 'deny unavailable',
      reasons: ['credential.keys_unavailable', 'identity.unknown use who.acting-for', 'identity.unknown use who.signed-in'],
    },
    { note: 'an outage, for the public', rules: [home], authentication: OUTAGE, gives: 'allow home public', reasons: [] },
    {
      note: 'an outage, where a guardrail is final',
      rules: [use, closed],
      authentication: OUTAGE,
      gives: 'deny forbidden',
      reasons: ['guardrail.never closed how.never'],
    },
  ])('$note', ({ rules, authentication, gives, reasons }) => {
    const { decision } = judgeAs(snapshotWith(rules), GET, authentication)
    expect([tell(decision), tellReasons(decision)]).toEqual([gives, reasons])
  })

  test('a decision holds no longer than the credential, unless it is public', () => {
    const until = EXAMPLE_NOW + 5
    const short: Authentication = { status: 'verified', identity: { ...ada, expiresAt: until } }
    const holds = (rules: readonly RuleImage[], authentication: Authentication) =>
      judgeAs(snapshotWith(rules), GET, authentication).decision.holdsUntil
    expect(holds([use], short)).toBe(until)
    expect(holds([use], VERIFIED)).toBe(Number.POSITIVE_INFINITY)
    expect(holds([grant('use', { until: until - 1 })], short)).toBe(until - 1)
    expect(holds([home], short)).toBe(Number.POSITIVE_INFINITY)
    expect(holds([use], EXPIRED)).toBe(Number.POSITIVE_INFINITY)
  })

  test('an agent is judged with the person it acts for', () => {
    const agent: Authentication = {
      status: 'verified',
      identity: { ...ada, facts: callerIn(agentFacts), behalf: callerIn(exampleFacts) },
    }
    const agents = grant('agents', { who: is('who.acting-for', 'anyone') })
    const judged = judgeAs(snapshotWith([agents, grant('people', { who: is('who.role', 'editor') })]), GET, agent)
    expect(judged.facts.map(({ kind, host }) => `${String(kind)} ${host}`)).toEqual([
      'agent acme.pay.example.com',
      'human acme.pay.example.com',
    ])
    expect(tell(judged.decision)).toBe('allow agents')
    expect(tell(judgeAs(snapshotWith([agents]), GET, agent).decision)).toBe('deny forbidden')
  })
})

describe('what is decided before anybody looks at the credential', () => {
  const use = grant('use')

  test('no service', () => {
    const judged = judgeAs(snapshotWith([use]), requestOf('GET https://nobody.example/'), VERIFIED)
    expect(judged).toMatchObject({
      serviceName: null,
      service: null,
      facts: [],
      preflight: false,
      authentication: { status: 'absent' },
    })
    expect([tell(judged.decision), tellReasons(judged.decision)]).toEqual(['deny forbidden', ['service.none']])
  })

  test.each([
    { target: '/a%2Fb', code: 'request.encoded_slash', tolerance: 'encoded-slash' },
    { target: '/a%3Fb', code: 'request.encoded_delimiter', tolerance: 'encoded-delimiter' },
    { target: '/a;b', code: 'request.semicolon', tolerance: 'semicolon' },
    { target: '/a%2520b', code: 'request.double_encoding', tolerance: 'double-encoding' },
  ] as const)('a spelling: $code', ({ target, code, tolerance }) => {
    const routing = (exampleImage.services.payments as ServiceImage).routing
    const request = requestOf(`GET https://acme.pay.example.com${target}`)
    const refused = judgeAs(snapshotWith([use]), request, VERIFIED)
    expect([tell(refused.decision), tellReasons(refused.decision), refused.serviceName]).toEqual([
      'deny refused',
      [code],
      'payments',
    ])
    expect(
      tell(judgeAs(snapshotWith([use], { routing: { ...routing, accepts: [tolerance] } }), request, VERIFIED).decision),
    ).toBe('allow use')
  })

  const cors: CorsImage = { origins: ['https://spa.example.com'], methods: ['GET'], headers: [], credentials: false, maxAge: 0 }
  const preflight = (origin: string | null, asked = true, method = 'OPTIONS') =>
    requestOf(`${method} ${TARGET}`, {
      ...(origin === null ? {} : { origin }),
      ...(asked ? { 'access-control-request-method': 'GET' } : {}),
    })

  test.each([
    {
      note: 'a listed origin',
      request: preflight('https://spa.example.com'),
      declared: cors,
      gives: 'allow null public',
      isPreflight: true,
    },
    {
      note: 'another origin',
      request: preflight('https://evil.example'),
      declared: cors,
      gives: 'deny forbidden',
      isPreflight: true,
    },
    {
      note: 'a service that lists none: an ordinary request',
      request: preflight('https://spa.example.com'),
      declared: null,
      gives: 'challenge {"login":{"maxAge":null}}',
      isPreflight: false,
    },
    {
      note: 'without an origin: an ordinary request',
      request: preflight(null),
      declared: cors,
      gives: 'challenge {"login":{"maxAge":null}}',
      isPreflight: false,
    },
    {
      note: 'without a method asked for: an ordinary request',
      request: preflight('https://spa.example.com', false),
      declared: cors,
      gives: 'challenge {"login":{"maxAge":null}}',
      isPreflight: false,
    },
    {
      note: 'another method: an ordinary request',
      request: preflight('https://spa.example.com', true, 'GET'),
      declared: cors,
      gives: 'challenge {"login":{"maxAge":null}}',
      isPreflight: false,
    },
  ])('a preflight: $note', ({ request, declared, gives, isPreflight }) => {
    const judged = judgeAs(snapshotWith([use], { cors: declared }), request, ABSENT)
    expect([tell(judged.decision), judged.preflight]).toEqual([gives, isPreflight])
    if (isPreflight && judged.decision.outcome === 'deny') expect(tellReasons(judged.decision)).toEqual(['cors.origin'])
  })

  test.each([
    {
      note: 'a guardrail for everybody',
      rules: [use, guardrail('closed', { how: never })],
      asked: false,
      gives: 'deny forbidden',
    },
    {
      note: 'a guardrail that may be met',
      rules: [use, guardrail('here', { how: is('circumstance.network', 'home') })],
      asked: true,
      gives: 'allow use',
    },
    {
      note: 'a guardrail for some',
      rules: [use, guardrail('some', { who: is('who.role', 'editor'), how: never })],
      asked: true,
      gives: 'deny forbidden',
    },
  ])('a refusal that no identity can change: $note', ({ rules, asked, gives }) => {
    let looked = false
    const find = () => {
      looked = true
      return { value: 'x' }
    }
    const definition = { kind: 'jwt', about: 'as told', ambient: false, find, create: () => expect.fail('made') } as const
    const points = [{ definition, authenticator: { verify: () => VERIFIED, close: () => {} } }]
    const request = { ...GET, transport: { ...GET.transport, client: exampleFacts.address as never } }
    const judged = judge(snapshotWith(rules), points, request)
    if (judged instanceof Promise) expect.fail('waited')
    expect([tell(judged.decision), looked]).toEqual([gives, asked])
    if (!asked)
      expect(judged).toMatchObject({
        authentication: { status: 'absent' },
        serviceName: 'payments',
        facts: [{ host: 'acme.pay.example.com' }],
      })
  })
})

describe('judging with credentials', () => {
  const points = (verify: () => Authentication | Promise<Authentication>) => [
    {
      definition: {
        kind: 'jwt',
        about: 'as told',
        ambient: false,
        find: () => ({ value: 'x' }),
        create: () => expect.fail('made'),
      } as const,
      authenticator: { verify, close: () => {} },
    },
  ]
  const snapshot = snapshotWith([grant('use')])

  test('is synchronous when verifying is, and waits when it is not', async () => {
    expect(
      judge(
        snapshot,
        points(() => VERIFIED),
        GET,
      ),
    ).toMatchObject({ decision: { outcome: 'allow' }, authentication: VERIFIED })
    expect(
      await judge(
        snapshot,
        points(async () => VERIFIED),
        GET,
      ),
    ).toMatchObject({ decision: { outcome: 'allow' }, authentication: VERIFIED })
  })

  test.each([
    { note: 'throws', verify: () => expect.fail('broken') },
    { note: 'rejects', verify: () => Promise.reject(new Error('broken')) },
  ])('fails closed when verifying $note', async ({ verify }) => {
    expect(await judge(snapshot, points(verify), GET)).toEqual(failedClosed())
  })

  test('no service: nothing is verified', () => {
    expect(
      judge(
        snapshot,
        points(() => expect.fail('asked')),
        requestOf('GET https://nobody.example/'),
      ),
    ).toMatchObject({ decision: { reasons: [{ code: 'service.none' }] } })
  })

  test('is told where the credential is presented', () => {
    let seen: unknown
    const tellTarget = points(() => VERIFIED)[0] as ReturnType<typeof points>[number]
    const authenticator = { verify: (_artefact: string, target: unknown) => ((seen = target), VERIFIED), close: () => {} }
    void judge(snapshot, [{ ...tellTarget, authenticator }], GET)
    expect(seen).toEqual({
      serviceName: 'payments',
      service: snapshot.plan.image.services.payments,
      image: snapshot.plan.image,
      imageDigest: 'sha256:a',
      now: EXAMPLE_NOW,
      address: GET.transport.client,
    })
  })
})

test.each([
  { note: 'whatever failed', judged: failedClosed(), cls: 'unavailable', code: 'engine.failed_closed' },
  { note: 'no policy yet', judged: notReady(), cls: 'unavailable', code: 'engine.not_ready' },
  { note: 'no request', judged: malformed('request.host'), cls: 'refused', code: 'request.host' },
])('denied without a policy: $note', ({ judged, cls, code }) => {
  expect(judged).toStrictEqual({
    decision: {
      outcome: 'deny',
      class: cls,
      reasons: [{ code }],
      remedy: null,
      rule: null,
      public: false,
      exceptions: [],
      holdsUntil: Number.POSITIVE_INFINITY,
    },
    serviceName: null,
    service: null,
    authentication: { status: 'absent' },
    facts: [],
    preflight: false,
  })
})

test('what was opened before is read again once the caller is known', async () => {
  const read: number[] = []
  const definition = {
    kind: 'jwt',
    about: 'as told',
    ambient: false,
    find: () => ({ value: 'x' }),
    create: () => expect.fail('made'),
  } as const
  const openings: Sources['openings'] = (_snapshot, now) => {
    read.push(now)
    return new Map([['glass', read.length]])
  }
  const sourcesOf = (verify: () => Authentication | Promise<Authentication>): Sources => ({
    points: [{ definition, authenticator: { verify, close: () => {} } }],
    openings,
  })
  const snapshot = snapshotWith([grant('use')])
  const judged = await judging.judge(
    snapshot,
    sourcesOf(() => VERIFIED),
    GET,
  )
  expect([judged.facts[0]?.openings, read]).toEqual([new Map([['glass', 1]]), [EXAMPLE_NOW]])
  const waited = await judging.judge(
    snapshot,
    sourcesOf(async () => VERIFIED),
    GET,
  )
  expect([waited.facts[0]?.openings, read.length]).toEqual([new Map([['glass', 3]]), 3])
})
