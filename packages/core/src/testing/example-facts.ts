// What tests need and nothing that enforces may import: example facts, an example policy. Never a fake of a part that decides.
import { addressOf, parseAddress } from '../lib/address.ts'
import { buildZoneTable } from '../lib/zone-table.ts'
import type { CompileScope } from '../model/condition.ts'
import { ANONYMOUS, type Facts, UNIDENTIFIED } from '../model/fact.ts'
import type { PolicyImage, ProviderImage, RoutingImage, ServiceImage } from '../model/policy-image.ts'

/** Tuesday 2026-11-24, 10:00 UTC: 11:00 in Berlin. */
export const EXAMPLE_NOW = 1_795_514_400_000

const MINUTE_MS = 60_000

const address = (text: string) => parseAddress(text) ?? addressOf([0, 0, 0, 0])

/** A person at work: everything about the request and the credential is known. */
export const exampleFacts: Facts = {
  now: EXAMPLE_NOW,
  service: 'payments',
  host: 'acme.pay.example.com',
  method: 'POST',
  path: { segments: ['tenants', 'acme', 'charges'], trailingSlash: false },
  headers: new Map([['x-environment', ['staging']]]),
  upgrade: null,
  operation: { id: 'createCharge', tags: ['money'] },
  address: address('198.51.100.7'),
  openings: null,
  credential: 'jwt',
  kind: 'human',
  provider: 'corp',
  user: 'corp/ada',
  client: 'f7c1',
  workload: null,
  actingFor: null,
  groups: { names: new Set(['customers']), complete: true },
  roles: { names: new Set(['editor']), complete: true },
  claims: new Map<string, string | number | boolean | readonly string[]>([
    ['tenant', 'acme'],
    ['level', 3],
    ['beta', true],
    ['regions', ['eu', 'us']],
  ]),
  scopes: new Set(['charges.read', 'charges.write']),
  acr: 'silver',
  factors: [{ level: 'phishing-resistant', at: EXAMPLE_NOW - 2 * MINUTE_MS }],
  loginAt: EXAMPLE_NOW - 30 * MINUTE_MS,
}

/** Nobody in particular. */
export const anonymousFacts: Facts = { ...exampleFacts, ...ANONYMOUS }

/** Who calls is not known. */
export const unidentifiedFacts: Facts = { ...exampleFacts, ...UNIDENTIFIED }

/** A batch job: no person, no login, no factor. */
export const workloadFacts: Facts = {
  ...anonymousFacts,
  credential: 'jwt',
  kind: 'workload',
  provider: 'corp',
  client: 'b41d',
  workload: 'corp/b41d',
  groups: { names: new Set(), complete: true },
  roles: { names: new Set(), complete: true },
  claims: new Map([['tenant', 'acme']]),
  scopes: new Set(['charges.write']),
}

/** A program with an API key: one that Balustrade itself vouches for. */
export const keyFacts: Facts = {
  ...workloadFacts,
  credential: 'api-key',
  provider: 'balustrade',
  client: null,
  workload: 'balustrade/reporter',
  groups: null,
  roles: null,
  claims: null,
}

/** A person at work who logged in with a browser. */
export const sessionFacts: Facts = { ...exampleFacts, credential: 'session', client: null, scopes: null }

/** Software that acts for a person. */
export const agentFacts: Facts = { ...workloadFacts, kind: 'agent', workload: null, actingFor: 'corp/ada' }

const UNSTATED: RoutingImage = { caseSensitive: true, caseStated: false, trailingSlash: 'unknown', accepts: [] }

const service = (host: string, routing: RoutingImage): ServiceImage => ({
  hosts: [host],
  under: [],
  upstream: 'http://127.0.0.1:9000',
  audience: [`https://${host}`],
  providers: ['corp'],
  credentials: ['jwt'],
  login: [],
  sessions: 'strict',
  routing,
  cors: null,
  identityHeaders: { user: 'x-user', kind: 'x-kind', groups: 'x-groups', roles: 'x-roles', assertion: 'x-assertion' },
  forwardCredential: false,
  audit: 'bounded',
  recheck: 60_000,
  operations: [],
})

const corp: ProviderImage = {
  issuer: 'https://id.example.com',
  profile: 'rfc9068',
  algorithms: ['ES256'],
  jwksUri: 'https://id.example.com/keys',
  lifetime: 3_600_000,
  loopback: false,
  claims: { tenant: 'string', level: 'number', beta: 'boolean', regions: 'strings' },
  groupsClaim: 'groups',
  rolesClaim: 'roles',
  complete: ['groups', 'roles', 'claims', 'mfa'],
  mfa: { acr: { silver: 'any' }, amr: { hwk: 'hardware' }, provedAt: 'auth_time' },
  clientKind: 'workload',
}

const zone = (name: string) => {
  const built = buildZoneTable(name, 2025, 2028)
  return built.ok ? built.table : { zone: name, transitions: [[0, 0] as const] }
}

/**
 * Three services that differ in routing (`payments` says nothing, `console` tells spellings apart, `legacy` does not) and the names
 * that examples of conditions use. No rules.
 */
export const exampleImage: PolicyImage = {
  balustrade: 1,
  environment: null,
  services: {
    payments: service('*.pay.example.com', UNSTATED),
    console: service('console.example.com', { caseSensitive: true, caseStated: true, trailingSlash: 'distinct', accepts: [] }),
    legacy: service('legacy.example.com', { caseSensitive: false, caseStated: true, trailingSlash: 'same', accepts: [] }),
  },
  providers: { corp },
  groups: { customers: { ids: {} }, admins: { ids: {} }, acme: { ids: {} } },
  roles: { editor: { ids: {} }, auditor: { ids: {} } },
  workloads: {
    reporter: { provider: 'balustrade', subject: 'reporter' },
    'settlement-batch': { provider: 'corp', subject: 'b41d' },
  },
  clients: { app: { provider: 'corp', id: 'f7c1' }, batch: { provider: 'corp', id: 'b41d' } },
  scopes: ['charges.read', 'charges.write', 'refunds.write'],
  networks: { office: ['203.0.113.0/24', '2001:db8::/32'], home: ['198.51.100.0/24'] },
  zones: { 'Europe/Berlin': zone('Europe/Berlin'), 'America/New_York': zone('America/New_York') },
  rules: [],
}

/** Scope of a rule whose path captured `$tenant` as its second segment and whose file is in Berlin. */
export const exampleScope: CompileScope = {
  image: exampleImage,
  zone: 'Europe/Berlin',
  capture: (name) => (name === 'tenant' ? ({ path }) => path.segments[1] : null),
}
