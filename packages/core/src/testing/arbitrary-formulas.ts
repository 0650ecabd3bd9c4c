import fc from 'fast-check'
import type { Place, Spec } from '../model/condition.ts'
import type { Formula, RuleKind } from '../model/policy-image.ts'

/** Specs of every condition over the names of `exampleImage`; few values each, so that rules meet one another and the facts. */

const oneOrTwo = (...values: readonly string[]): fc.Arbitrary<Spec> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...values) },
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
  )

const AGES = ['5m', '1h']
const zone = fc.constantFrom({}, {}, { zone: 'America/New_York' }, { zone: 'Mars/Olympus' })

export const PATHS = [
  '/**',
  '/**',
  '/tenants/**',
  '/tenants/*',
  '/tenants/*/charges',
  '/tenants/acme/charges',
  '/admin',
  '/admin/',
  '/Admin/**',
  '/',
]
const CAPTURING = ['/tenants/$tenant/**', '/tenants/$tenant/charges', '/tenants/$tenant', '/$tenant/**']
const path: fc.Arbitrary<Spec> = fc.oneof({ weight: 3, arbitrary: oneOrTwo(...PATHS) }, fc.constantFrom(...CAPTURING))

const claimPart: fc.Arbitrary<Spec> = fc.constantFrom<Spec>(
  { tenant: '$tenant' },
  { tenant: 'acme' },
  { level: [3, 4] },
  { level: '$tenant' },
  { beta: true },
  { regions: 'eu' },
  { regions: ['us', '$tenant'] },
  { absent: 'x' },
  { tenant: '$tenant', beta: true },
)

const scope: fc.Arbitrary<Spec> = fc.constantFrom<Spec>(
  'charges.read',
  'charges.write',
  'refunds.write',
  { all: ['charges.read', 'refunds.write'] },
  { any: ['refunds.write', 'charges.write'] },
  { any: ['charges.write', 'charges.read'] },
)

const levels = fc.constantFrom('any', 'any', 'phishing-resistant', 'hardware')

/** By `place.key`. The tests hold this list against the catalogue in both directions. */
export const SPECS: Readonly<Record<string, fc.Arbitrary<Spec>>> = {
  'who.kind': oneOrTwo('human', 'human', 'workload', 'agent'),
  'who.group': oneOrTwo('customers', 'customers', 'admins', 'acme', '$tenant'),
  'who.role': oneOrTwo('editor', 'editor', 'auditor', '$tenant'),
  'who.user': oneOrTwo('corp/ada', 'corp/ada', 'corp/grace', 'corp/$tenant'),
  'who.provider': oneOrTwo('corp', 'corp', 'partners'),
  'who.client': oneOrTwo('app', 'batch'),
  'who.workload': fc.constantFrom<Spec>('settlement-batch', ['settlement-batch']),
  'who.claim': claimPart,
  'who.acting-for': oneOrTwo('corp/ada', 'corp/grace', 'corp/$tenant').chain((spec) => fc.constantFrom<Spec>(spec, 'anyone')),
  'what.service': oneOrTwo('payments', 'payments', 'console', 'legacy', 'kiosk'),
  'what.host': fc.oneof(
    oneOrTwo('*.pay.example.com', 'console.example.com', 'acme.pay.example.com'),
    fc.constant<Spec>('$tenant.pay.example.com'),
  ),
  'what.method': fc.oneof(fc.constantFrom<Spec>('read', 'write'), oneOrTwo('GET', 'POST', 'DELETE')),
  'what.path': path,
  'what.operation': oneOrTwo('createCharge', 'listCharges'),
  'what.tag': oneOrTwo('money', 'internal'),
  'what.header': fc.constantFrom<Spec>(
    { 'x-environment': 'staging' },
    { 'x-environment': ['staging', 'Test'] },
    { 'x-tenant': '$tenant', 'x-environment': 'staging' },
  ),
  'what.upgrade': fc.constant<Spec>('websocket'),
  'when.hours': fc
    .tuple(
      oneOrTwo('08:00-18:00', '22:00-06:00', '11:00-24:00'),
      fc.constantFrom({}, { days: 'mon-fri' }, { days: ['fri-sun'] }),
      zone,
    )
    .map(([hours, days, where]) => ({ hours, ...days, ...where }) as Spec),
  'when.days': fc
    .tuple(oneOrTwo('mon-fri', 'mon-fri', 'sat', 'sun-tue'), zone)
    .map(([days, where]) => ({ days, ...where }) as Spec),
  'circumstance.network': oneOrTwo('home', 'home', 'office'),
  'circumstance.credential': fc.constant<Spec>('jwt'),
  'how.mfa': fc.oneof(
    levels,
    fc.tuple(levels, fc.constantFrom(...AGES)).map(([level, age]) => ({ level, 'max-age': age }) as Spec),
  ),
  'how.login': fc.constantFrom<Spec>(...AGES.map((age) => ({ 'max-age': age }))),
  'how.acr': oneOrTwo('silver', 'gold', 'bronze'),
  'how.scope': scope,
}

/** Only people can do something about these, or only a credential; `not` over them is an error. */
const REMEDIED = ['how.mfa', 'how.login', 'how.acr', 'how.scope']

const idsOf = (...places: readonly Place[]): readonly string[] =>
  Object.keys(SPECS).filter((id) => places.some((place) => id.startsWith(`${place}.`)))

const leafOf = (ids: readonly string[]): fc.Arbitrary<Formula> =>
  fc.constantFrom(...ids).chain((is) => (SPECS[is] as fc.Arbitrary<Spec>).map((spec) => ({ is, spec })))

const composed = (leaf: fc.Arbitrary<Formula>, negatable: fc.Arbitrary<Formula>): fc.Arbitrary<Formula> => {
  const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 5, arbitrary: leaf },
      { weight: 1, arbitrary: negatable.map((not) => ({ not })) },
      { weight: 1, arbitrary: fc.array(tie('formula'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })) },
      { weight: 2, arbitrary: fc.array(tie('formula'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    ),
  }))
  return formula
}

const formulaOf = (ids: readonly string[]): fc.Arbitrary<Formula> =>
  composed(leafOf(ids), composed(leafOf(ids.filter((id) => !REMEDIED.includes(id))), fc.constant({ all: [] })))

const maybe = (weight: number, formula: fc.Arbitrary<Formula>): fc.Arbitrary<Formula | null> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary: formula })

const WHO = idsOf('who')
const WHAT = idsOf('what')
const DEMANDS = [...idsOf('how', 'circumstance'), 'how.mfa', 'how.mfa', 'how.login', 'how.scope']

/** Nearly always met by some caller of `arbitraryFacts`, so that enough requests are allowed. */
const likelyWho: fc.Arbitrary<Formula> = fc.constantFrom<Formula>(
  { is: 'who.group', spec: 'customers' },
  { is: 'who.kind', spec: ['human', 'workload'] },
  { is: 'who.provider', spec: 'corp' },
  {
    any: [
      { is: 'who.workload', spec: 'settlement-batch' },
      { is: 'who.acting-for', spec: 'anyone' },
      { is: 'who.role', spec: 'editor' },
    ],
  },
)
const likelyWhat: fc.Arbitrary<Formula> = fc.constantFrom<Formula>(
  { is: 'what.path', spec: '/**' },
  { is: 'what.service', spec: ['payments', 'legacy', 'console'] },
  {
    any: [
      { is: 'what.method', spec: ['GET', 'POST', 'DELETE'] },
      { is: 'what.method', spec: 'write' },
    ],
  },
  {
    all: [
      { is: 'what.service', spec: ['payments', 'console', 'legacy'] },
      { is: 'what.path', spec: '/tenants/**' },
    ],
  },
)

const likelyHow: fc.Arbitrary<Formula> = fc.constantFrom<Formula>(
  { is: 'how.mfa', spec: 'any' },
  { is: 'circumstance.network', spec: ['home', 'office'] },
  {
    any: [
      { is: 'how.mfa', spec: 'any' },
      { is: 'who.kind', spec: ['workload', 'agent'] },
    ],
  },
  {
    any: [
      { is: 'how.login', spec: { 'max-age': '1h' } },
      { is: 'what.method', spec: 'read' },
    ],
  },
  { is: 'who.provider', spec: ['corp', 'partners'] },
)

const either = (likely: fc.Arbitrary<Formula>, rest: fc.Arbitrary<Formula>): fc.Arbitrary<Formula> =>
  fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: rest })

export interface Blocks {
  readonly who: Formula | null
  readonly what: Formula | null
  readonly when: Formula | null
  readonly how: Formula | null
}

const TIME = maybe(1, formulaOf(idsOf('when')))

/** The blocks of a rule of a kind, as the language lets them stand. */
export const blocksOf = (kind: RuleKind): fc.Arbitrary<Blocks> => {
  if (kind === 'grant' || kind === 'exception') {
    const what = either(likelyWhat, formulaOf(WHAT))
    const demands = maybe(kind === 'grant' ? 5 : 3, formulaOf([...DEMANDS, ...WHO]))
    const who = either(likelyWho, formulaOf(WHO))
    return fc.record({ who: kind === 'grant' ? who : maybe(8, who), what, when: TIME, how: demands })
  }
  if (kind === 'public') {
    const how = maybe(3, formulaOf(['circumstance.network', 'what.header']))
    return fc.record({ who: fc.constant(null), what: formulaOf(WHAT), when: TIME, how })
  }
  const how = fc.oneof(
    { weight: 1, arbitrary: fc.constant<Formula>({ never: true }) },
    { weight: 8, arbitrary: likelyHow },
    { weight: 11, arbitrary: formulaOf([...DEMANDS, ...WHO, ...WHAT]) },
  )
  return fc.record({
    who: maybe(4, formulaOf(WHO)),
    what: maybe(5, either(likelyWhat, formulaOf(WHAT))),
    when: maybe(3, formulaOf(idsOf('when', 'circumstance'))),
    how,
  })
}
