import fc from 'fast-check'
import type { Place, Spec } from '../model/condition.ts'
import type { Formula } from '../model/policy-image.ts'
import { EXPRESSIONS } from './reference-expressions.ts'

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
/** `$tenant` in one segment or another. */
export const CAPTURING = [
  '/tenants/$tenant/**',
  '/tenants/$tenant/charges',
  '/tenants/$tenant',
  '/$tenant/**',
  '/$tenant/*/charges',
  '/tenants/*/$tenant',
]
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
  { of: 'operation' },
)

const levels = fc.constantFrom('any', 'any', 'phishing-resistant', 'hardware')

/** By `place.key`. The tests hold this list against the catalogue in both directions. */
export const SPECS: Readonly<Record<string, fc.Arbitrary<Spec>>> = {
  'who.kind': oneOrTwo('human', 'human', 'workload', 'agent'),
  'who.group': oneOrTwo('customers', 'customers', 'admins', 'acme', '$tenant'),
  'who.role': oneOrTwo('editor', 'editor', 'auditor', '$tenant'),
  'who.user': oneOrTwo('corp/ada', 'corp/ada', 'corp/grace', 'corp/$tenant'),
  'who.provider': oneOrTwo('corp', 'corp', 'partners', 'balustrade'),
  'who.client': oneOrTwo('app', 'batch'),
  'who.workload': fc.constantFrom<Spec>('settlement-batch', ['settlement-batch'], ['reporter', 'settlement-batch']),
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
  'circumstance.credential': fc.constantFrom<Spec>(
    'jwt',
    'session',
    'api-key',
    ['jwt', 'session'],
    ['jwt', 'session'],
    ['jwt', 'api-key'],
  ),
  'how.mfa': fc.oneof(
    levels,
    fc.tuple(levels, fc.constantFrom(...AGES)).map(([level, age]) => ({ level, 'max-age': age }) as Spec),
  ),
  'how.login': fc.constantFrom<Spec>(...AGES.map((age) => ({ 'max-age': age }))),
  'how.acr': oneOrTwo('silver', 'gold', 'bronze'),
  'how.scope': scope,
  'any.if': fc.constantFrom<Spec>(...Object.keys(EXPRESSIONS)),
}

export const idsOf = (...places: readonly Place[]): readonly string[] =>
  Object.keys(SPECS).filter((id) => places.some((place) => id.startsWith(`${place}.`)))

/** A condition of one of these keys, with a spec. */
export const leafOf = (ids: readonly string[]): fc.Arbitrary<Formula> =>
  fc.constantFrom(...ids).chain((is) => (SPECS[is] as fc.Arbitrary<Spec>).map((spec) => ({ is, spec })))

export const specLeaf = (is: string, spec: Spec): Formula => ({ is, spec })

/** Demands: what people can do something about more often than where they are. */
export const DEMANDS = [...idsOf('how', 'circumstance', 'any'), 'how.mfa', 'how.mfa', 'how.login', 'how.scope']

/** Conditions that compare with what `$tenant` has captured. */
export const BOUND: fc.Arbitrary<Formula> = fc.constantFrom(
  specLeaf('who.group', '$tenant'),
  specLeaf('who.group', ['$tenant', 'admins']),
  specLeaf('who.role', '$tenant'),
  specLeaf('who.user', 'corp/$tenant'),
  specLeaf('who.claim', { tenant: '$tenant' }),
  specLeaf('who.claim', { regions: ['us', '$tenant'] }),
)
