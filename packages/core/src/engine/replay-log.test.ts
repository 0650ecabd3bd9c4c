import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeIssuer, type TestIssuer } from '../../../../test/support/issuer.ts'
import { CONDITIONS } from '../catalogue.ts'
import { createImageStore } from '../decision-log/image-store.ts'
import { findDecision } from '../decision-log/find-decision.ts'
import { readLog } from '../decision-log/read-log.ts'
import { type Application, createApplication, createLogKey } from '../index.ts'
import type { Decision } from '../model/decision.ts'
import type { DecisionRecord } from '../model/log-record.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { compilePolicy } from '../policy/index.ts'
import { fromDescription } from '../request/from-description.ts'
import { type Replay, replayDecision } from './replay.ts'

/** A date so many days from now: what a rule says of time must hold whenever this runs. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

const nounsFor = (issuer: TestIssuer): string => `
zone: Europe/Berlin
services:
  console:
    hosts: [console.example.com]
    upstream: http://127.0.0.1:9100
    audience: https://api.example
    providers: corp
    routing: { case: sensitive, trailing-slash: distinct }
providers:
  corp:
    issuer: ${issuer.url}
    jwks-uri: ${issuer.jwksUri}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    groups-claim: groups
    claims: { tenant: string }
    complete: [groups, mfa, claims]
    mfa: { amr: { otp: any, hwk: phishing-resistant }, proved-at: auth_time }
groups: [admins, support]
scopes: [charges.write]
networks: { office: [203.0.113.0/24], abroad: [198.51.100.0/24] }
`

const PUBLIC = `
public:
  health:
    what: { service: console, method: GET, path: /healthz }
    owner: sre@example.com
    approved-by: security@example.com
    reason: probes of the load balancer
    review: ${day(90)}
`

const FIRST = `
grants:
  administrators:
    who: { group: admins }
    what: { service: console, path: /** }
    how: { mfa: { level: phishing-resistant, max-age: 15m } }
  support-reads:
    who: { group: support }
    what: { service: console, method: read, path: [/users, /users/*] }
    how: { mfa: any }
  tenants-pay:
    who: { kind: human }
    what: { service: console, method: POST, path: /tenants/$tenant/charges }
    how: { scope: charges.write, claim: { tenant: $tenant } }
guardrails:
  not-from-abroad:
    when: { network: abroad }
    how: never
${PUBLIC}`

/** Younger factors, deletion from the office alone, an exception to it, and agents. */
const SECOND = `
grants:
  administrators:
    who: { group: admins }
    what: { service: console, path: /** }
    how: { mfa: { level: phishing-resistant, max-age: 1m } }
  support-reads:
    who: { group: support }
    what: { service: console, method: read, path: [/users, /users/*] }
  agents-read:
    who: { acting-for: corp/alice }
    what: { service: console, method: read, path: /users/** }
  tenants-pay:
    who: { kind: human }
    what: { service: console, method: POST, path: /tenants/$tenant/charges }
    how: { all: [{ scope: charges.write }, { login: { max-age: 5m } }], claim: { tenant: $tenant } }
guardrails:
  deleted-in-the-office:
    what: { method: DELETE }
    how: { network: office }
exceptions:
  support-cleans-up:
    waives: deleted-in-the-office
    who: { group: admins }
    what: { service: console, method: DELETE, path: /users/7 }
    how: { mfa: phishing-resistant }
    owner: ops@example.com
    approved-by: security@example.com
    reason: accounts of a closed branch are removed from its own building
    from: ${day(-1)}
    until: ${day(30)}
${PUBLIC}`

/** Nobody without a credential any more, everybody with a factor, and paths that moved. */
const THIRD = `
grants:
  administrators:
    who: { group: admins }
    what: { service: console, path: /admin/** }
    how: { mfa: hardware }
  everybody-reads:
    who: { kind: [human, agent, workload] }
    what: { service: console, method: read, path: /** }
guardrails:
  people-prove-themselves:
    who: { kind: human }
    how: { mfa: any }
  office-or-nowhere:
    what: { path: /tenants/** }
    how: { network: office }
    shadow: { owner: sre@example.com, until: ${day(20)} }
`

const compile = (issuer: TestIssuer, rules: string): PolicyImage => {
  const files = [{ path: 'policy.yaml', text: `balustrade: 1\n${nounsFor(issuer)}${rules}` }]
  const { image, diagnostics } = compilePolicy(files, { conditions: CONDITIONS, now: Date.now() })
  if (image === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return image
}

const REQUESTS = [
  'GET https://console.example.com/healthz',
  'GET https://console.example.com/users',
  'HEAD https://console.example.com/users/7',
  'GET https://console.example.com/users/7?full=1',
  'POST https://console.example.com/users',
  'DELETE https://console.example.com/users/7',
  'DELETE https://console.example.com/users/8',
  'PUT https://console.example.com/admin/settings',
  'POST https://console.example.com/tenants/acme/charges',
  'POST https://console.example.com/tenants/initech/charges',
  'GET https://console.example.com/a%2Fb',
  'GET https://nobody.example.com/users',
]
const ADDRESSES = ['203.0.113.9', '198.51.100.7', '192.0.2.44']

/** Field values of the callers, by what they are. */
const credentialsOf = async (issuer: TestIssuer): Promise<readonly (string | null)[]> => {
  const now = Math.floor(Date.now() / 1_000)
  const claims = [
    { groups: ['admins'], amr: ['hwk'], auth_time: now - 10, tenant: 'acme', scope: 'charges.write' },
    { groups: ['admins'], amr: ['hwk'], auth_time: now - 1_200, tenant: 'acme' },
    { groups: ['support'], amr: ['otp'], auth_time: now - 100, tenant: 'acme' },
    { groups: ['support', 'others'], scope: 'charges.write', tenant: 'initech', auth_time: now - 30 },
    { groups: [], tenant: 'acme', scope: 'charges.write', amr: ['otp'], auth_time: now - 900 },
    { groups: ['support'], amr: ['otp'], auth_time: now - 20, act: { sub: 'helper' } },
    { groups: ['admins'], exp: now - 60, iat: now - 600 },
    { groups: ['admins'], iss: 'https://elsewhere.example' },
  ]
  const tokens = await Promise.all(claims.map((each) => issuer.token(each)))
  return [null, 'Bearer x', ...tokens.map((token) => `Bearer ${token}`)]
}

interface Decided {
  readonly id: string
  readonly decision: Decision
  readonly what: string
  readonly round: number
}

/** Every caller with every request from every address. */
const decideAll = async (
  application: Application,
  credentials: readonly (string | null)[],
  round: number,
): Promise<readonly Decided[]> => {
  const asked = credentials.flatMap((credential, caller) =>
    REQUESTS.flatMap((request) =>
      ADDRESSES.map((from) => ({ credential, request, from, what: `${caller} ${request} from ${from}` })),
    ),
  )
  return Promise.all(
    asked.map(async ({ credential, request, from, what }) => {
      const headers: Record<string, string> = credential === null ? {} : { authorization: credential }
      const made = fromDescription({ request, from, at: Date.now(), headers })
      if (!made.ok) throw new Error(made.code)
      const evaluation = await application.engine.evaluate(made.request)
      expect(await evaluation.settled()).toBe(true)
      return { id: evaluation.id, decision: evaluation.decision, what, round }
    }),
  )
}

const folder = mkdtempSync(join(tmpdir(), 'balustrade-replay-'))
let decided: readonly Decided[] = []

beforeAll(async () => {
  const issuer = await makeIssuer({ alg: 'ES256' })
  const [first, ...others] = [FIRST, SECOND, THIRD].map((rules) => compile(issuer, rules))
  const log = { folder, origin: 'replay.example/decisions', key: createLogKey().key }
  const application = await createApplication({ image: first as PolicyImage, log, onTrouble: () => {} })
  const credentials = await credentialsOf(issuer)
  const rounds = [await decideAll(application, credentials, 1)]
  for (const [index, image] of others.entries()) {
    await application.replace(image)
    rounds.push(await decideAll(application, credentials, index + 2))
  }
  decided = rounds.flat()
  await application.close()
  await issuer.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Every decision of the log, by its id. */
const readDecisions = async (): Promise<ReadonlyMap<string, DecisionRecord>> => {
  const records = new Map<string, DecisionRecord>()
  for await (const { record } of readLog(folder)) if (record.kind === 'decision') records.set(record.id, record)
  return records
}

const images = createImageStore(folder)
const replay = (record: DecisionRecord): Replay =>
  replayDecision(record, JSON.parse(images.read(record.digest?.policy ?? '') ?? '') as PolicyImage, CONDITIONS)

describe('a thousand past decisions, after two changes of the policy', () => {
  test('are of every kind, and differ from one policy to the next', () => {
    expect(decided.length).toBeGreaterThanOrEqual(1_000)
    expect(new Set(decided.map(({ id }) => id)).size).toBe(decided.length)
    const count = (outcome: string) => decided.filter(({ decision }) => decision.outcome === outcome).length
    for (const outcome of ['allow', 'challenge', 'deny']) expect(count(outcome), outcome).toBeGreaterThan(100)
    expect(new Set(decided.map(({ decision }) => decision.rule).filter((rule) => rule !== null)).size).toBeGreaterThanOrEqual(6)
    expect(new Set(decided.flatMap(({ decision }) => decision.reasons.map(({ code }) => code))).size).toBeGreaterThanOrEqual(12)
    expect(decided.some(({ decision }) => decision.exceptions.length > 0)).toBe(true)
    const outcomes = (round: number) => decided.filter((each) => each.round === round).map(({ decision }) => decision.outcome)
    const [one, two, three] = [1, 2, 3].map(outcomes) as [string[], string[], string[]]
    const changed = (before: string[], after: string[]) => before.filter((outcome, index) => outcome !== after[index]).length
    expect([changed(one, two), changed(two, three)].map((many) => many > 20)).toEqual([true, true])
  })

  test('are each decided again from the log, by the policy of their time, to the same outcome, reasons and remedy', async () => {
    const policies = new Set<string>()
    const records = await readDecisions()
    for (const { id, decision, what } of decided) {
      const record = records.get(id) as DecisionRecord
      policies.add(record.digest?.policy ?? '')
      const again = replay(record)
      const { outcome, class: cls, reasons, remedy, rule, exceptions } = decision
      expect(again.decision, what).toMatchObject({ outcome, class: cls, reasons, remedy, rule, exceptions })
      expect([again.judged, again.same], what).toEqual([true, true])
    }
    expect(policies.size).toBe(3)
  })

  test('are found by their ids alone', async () => {
    const records = await readDecisions()
    for (const { id } of decided.filter((_, index) => index % 20 === 0)) {
      const found = (await findDecision(folder, id)).map(({ record }) => record)
      expect(found.filter(({ kind }) => kind === 'decision')).toEqual([records.get(id)])
    }
  })

  test('would come out otherwise by the policy of another time', async () => {
    const records = await readDecisions()
    const latest = records.get(decided.at(-1)?.id ?? '')?.digest ?? null
    const early = decided.filter(({ round }, index) => round === 1 && index % 3 === 0)
    const again = early.map(({ id }) => replay({ ...(records.get(id) as DecisionRecord), digest: latest }))
    expect(again.filter(({ same }) => !same).length).toBeGreaterThan(20)
  })
})
