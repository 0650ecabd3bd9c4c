// Requests in the words of cases, over the nouns of the generated policies: what a search for witnesses could find.
import fc from 'fast-check'
import { type CredentialKind, type Facts, METHODS, type Method, MFA_LEVELS } from '@balustrade/core/kit'
import { type CallerWords, factsFromWords, fittingWords } from '@balustrade/core/policy'
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
  { weight: 1, arbitrary: fc.constant<CallerWords>({ kind: 'workload', workload: 'reporter', credential: 'api-key' }) },
  { weight: 1, arbitrary: fc.constant<CallerWords>({}) },
)

/** Kinds of credential by host: those that its service accepts. */
const ACCEPTED: Readonly<Record<string, readonly CredentialKind[]>> = {
  'acme.pay.example.com': ['jwt', 'session', 'api-key'],
  'any.pay.example.com': ['jwt', 'session', 'api-key'],
  'console.example.com': ['session'],
  'legacy.example.com': ['jwt', 'session'],
  'kiosk.example.com': [],
}
const HOSTS = Object.keys(ACCEPTED)

/** The caller as it can come to the host; null where none of the kinds accepted there is one of its own. */
const comingTo = (
  host: string,
  { words: who, turn }: { readonly words: CallerWords; readonly turn: number },
): CallerWords | null => {
  if (Object.keys(who).length === 0) return who
  const own: readonly CredentialKind[] = who.kind === 'human' ? ['jwt', 'session'] : [who.credential ?? 'jwt']
  const kinds = (ACCEPTED[host] ?? []).filter((kind) => own.includes(kind))
  const credential = kinds[turn % Math.max(1, kinds.length)]
  return credential === undefined ? null : fittingWords(credential === 'jwt' ? who : { ...who, credential })
}
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

const drafted: fc.Arbitrary<Draft & { readonly turn: number }> = fc.record({
  turn: fc.nat(10),
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

export const arbitraryDraft: fc.Arbitrary<Draft> = drafted.map(({ turn, ...draft }) => ({
  ...draft,
  words: comingTo(draft.place.host, { words: draft.words, turn }) ?? {},
}))

/** The facts of a draft: what every evaluator is asked. Null: no service claims it. */
export const factsIn = (world: World, draft: Draft): readonly Facts[] | null => {
  const view = viewOf(world, draft.place, draft.at)
  if (view === null) return null
  const { behalf } = factsFromWords(draft.words, { image: world.image, now: draft.at })
  const facts = factsOf(view, draft)
  return behalf === null ? [facts] : [facts, { ...facts, ...behalf }]
}
