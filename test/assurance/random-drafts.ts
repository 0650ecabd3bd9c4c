// Requests in the words of cases, over the nouns of the generated policies: what a search for witnesses could find.
import fc from 'fast-check'
import { type Facts, METHODS, type Method, MFA_LEVELS } from '@balustrade/core/kit'
import { type CallerWords, factsFromWords } from '@balustrade/core/policy'
import type { Draft } from '../../packages/balustrade/src/assurance/draft.ts'
import { viewOf } from '../../packages/balustrade/src/assurance/view.ts'
import type { World } from '../../packages/balustrade/src/assurance/world.ts'
import { factsOf } from '../../packages/balustrade/src/assurance/solve.ts'
import { EXAMPLE_NOW } from '../../packages/core/src/testing/example-facts.ts'

const MINUTE = 60_000
const ages = fc.constantFrom(1_000, 5 * MINUTE, 5 * MINUTE + 1_000, 60 * MINUTE, 61 * MINUTE)

const person: fc.Arbitrary<CallerWords> = fc.record(
  {
    kind: fc.constant('human' as const),
    user: fc.constantFrom('corp/ada', 'corp/grace', 'corp/acme'),
    group: fc.subarray(['customers', 'admins', 'acme']),
    role: fc.subarray(['editor', 'auditor']),
    client: fc.constantFrom('app', 'batch'),
    claim: fc.record(
      {
        tenant: fc.constantFrom('acme', 'globex'),
        level: fc.constantFrom(2, 3, 4),
        beta: fc.boolean(),
        regions: fc.subarray(['eu', 'us', 'acme'], { minLength: 1 }),
      },
      { requiredKeys: [] },
    ),
    scope: fc.subarray(['charges.read', 'charges.write', 'refunds.write']),
    acr: fc.constantFrom('silver', 'gold', 'bronze'),
    mfa: fc.array(fc.record({ level: fc.constantFrom(...MFA_LEVELS), age: ages }), { maxLength: 2 }),
    login: fc.record({ age: ages }),
  },
  { requiredKeys: ['kind'] },
)

const words: fc.Arbitrary<CallerWords> = fc.oneof(
  { weight: 8, arbitrary: person },
  { weight: 2, arbitrary: fc.constant<CallerWords>({ kind: 'workload', workload: 'settlement-batch' }) },
  { weight: 1, arbitrary: fc.constant<CallerWords>({}) },
)

const HOSTS = ['acme.pay.example.com', 'any.pay.example.com', 'console.example.com', 'legacy.example.com', 'kiosk.example.com']
const PATHS = [
  '/',
  '/tenants',
  '/tenants/acme',
  '/tenants/acme/charges',
  '/tenants/3/charges',
  '/admin',
  '/admin/',
  '/Admin/users',
  '/7',
]
const METHOD_WORDS: readonly Method[] = METHODS.filter((method) => method !== 'HEAD')

export const arbitraryDraft: fc.Arbitrary<Draft> = fc.record({
  place: fc.record({
    method: fc.constantFrom(...METHOD_WORDS),
    host: fc.constantFrom(...HOSTS),
    // Of one policy alone no host has another name.
    service: fc.constant(''),
    path: fc.constantFrom(...PATHS),
  }),
  at: fc.constantFrom(0, 0, 7 * 60, 13 * 60, 4 * 24 * 60).map((minutes) => EXAMPLE_NOW + minutes * MINUTE),
  words,
  from: fc.constantFrom('198.51.100.7', '203.0.113.9', '192.0.2.1'),
  headers: fc.constantFrom<Draft['headers']>(
    {},
    { 'x-environment': ['staging'] },
    { 'x-environment': ['Test'], 'x-tenant': ['acme'] },
  ),
  upgrade: fc.constantFrom(null, null, null, 'websocket'),
})

/** The facts of a draft: what every evaluator is asked. Null: no service claims it. */
export const factsIn = (world: World, draft: Draft): readonly Facts[] | null => {
  const view = viewOf(world, draft.place, draft.at)
  if (view === null) return null
  const { behalf } = factsFromWords(draft.words, { image: world.image, now: draft.at })
  const facts = factsOf(view, draft)
  return behalf === null ? [facts] : [facts, { ...facts, ...behalf }]
}
