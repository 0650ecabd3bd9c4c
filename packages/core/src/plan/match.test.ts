import { describe, expect, test } from 'vitest'
import {
  all,
  any,
  exception,
  factsWith,
  grant,
  guardrail,
  invariant,
  is,
  not,
  planWith,
  publicEntry,
} from '../../../../test/support/small-policy.ts'
import type { Method } from '../model/access-request.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW } from '../testing/example-facts.ts'
import type { Plan } from './plan.ts'
import type { Matched } from './rule.ts'

const path = (...patterns: readonly string[]) => is('what.path', patterns)

const namesOf = ({ permits, guardrails, exceptions }: Matched): readonly string[] =>
  [...permits, ...guardrails, ...exceptions].map(({ name }) => name).sort()

const matched = (plan: Plan, facts: Partial<Facts> = {}): readonly string[] => namesOf(plan.match(factsWith(facts)))

/** Facts of a request to a path, written with a slash at the end or without. */
const to = (text: string, method: Method = 'POST'): Partial<Facts> => {
  const segments = text.split('/').filter((part) => part !== '')
  return { method, path: { segments, trailingSlash: text !== '/' && text.endsWith('/') } }
}

describe('rules come upon by path', () => {
  const plan = planWith(
    grant('everywhere'),
    grant('root', { what: path('/') }),
    grant('items', { what: path('/items') }),
    grant('item', { what: path('/items/*') }),
    grant('below', { what: path('/items/**') }),
    grant('parts', { what: path('/items/*/parts') }),
    grant('special', { what: path('/items/special') }),
    grant('any', { what: path('/*') }),
    grant('tail', { what: path('/*/parts/**') }),
    grant('slash', { what: path('/slash/') }),
  )

  test.each([
    { target: '/', names: ['everywhere', 'root'] },
    { target: '/items', names: ['any', 'below', 'everywhere', 'items'] },
    { target: '/items/', names: ['any', 'below', 'everywhere', 'items'] },
    { target: '/ITEMS', names: ['any', 'below', 'everywhere', 'items'] },
    { target: '/items/7', names: ['below', 'everywhere', 'item'] },
    { target: '/items/special', names: ['below', 'everywhere', 'item', 'special'] },
    { target: '/items/Special', names: ['below', 'everywhere', 'item', 'special'] },
    { target: '/items/7/parts', names: ['below', 'everywhere', 'parts'] },
    { target: '/items/7/parts/8', names: ['below', 'everywhere'] },
    { target: '/x/parts', names: ['everywhere', 'tail'] },
    { target: '/x/parts/1/2', names: ['everywhere', 'tail'] },
    { target: '/slash', names: ['any', 'everywhere', 'slash'] },
    { target: '/other/7', names: ['everywhere'] },
  ])('$target', ({ target, names }) => expect(matched(plan, to(target))).toEqual(names))
})

describe('rules come upon by method and service', () => {
  const plan = planWith(
    grant('get', { what: is('what.method', 'GET') }),
    grant('post', { what: all(is('what.method', ['POST', 'PUT']), path('/a')) }),
    grant('console', { what: is('what.service', 'console') }),
    grant('both', { what: is('what.service', ['console', 'payments']) }),
    grant('there', { what: all(is('what.service', 'payments'), path('/a')) }),
  )

  test.each([
    { note: 'GET', facts: to('/a', 'GET'), names: ['both', 'get', 'there'] },
    { note: 'HEAD is read as GET', facts: to('/a', 'HEAD'), names: ['both', 'get', 'there'] },
    { note: 'PUT', facts: to('/a', 'PUT'), names: ['both', 'post', 'there'] },
    { note: 'a method nobody writes', facts: to('/b', 'DELETE'), names: ['both'] },
    { note: 'another service', facts: { ...to('/a', 'PUT'), service: 'console' }, names: ['both', 'console', 'post'] },
    { note: 'a service nobody writes', facts: { ...to('/a', 'PUT'), service: 'legacy' }, names: ['post'] },
  ])('$note', ({ facts, names }) => expect(matched(plan, facts)).toEqual(names))
})

describe('by what they do', () => {
  const rules = [
    grant('a-grant'),
    publicEntry('a-public'),
    guardrail('a-guardrail'),
    exception('an-exception', { names: ['a-guardrail'] }),
    invariant('an-invariant'),
  ]

  test('permits, guardrails and exceptions; invariants are no part of a plan', () => {
    const plan = planWith(...rules)
    const { permits, guardrails, exceptions } = plan.match(factsWith())
    expect([permits, guardrails, exceptions].map((list) => list.map(({ name }) => name))).toEqual([
      ['a-grant', 'a-public'],
      ['a-guardrail'],
      ['an-exception'],
    ])
    expect(plan.rules.map(({ name }) => name)).toEqual(['a-grant', 'a-guardrail', 'a-public', 'an-exception'])
    expect(plan.matchShadow).toBeNull()
  })

  test('nothing of a kind', () => expect(planWith().match(factsWith())).toEqual({ permits: [], guardrails: [], exceptions: [] }))

  test('one request does not change what another finds', () => {
    const plan = planWith(...rules, grant('b-grant'))
    expect(matched(plan)).toEqual(matched(plan))
    expect(planWith().match(factsWith()).permits).toEqual([])
  })

  test('shadow rules apart', () => {
    const shadowed = { shadow: { owner: 'a@example.com', until: EXAMPLE_NOW } }
    const plan = planWith(grant('on'), grant('off', { ...shadowed, what: path('/tenants/**') }), guardrail('off-too', shadowed))
    // A guardrail is matched as it will be enforced as well, with a life that begins when its trial is over.
    expect(matched(plan)).toEqual(['off-too', 'on'])
    expect(namesOf(plan.matchShadow?.(factsWith()) as Matched)).toEqual(['off', 'off-too'])
    expect(namesOf(plan.matchShadow?.(factsWith(to('/x'))) as Matched)).toEqual(['off-too'])
  })
})

test('a rule that several places lead to is found once', () => {
  const plan = planWith(
    grant('twice', { what: path('/a/**', '/*/b') }),
    grant('anywhere', { what: any(path('/a/b'), is('what.method', 'POST')) }),
    guardrail('guard', { what: path('/a/*', '/*/b') }),
    exception('exempt', { names: ['guard'], what: path('/a/*', '/*/b') }),
  )
  expect(matched(plan, to('/a/b'))).toEqual(['anywhere', 'exempt', 'guard', 'twice'])
})

describe('crowded places', () => {
  const roles = Array.from({ length: 8 }, (_none, i) => `role-${i}`)
  const crowdOf = (...more: readonly RuleImage[]): readonly RuleImage[] => [
    ...roles.map((role) => grant(`for-${role}`, { who: is('who.role', role) })),
    ...more,
  ]
  const holding = (...names: readonly string[]): Partial<Facts> => ({ roles: { names: new Set(names), complete: true } })
  const everybody = roles.map((role) => `for-${role}`)

  test('eight at one place are not told apart', () => {
    expect(matched(planWith(...crowdOf()), holding('role-1'))).toEqual(everybody)
  })

  const crowd = planWith(
    ...crowdOf(
      grant('open'),
      guardrail('guard', { who: is('who.role', 'role-2') }),
      exception('exempt', { names: ['guard'], who: is('who.role', 'role-2') }),
      publicEntry('home', { who: is('who.role', 'role-2') }),
      grant('staff', { who: is('who.group', 'staff') }),
      grant('ada', { who: is('who.user', 'corp/ada') }),
      grant('few', { who: is('who.role', ['role-1', 'role-2']) }),
      grant('others', { who: not(is('who.role', 'role-1')) }),
    ),
  )
  const OPEN = ['exempt', 'guard', 'home', 'open', 'others']

  test.each<{ note: string; facts: Partial<Facts>; names: readonly string[] }>([
    { note: 'one role', facts: holding('role-1'), names: ['ada', 'few', 'for-role-1'] },
    { note: 'two roles', facts: holding('role-1', 'role-2', 'nobody'), names: ['ada', 'few', 'for-role-1', 'for-role-2'] },
    { note: 'a group', facts: { ...holding(), groups: { names: new Set(['staff']), complete: true } }, names: ['ada', 'staff'] },
    { note: 'another user', facts: { ...holding(), user: 'corp/bob' }, names: [] },
    { note: 'no user, no roles, no groups', facts: { user: null, roles: null, groups: null }, names: [] },
    {
      note: 'roles that may be more: nothing over roles is left out',
      facts: { roles: { names: new Set<string>(), complete: false } },
      names: ['ada', 'few', ...everybody],
    },
    { note: 'an unknown user', facts: { ...holding(), user: UNKNOWN }, names: ['ada'] },
    { note: 'unknown groups', facts: { ...holding(), user: null, groups: UNKNOWN }, names: ['staff'] },
  ])('more are told apart by who they are for: $note', ({ facts, names }) => {
    expect(matched(crowd, facts)).toEqual([...OPEN, ...names].sort())
  })

  test('methods are looked at there too', () => {
    const plan = planWith(
      ...crowdOf(
        grant('read', { what: is('what.method', 'GET'), who: is('who.role', 'role-1') }),
        grant('write', { what: is('what.method', 'POST'), who: is('who.role', 'role-1') }),
      ),
    )
    expect(matched(plan, holding('role-1'))).toEqual(['for-role-1', 'write'])
    expect(matched(plan, { ...holding('role-1'), method: 'GET' })).toEqual(['for-role-1', 'read'])
  })

  test('each crowded place by itself', () => {
    const below = roles.map((role) => grant(`below-${role}`, { what: path('/x/**'), who: is('who.role', role) }))
    const plan = planWith(...crowdOf(grant('more', { who: is('who.role', 'role-9') })), ...below)
    expect(matched(plan, { ...to('/x'), ...holding('role-1') })).toEqual([...below.map(({ name }) => name), 'for-role-1'])
  })
})

describe('what the index has seen to is not tested again', () => {
  const whatOf = (rules: readonly RuleImage[], facts: Partial<Facts>) =>
    planWith(...rules)
      .match(factsWith(facts))
      .guardrails.map(({ select }) => select.tri(factsWith(facts)))
  const guard = (pattern: string) => [guardrail('guard', { what: path(pattern) })]

  test.each([
    { note: 'spelled alike: met', pattern: '/items/*', facts: to('/items/7'), tri: 1 },
    {
      note: 'in other letters, where nobody has said what that is: unknown',
      pattern: '/items/*',
      facts: to('/Items/7'),
      tri: -1,
    },
    { note: 'with a slash at the end, likewise', pattern: '/items/*', facts: to('/items/7/'), tri: -1 },
    {
      note: 'where cases are told apart: another path',
      pattern: '/items/*',
      facts: { ...to('/Items/7'), service: 'console' },
      tri: 0,
    },
    { note: 'where they are not: met', pattern: '/items/*', facts: { ...to('/Items/7/'), service: 'legacy' }, tri: 1 },
    {
      note: 'a pattern in capitals, spelled so: met',
      pattern: '/Items/*',
      facts: { ...to('/Items/7'), service: 'console' },
      tri: 1,
    },
    {
      note: 'a pattern in capitals, spelled otherwise',
      pattern: '/Items/*',
      facts: { ...to('/items/7'), service: 'console' },
      tri: 0,
    },
    { note: 'below **, a slash at the end makes no difference', pattern: '/items/**', facts: to('/items/7/'), tri: 1 },
    { note: 'the other spelling further up', pattern: '/items/**', facts: { ...to('/Items/7'), service: 'console' }, tri: 0 },
  ])('$note', ({ pattern, facts, tri }) => expect(whatOf(guard(pattern), facts)).toEqual([tri]))

  test('two spellings at one place are told apart', () => {
    const plan = planWith(guardrail('lower', { what: path('/items') }), guardrail('upper', { what: path('/Items') }))
    const selected = (target: string) => {
      const facts = factsWith({ ...to(target), service: 'console' })
      return plan
        .match(facts)
        .guardrails.filter(({ select }) => select.tri(facts) === 1)
        .map(({ name }) => name)
    }
    expect([selected('/items'), selected('/Items'), selected('/ITEMS')]).toEqual([['lower'], ['upper'], []])
  })

  test('one rule at several places', () => {
    const rules = [guardrail('guard', { what: path('/a', '/b') })]
    expect(whatOf(rules, { ...to('/a'), service: 'console' })).toEqual([1])
    expect(whatOf(rules, { ...to('/A'), service: 'console' })).toEqual([0])
  })
})
