import { describe, expect, test } from 'vitest'
import {
  all,
  conditionFor,
  exception,
  factsWith,
  grant,
  guardrail,
  HOME,
  imageWith,
  invariant,
  is,
  not,
  planOfImage,
  planWith,
  publicEntry,
  ruleIn,
} from '../../../../test/support/small-policy.ts'
import { CONDITIONS } from '../catalogue.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW, exampleFacts } from '../testing/example-facts.ts'
import { buildPlan, buildPlanInSlices } from './build.ts'
import { withGiven } from './given.ts'
import { type Atom, atomsOf } from './node.ts'

const HEADER = is('what.header', { 'x-environment': 'staging' })
const TENANT = is('who.claim', { tenant: 'acme' })

const leafOf = (rule: RuleImage): Atom => {
  const [leaf] = atomsOf(ruleIn(planWith(rule), rule.name).how)
  if (leaf === undefined) throw new Error('no leaf')
  return leaf
}

describe('a leaf', () => {
  test.each([
    { note: 'over the request', how: HOME, ofCaller: false, ofAcr: false, condition: 'circumstance.network', negated: false },
    {
      note: 'over the caller',
      how: is('who.role', 'editor'),
      ofCaller: true,
      ofAcr: false,
      condition: 'who.role',
      negated: false,
    },
    {
      note: 'over the caller and the time',
      how: is('how.mfa', 'hardware'),
      ofCaller: true,
      ofAcr: false,
      condition: 'how.mfa',
      negated: false,
    },
    {
      note: 'over the class of login',
      how: is('how.acr', 'gold'),
      ofCaller: true,
      ofAcr: true,
      condition: 'how.acr',
      negated: false,
    },
    { note: 'under not', how: not(HOME), ofCaller: false, ofAcr: false, condition: 'circumstance.network', negated: true },
  ])('$note', ({ note: _note, how, ...expected }) =>
    expect(leafOf(guardrail('g', { how }))).toMatchObject({ type: 'atom', ...expected }),
  )

  test('lapses as its condition says, under not as well', () => {
    const fresh = is('how.login', { 'max-age': '31m' })
    for (const how of [fresh, not(fresh)]) {
      expect(leafOf(guardrail('g', { how })).lapses.map((lapse) => lapse(exampleFacts))).toEqual([EXAMPLE_NOW + 60_001])
    }
    expect(leafOf(guardrail('g', { how: HOME })).lapses).toEqual([])
  })

  test('under not answers for what is negated', () => {
    const leaf = leafOf(guardrail('g', { how: not(HOME) }))
    expect(leaf.test(exampleFacts)).toMatchObject({ tri: 0, code: 'condition.excluded', condition: 'circumstance.network' })
    expect(leaf.tri(exampleFacts)).toBe(0)
  })

  test('an unknown condition is refused by name', () => {
    expect(() => planWith(guardrail('g', { how: is('how.magic', 'on') }))).toThrow(
      expect.objectContaining({ code: 'plan.condition_unknown', message: expect.stringContaining('how.magic') }),
    )
  })
})

describe('leaves are shared where they mean the same', () => {
  const path = (pattern: string) => is('what.path', pattern)
  const claims = is('who.claim', { tenant: '$tenant' })
  const hours = is('when.hours', { hours: '08:00-18:00' })
  test.each([
    { note: 'one spec', a: { how: HOME }, b: { how: HOME }, same: true },
    { note: 'another spec', a: { how: HOME }, b: { how: is('circumstance.network', 'office') }, same: false },
    { note: 'one spec of another condition', a: { how: is('who.role', 'x') }, b: { how: is('who.group', 'x') }, same: false },
    { note: 'one of them under not', a: { how: HOME }, b: { how: not(HOME) }, same: false },
    { note: 'both under not', a: { how: not(HOME) }, b: { how: not(HOME) }, same: true },
    {
      note: 'zones that differ',
      a: { how: hours, zone: 'Europe/Berlin' },
      b: { how: hours, zone: 'America/New_York' },
      same: false,
    },
    { note: 'one zone', a: { how: hours, zone: 'Europe/Berlin' }, b: { how: hours, zone: 'Europe/Berlin' }, same: true },
    { note: 'a zone and none', a: { how: hours, zone: 'Europe/Berlin' }, b: { how: hours }, same: false },
    {
      note: 'one place of a $name',
      a: { what: path('/a/$tenant'), how: claims },
      b: { what: path('/a/$tenant'), how: claims },
      same: true,
    },
    {
      note: 'other places of a $name',
      a: { what: path('/a/$tenant'), how: claims },
      b: { what: path('/b/c/$tenant'), how: claims },
      same: false,
    },
    {
      note: 'a $name that one of them does not capture',
      a: { what: path('/a/$tenant'), how: claims },
      b: { what: path('/a/*'), how: claims },
      same: false,
    },
    {
      note: 'other places of a $name that is not compared',
      a: { what: path('/a/$tenant'), how: HOME },
      b: { what: path('/b/$tenant'), how: HOME },
      same: true,
    },
  ])('$note', ({ a, b, same }) => {
    const plan = planWith(guardrail('a', a), guardrail('b', b))
    expect(ruleIn(plan, 'a').how === ruleIn(plan, 'b').how).toBe(same)
  })

  test('several $names, each from its place', () => {
    const pair = is('who.claim', { tenant: '$tenant', region: '$region' })
    const plan = planWith(
      guardrail('a', { what: path('/$tenant/$region'), how: pair }),
      guardrail('b', { what: path('/$region/$tenant'), how: pair }),
      guardrail('c', { what: path('/$tenant/$other'), how: pair }),
    )
    expect(new Set(['a', 'b', 'c'].map((name) => ruleIn(plan, name).how)).size).toBe(3)
  })

  test('the value is that of the rule it stands in', () => {
    const plan = planWith(
      guardrail('a', { what: path('/tenants/$tenant/**'), how: claims }),
      guardrail('b', { what: path('/*/*/$tenant'), how: claims }),
    )
    expect(['a', 'b'].map((name) => ruleIn(plan, name).how.tri(exampleFacts))).toEqual([1, 0])
  })
})

describe('what the log keeps in place of facts it does not', () => {
  const recordedOf = (rules: readonly RuleImage[], facts: Partial<Facts> = {}) => {
    const plan = planWith(...rules)
    return plan.atomsToRecord(plan.match(factsWith(facts))).map(({ key, test: each }) => `${key} ${each(exampleFacts).code}`)
  }

  test.each([
    { note: 'nothing over plain facts', rules: [guardrail('g', { how: HOME })], recorded: [] },
    { note: 'headers', rules: [guardrail('g', { how: HEADER })], recorded: ['what.header:0 met'] },
    { note: 'claims', rules: [guardrail('g', { how: TENANT })], recorded: ['who.claim:0 met'] },
    {
      note: 'those of who, what, when and how',
      rules: [
        guardrail('g', { who: TENANT, what: HEADER, when: is('what.header', { a: 'b' }), how: is('what.header', { c: 'd' }) }),
      ],
      recorded: ['who.claim:0 met', 'what.header:1 met', 'what.header:2 header.missing', 'what.header:3 header.missing'],
    },
    { note: 'under not by what is negated', rules: [guardrail('g', { how: not(TENANT) })], recorded: ['who.claim:0 met'] },
    {
      note: 'each once',
      rules: [
        guardrail('a', { how: all(TENANT, not(TENANT)) }),
        grant('b', { who: TENANT }),
        exception('c', { names: ['a'], who: TENANT }),
      ],
      recorded: ['who.claim:0 met'],
    },
    {
      note: 'of permits, guardrails and exceptions',
      rules: [
        guardrail('a', { how: TENANT }),
        grant('b', { how: HEADER }),
        exception('c', { how: is('who.claim', { level: 3 }) }),
        publicEntry('d', { how: is('what.header', { a: 'b' }) }),
      ],
      recorded: ['what.header:1 met', 'what.header:3 header.missing', 'who.claim:0 met', 'who.claim:2 met'],
    },
    {
      note: 'of rules that are matched',
      rules: [guardrail('a', { what: is('what.service', 'console'), how: TENANT }), guardrail('b', { how: HEADER })],
      recorded: ['what.header:1 met'],
    },
  ])('$note', ({ rules, recorded }) => expect(recordedOf(rules)).toEqual(recorded))

  test('of a condition that reads such a fact beside others', () => {
    const mixed = conditionFor({
      key: 'mixed',
      place: 'how',
      reads: ['host', 'claims'],
      reasons: {},
      compile: (_spec, _scope, say) => {
        const met = say('met')
        return () => met
      },
    })
    const plan = planOfImage(imageWith(guardrail('g', { how: is('how.mixed', 'on') })), [mixed])
    expect(plan.atomsToRecord(plan.match(exampleFacts)).map(({ key }) => key)).toEqual(['how.mixed:0'])
    const plain = { ...mixed, readsOf: () => ['host'] as const }
    const told = planOfImage(imageWith(guardrail('g', { how: is('how.mixed', 'on') })), [plain])
    expect(told.recordsVerdicts).toBe(false)
    expect(told.impersonal.size).toBe(1)
  })

  test('whether there is anything is known beforehand', () => {
    expect(
      [planWith(guardrail('g', { how: HOME })), planWith(guardrail('g', { how: HEADER }))].map(
        ({ recordsVerdicts }) => recordsVerdicts,
      ),
    ).toEqual([false, true])
  })

  test('asked again, the same', () => {
    const plan = planWith(guardrail('g', { how: HEADER }))
    const matched = plan.match(exampleFacts)
    expect(plan.atomsToRecord(matched)).toEqual(plan.atomsToRecord(matched))
  })

  test('a verdict that was recorded is taken in place of the facts', () => {
    const { how } = ruleIn(planWith(guardrail('g', { how: HEADER })), 'g')
    const hidden = factsWith({ headers: UNKNOWN })
    expect([
      how.tri(hidden),
      how.tri(withGiven(hidden, new Map([['what.header:0', 'met']]))),
      how.tri(withGiven(exampleFacts, new Map([['what.header:0', 'header.other']]))),
    ]).toEqual([-1, 1, 0])
  })

  test('not in place of plain ones', () => {
    const { how } = ruleIn(planWith(guardrail('g', { how: HOME })), 'g')
    expect(
      how.tri(
        withGiven(
          exampleFacts,
          new Map([
            ['circumstance.network:', 'network.outside'],
            ['circumstance.network:0', 'network.outside'],
          ]),
        ),
      ),
    ).toBe(1)
  })
})

describe('building', () => {
  test('the plan holds its image, digest and finders', () => {
    const image = imageWith(grant('use'))
    const plan = planOfImage(image)
    expect(plan.image).toBe(image)
    expect(plan.digest).toEqual({ policy: 'sha256:small', data: 'sha256:none' })
    expect(plan.serviceFor('console.example.com', [])?.name).toBe('console')
    expect(plan.operationFor('console', 'GET', [])).toBeNull()
  })

  test('ids follow the names; invariants have none', () => {
    const plan = planWith(grant('c'), invariant('a'), guardrail('b'), exception('d'))
    expect(plan.rules.map(({ id, name }) => `${id} ${name}`)).toEqual(['0 b', '1 c', '2 d'])
  })

  test('guardrails that ask nothing of the caller are known', () => {
    const plan = planWith(
      guardrail('a', { how: HOME }),
      guardrail('b', { who: is('who.role', 'editor') }),
      guardrail('c', { what: all(HEADER, not(TENANT)) }),
      guardrail('d', { how: { any: [HOME, { never: true }] } }),
      grant('e', { how: HOME }),
      guardrail('f', { when: is('circumstance.credential', 'jwt') }),
      guardrail('g', { how: { any: [HOME, TENANT] } }),
    )
    expect([...plan.impersonal].map((id) => plan.rules[id]?.name)).toEqual(['a', 'd'])
  })

  const parts = { conditions: CONDITIONS, digest: { policy: 'a', data: 'b' } }
  const many = (count: number, pathOf = (i: number) => `/p${i}`) =>
    imageWith(...Array.from({ length: count }, (_none, i) => grant(`r${i}`, { what: is('what.path', pathOf(i)) })))

  test.each([
    { note: 'a small policy', rules: 100, pauses: 0 },
    { note: 'just short of a slice', rules: 190, pauses: 0 },
    { note: 'a slice', rules: 191, pauses: 1 },
    { note: 'several', rules: 1_000, pauses: 5 },
    { note: 'sorting a crowd counts as well', rules: 100, pauses: 1, pathOf: () => '/crowd' },
  ])('in slices gives the same plan, and pauses after each: $note', async ({ rules, pauses, pathOf }) => {
    let paused = 0
    const image = many(rules, pathOf)
    const plan = await buildPlanInSlices(image, parts, async () => void paused++)
    expect(plan.rules.map(({ name }) => name)).toEqual(buildPlan(image, parts).rules.map(({ name }) => name))
    expect(paused).toBe(pauses)
  })

  test('pauses when just a slice is done', async () => {
    const placesOf = (count: number, rule: number) => Array.from({ length: count }, (_none, i) => `/r${rule}/${i}`)
    const rules = Array.from({ length: 20 }, (_none, i) =>
      grant(`r${i}`, { what: is('what.path', placesOf(i === 0 ? 9 : 10, i)) }),
    )
    let paused = 0
    await buildPlanInSlices(imageWith(...rules), parts, async () => void paused++)
    expect(paused).toBe(1)
  })

  test('waits for each pause', async () => {
    const steps: string[] = []
    await buildPlanInSlices(many(400), parts, async () => {
      steps.push('begin')
      await Promise.resolve()
      steps.push('end')
    })
    expect(steps.join()).toMatch(/^(begin,end,?)+$/)
  })

  test('a condition beside the catalogue is taken as it is', () => {
    const extra = conditionFor({
      key: 'extra',
      place: 'how',
      reads: ['host'],
      reasons: { 'extra.other': { tri: 0, remedy: false, text: 'No.', help: 'Ask.' } },
      compile: (_spec, _scope, say) => {
        const other = say('extra.other')
        return () => other
      },
    })
    const plan = planOfImage(imageWith(guardrail('g', { how: is('how.extra', 'on') })), [extra])
    expect(ruleIn(plan, 'g').how.tri(exampleFacts)).toBe(0)
  })
})
