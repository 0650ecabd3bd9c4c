import fc from 'fast-check'
import { METHODS, type PathFact } from '../model/access-request.ts'
import { parseAddress } from '../lib/address.ts'
import {
  ANONYMOUS,
  type ClaimValue,
  type CredentialFacts,
  type CredentialKind,
  type Facts,
  type Factor,
  type Maybe,
  type Membership,
  MFA_LEVELS,
  type Opening,
  UNIDENTIFIED,
  UNKNOWN,
} from '../model/fact.ts'
import { ALWAYS_SO } from './callers-by-credential.ts'
import { EXAMPLE_NOW, exampleFacts } from './example-facts.ts'

const MINUTE_MS = 60_000

/** Mostly known; sometimes absent, sometimes unknown. */
const maybe = <T>(known: fc.Arbitrary<T>, absent = 1): fc.Arbitrary<Maybe<T>> =>
  fc.oneof<fc.WeightedArbitrary<Maybe<T>>[]>(
    { weight: 20, arbitrary: known },
    { weight: absent, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant<typeof UNKNOWN>(UNKNOWN) },
  )

const SEGMENTS: readonly (readonly string[])[] = [
  ['tenants', 'acme', 'charges'],
  ['tenants', 'acme', 'charges'],
  ['tenants', 'acme'],
  ['tenants', '3'],
  ['Tenants', 'acme', 'charges'],
  ['tenants', 'ACME', 'Charges'],
  ['tenants', 'a/b', 'charges'],
  ['tenants'],
  ['admin'],
  ['ADMIN'],
  ['Admin', 'users'],
  [],
]

const path: fc.Arbitrary<PathFact> = fc.record({
  segments: fc.constantFrom(...SEGMENTS),
  trailingSlash: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})

const names = (...values: readonly string[]): fc.Arbitrary<Membership> =>
  fc.record({
    names: fc.subarray([...values]).map((held) => new Set(held)),
    complete: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  })

const ages = fc.constantFrom(
  0,
  1,
  5 * MINUTE_MS,
  5 * MINUTE_MS + 1,
  30 * MINUTE_MS,
  60 * MINUTE_MS,
  600 * MINUTE_MS,
  -30_000,
  -30_001,
)

const factor: fc.Arbitrary<Factor> = fc.record({
  level: fc.constantFrom(...MFA_LEVELS),
  at: fc.oneof<fc.WeightedArbitrary<Factor['at']>[]>(
    { weight: 9, arbitrary: ages.map((age) => EXAMPLE_NOW - age) },
    { weight: 1, arbitrary: fc.constant<typeof UNKNOWN>(UNKNOWN) },
  ),
})

const claimOf = (...values: readonly ClaimValue[]): fc.Arbitrary<Maybe<ClaimValue>> => maybe(fc.constantFrom(...values), 2)

/** A name left out of the map is unknown. */
const claims: fc.Arbitrary<ReadonlyMap<string, Maybe<ClaimValue>>> = fc
  .record(
    {
      tenant: claimOf('acme', 'acme', 'globex', 7),
      level: claimOf(3, 2, 0.5, '3'),
      beta: claimOf(true, false, 'yes'),
      regions: claimOf(['eu', 'acme'], ['us'], 'eu', 5),
    },
    { requiredKeys: ['tenant', 'level'] },
  )
  .map((held) => new Map(Object.entries(held)))

const headers = fc
  .record(
    {
      'x-environment': fc.constantFrom(['staging'], ['staging'], ['Staging'], ['staging', 'staging'], ['a,b'], ['test']),
      'x-tenant': fc.constantFrom(['acme'], ['ACME']),
    },
    { requiredKeys: [] },
  )
  .map((held) => new Map(Object.entries(held)))

/** Mostly of the kind; now and then it is not known which, or whether there is one. */
const credentialOf = (kind: CredentialKind): fc.Arbitrary<Maybe<CredentialKind>> =>
  fc.oneof<fc.WeightedArbitrary<Maybe<CredentialKind>>[]>(
    { weight: 40, arbitrary: fc.constant(kind) },
    { weight: 1, arbitrary: fc.constant<typeof UNKNOWN>(UNKNOWN) },
  )

const common = {
  credential: credentialOf('jwt'),
  provider: maybe(fc.constantFrom('corp', 'corp', 'partners')),
  client: maybe(fc.constantFrom('f7c1', 'b41d', 'other')),
  groups: maybe(names('customers', 'admins', 'acme')),
  roles: maybe(names('editor', 'auditor')),
  claims: maybe(claims),
  scopes: maybe(
    fc.subarray(['charges.read', 'charges.write', 'refunds.write']).map((held): ReadonlySet<string> => new Set(held)),
    2,
  ),
}
const none = fc.constant(null)

/** What the one described operation that asks for scopes asks for. */
const SCOPES_OF_OPERATIONS = [['charges.read', 'refunds.write'], ['charges.write']]

const person: fc.Arbitrary<CredentialFacts> = fc.record({
  ...common,
  kind: maybe(fc.constant('human' as const), 0),
  user: maybe(fc.constantFrom('corp/ada', 'corp/ada', 'corp/acme'), 0),
  workload: none,
  actingFor: none,
  acr: maybe(fc.constantFrom('silver', 'gold', 'bronze'), 3),
  factors: maybe(fc.array(factor, { maxLength: 2 })),
  loginAt: maybe(
    ages.map((age) => EXAMPLE_NOW - age),
    2,
  ),
})

const software = (kind: 'workload' | 'agent'): fc.Arbitrary<CredentialFacts> =>
  fc.record({
    ...common,
    kind: fc.constant(kind),
    user: none,
    workload: kind === 'workload' ? maybe(fc.constantFrom('corp/b41d', 'corp/other'), 0) : none,
    actingFor: kind === 'agent' ? maybe(fc.constantFrom('corp/ada', 'corp/acme')) : none,
    acr: none,
    factors: none,
    loginAt: none,
  })

/** The same caller with a credential of another kind, of whom that is so which is so of all who have one. */
const by = (kind: CredentialKind, whose: fc.Arbitrary<CredentialFacts>): fc.Arbitrary<CredentialFacts> =>
  fc.tuple(whose, credentialOf(kind)).map(([facts, credential]) => ({ ...facts, ...ALWAYS_SO[kind], credential }))

const key: fc.Arbitrary<CredentialFacts> = fc
  .tuple(by('api-key', software('workload')), fc.constantFrom('balustrade/reporter', 'balustrade/other'))
  .map(([facts, workload]) => ({ ...facts, workload }))

const caller: fc.Arbitrary<CredentialFacts> = fc.oneof(
  { weight: 14, arbitrary: person },
  { weight: 6, arbitrary: by('session', person) },
  { weight: 1, arbitrary: key },
  { weight: 2, arbitrary: software('workload') },
  { weight: 2, arbitrary: software('agent') },
  { weight: 3, arbitrary: fc.constant(ANONYMOUS) },
  { weight: 1, arbitrary: fc.constant(UNIDENTIFIED) },
)

const HOSTS: Readonly<Record<string, string>> = {
  payments: 'acme.pay.example.com',
  console: 'console.example.com',
  legacy: 'legacy.example.com',
  kiosk: 'kiosk.example.com',
}

/** Names of exceptions as `arbitraryImage` gives them, of which some are break-glass that opens for an hour. */
const openings: fc.Arbitrary<Facts['openings']> = fc.oneof<fc.WeightedArbitrary<Facts['openings']>[]>(
  { weight: 4, arbitrary: fc.constant(null) },
  {
    weight: 6,
    arbitrary: fc
      .uniqueArray(
        fc.tuple(
          fc.constantFrom('0-exception', '6-exception', '12-exception'),
          fc.constantFrom<Opening>(
            'unarmed',
            ...[0, 1, 60 * MINUTE_MS - 1, 60 * MINUTE_MS, -30_000, -30_001].map((age) => EXAMPLE_NOW - age),
          ),
        ),
        { maxLength: 3, selector: ([name]) => name },
      )
      .map((found) => new Map(found)),
  },
  { weight: 1, arbitrary: fc.constant<typeof UNKNOWN>(UNKNOWN) },
)

const request = fc
  .record({
    now: fc
      .constantFrom(0, 0, 0, -1, 1, 7 * 60, 12 * 60, 13 * 60, 4 * 24 * 60)
      .map((minutes) => EXAMPLE_NOW + minutes * MINUTE_MS),
    service: fc.constantFrom('payments', 'payments', 'payments', 'payments', 'legacy', 'legacy', 'console', 'kiosk'),
    method: fc.constantFrom(...METHODS, 'POST' as const, 'GET' as const),
    path,
    headers: maybe(headers),
    upgrade: fc.oneof<fc.WeightedArbitrary<Maybe<'websocket'>>[]>(
      { weight: 18, arbitrary: none },
      { weight: 2, arbitrary: fc.constant('websocket') },
      { weight: 1, arbitrary: fc.constant<typeof UNKNOWN>(UNKNOWN) },
    ),
    operation: maybe(
      fc.constantFrom(
        { id: 'createCharge', tags: ['money'], scopes: SCOPES_OF_OPERATIONS },
        { id: 'listCharges', tags: [] },
        { id: null, tags: [] },
      ),
    ),
    address: maybe(
      fc
        .constantFrom('198.51.100.7', '198.51.100.7', '203.0.113.9', '2001:db8::1', '192.0.2.1')
        .map((text) => parseAddress(text) ?? (exampleFacts.address as never)),
    ),
    openings,
  })
  .map((made) => ({ ...made, host: HOSTS[made.service] as string }))

/** Facts of one request: every fact known, absent and unknown, also within factors, claims and memberships. Callers are coherent. */
export const arbitraryFacts: fc.Arbitrary<Facts> = fc.tuple(request, caller).map(([asked, who]) => ({ ...asked, ...who }))

/** One judgement, or an agent's and its person's. */
export const arbitraryJudgements: fc.Arbitrary<readonly Facts[]> = fc.oneof(
  { weight: 12, arbitrary: arbitraryFacts.map((facts) => [facts]) },
  {
    weight: 1,
    arbitrary: fc.tuple(request, software('agent'), person).map(([asked, agent, behalf]) => [
      { ...asked, ...agent },
      { ...asked, ...behalf },
    ]),
  },
)
