import { describe, expect, test } from 'vitest'
import {
  all,
  any,
  AUDITOR,
  conditionFor,
  EDITOR,
  exception,
  factsWith,
  grant,
  guardrail,
  HOME,
  imageWith,
  is,
  never,
  not,
  OFFICE,
  planOfImage,
  planWith,
  publicEntry,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW, exampleFacts, workloadFacts } from '../testing/example-facts.ts'
import { decide } from './decide.ts'
import { explain, type RuleExplained } from './explain.ts'

const SHADOW = { owner: 'a@example.com', until: EXAMPLE_NOW + 1 }

const explained = (rules: readonly RuleImage[], facts: Partial<Facts> = {}): readonly RuleExplained[] =>
  explain(planWith(...rules), [factsWith(facts)]).rules[0] ?? []

const one = (rule: RuleImage, facts: Partial<Facts> = {}): RuleExplained => {
  const [first] = explained([rule], facts)
  if (first === undefined) throw new Error('the rule is not explained')
  return first
}

describe('one rule', () => {
  test('a grant that permits, whole', () => {
    expect(one(grant('use', { who: EDITOR, how: HOME }))).toStrictEqual({
      rule: 'use',
      kind: 'grant',
      shadow: null,
      selected: 'yes',
      stopped: null,
      demands: [{ condition: 'circumstance.network', negated: false, result: 'met', code: 'met', remedy: false, reads: [] }],
      demand: 'met',
      waivedBy: [],
      waives: [],
    })
  })

  test.each([
    { note: 'selected', rule: guardrail('g', { who: EDITOR }), selected: 'yes', stopped: null },
    { note: 'not by who', rule: guardrail('g', { who: AUDITOR }), selected: 'no', stopped: 'who.role role.other' },
    {
      note: 'not by when',
      rule: guardrail('g', { when: OFFICE }),
      selected: 'no',
      stopped: 'circumstance.network network.outside',
    },
    {
      note: 'what before who before when',
      rule: guardrail('g', { who: AUDITOR, what: is('what.path', '/Tenants/**'), when: OFFICE }),
      selected: 'no',
      stopped: 'what.path path.near_miss',
    },
    {
      note: 'who before when',
      rule: guardrail('g', { who: AUDITOR, when: OFFICE }),
      selected: 'no',
      stopped: 'who.role role.other',
    },
    {
      note: 'unknown',
      rule: guardrail('g', { what: is('what.path', '/Tenants/**') }),
      selected: 'unknown',
      stopped: 'what.path path.near_miss',
    },
    {
      note: 'the first leaf that is not met',
      rule: guardrail('g', { who: all(EDITOR, any(AUDITOR, is('who.group', 'admins'))) }),
      selected: 'no',
      stopped: 'who.role role.other',
    },
    {
      note: 'nothing of a part that is met',
      rule: guardrail('g', { who: any(AUDITOR, EDITOR), when: OFFICE }),
      selected: 'no',
      stopped: 'circumstance.network network.outside',
    },
    { note: 'under not', rule: guardrail('g', { who: not(EDITOR) }), selected: 'no', stopped: 'who.role condition.excluded' },
    { note: 'by an alternative that is empty', rule: guardrail('g', { who: any() }), selected: 'no', stopped: null },
    { note: 'not yet in life', rule: guardrail('g', { from: EXAMPLE_NOW + 1 }), selected: 'out of life', stopped: null },
    {
      note: 'no longer in life',
      rule: guardrail('g', { until: EXAMPLE_NOW, who: AUDITOR }),
      selected: 'out of life',
      stopped: 'who.role role.other',
    },
  ])('selection: $note', ({ rule, selected, stopped }) => {
    const found = one(rule)
    expect(found.selected).toBe(selected)
    expect(found.stopped === null ? null : `${found.stopped.condition} ${found.stopped.code}`).toBe(stopped)
  })

  test.each([
    { note: 'nothing is asked', rule: guardrail('g'), demand: 'met', demands: [] },
    { note: 'met', rule: guardrail('g', { how: HOME }), demand: 'met', demands: ['circumstance.network met met'] },
    {
      note: 'unmet',
      rule: guardrail('g', { how: OFFICE }),
      demand: 'unmet',
      demands: ['circumstance.network unmet network.outside'],
    },
    { note: 'never', rule: guardrail('g', { how: never }), demand: 'unmet', demands: ['how.never unmet guardrail.never'] },
    {
      note: 'each of several',
      rule: guardrail('g', { how: any(HOME, AUDITOR) }),
      demand: 'met',
      demands: ['circumstance.network met met', 'who.role unmet role.other'],
    },
    { note: 'under not', rule: guardrail('g', { how: not(AUDITOR) }), demand: 'met', demands: ['not who.role met met'] },
    { note: 'of a rule that is not selected', rule: guardrail('g', { who: AUDITOR, how: OFFICE }), demand: 'unmet', demands: [] },
    { note: 'of a rule out of life', rule: guardrail('g', { until: EXAMPLE_NOW, how: OFFICE }), demand: 'unmet', demands: [] },
    {
      note: 'of a rule that may be selected',
      rule: guardrail('g', { what: is('what.path', '/Tenants/**'), how: OFFICE }),
      demand: 'unmet',
      demands: ['circumstance.network unmet network.outside'],
    },
  ])('demand: $note', ({ rule, demand, demands }) => {
    const found = one(rule)
    expect(found.demand).toBe(demand)
    expect(
      found.demands.map(({ negated, condition, result, code }) => `${negated ? 'not ' : ''}${condition} ${result} ${code}`),
    ).toEqual(demands)
  })

  test('a demand that is unknown names the facts whose source did not answer, not those that are always known', () => {
    const mfa = is('how.mfa', { level: 'any', 'max-age': '5m' })
    const [asked] = one(guardrail('g', { how: mfa }), { factors: UNKNOWN }).demands
    expect(asked).toMatchObject({ result: 'unknown', reads: ['factors', 'kind', 'credential'], remedy: false })
    expect(one(guardrail('g', { how: mfa }), { factors: UNKNOWN }).demand).toBe('unknown')
  })

  test.each([
    { note: 'somebody can do something', facts: {}, remedy: true },
    { note: 'software can not', facts: workloadFacts, remedy: false },
    { note: 'it is met', facts: { factors: [{ level: 'hardware', at: EXAMPLE_NOW }] }, remedy: false },
  ] satisfies readonly { note: string; facts: Partial<Facts>; remedy: boolean }[])('remedy: $note', ({ facts, remedy }) => {
    expect(one(guardrail('g', { how: is('how.mfa', 'hardware') }), facts).demands[0]?.remedy).toBe(remedy)
  })

  test('no remedy for what nobody can do anything about', () => {
    expect(one(guardrail('g', { how: OFFICE })).demands[0]?.remedy).toBe(false)
  })
})

describe('guardrails and exceptions', () => {
  const rules = [
    guardrail('guard', { how: OFFICE }),
    guardrail('other', { how: OFFICE }),
    exception('a', { names: ['guard'] }),
    exception('b', { names: ['guard'], who: AUDITOR }),
    exception('c', { names: ['guard'], shadow: SHADOW }),
    grant('use'),
    publicEntry('home', { how: OFFICE }),
  ]

  test.each([
    { rule: 'guard', note: 'exceptions in force that waive it', waivedBy: ['a'], waives: [], shadow: null },
    { rule: 'other', note: 'none', waivedBy: [], waives: [], shadow: null },
    { rule: 'a', note: 'what it would waive', waivedBy: [], waives: ['guard'], shadow: null },
    { rule: 'b', note: 'the same, not selected', waivedBy: [], waives: ['guard'], shadow: null },
    { rule: 'c', note: 'a shadow rule', waivedBy: [], waives: ['guard'], shadow: 'watched' },
    { rule: 'use', note: 'neither', waivedBy: [], waives: [], shadow: null },
  ])('$rule: $note', ({ rule, waivedBy, waives, shadow }) => {
    expect(explained(rules).find((each) => each.rule === rule)).toMatchObject({ waivedBy, waives, shadow })
  })

  test('a grant that an exception names is not waived', () => {
    expect(explained([grant('use'), exception('x', { names: ['use'] })]).map(({ waivedBy }) => waivedBy)).toEqual([[], []])
  })

  test('a grant that names something waives nothing', () => {
    expect(one(grant('use', { names: ['guard'] })).waives).toEqual([])
  })
})

describe('the whole', () => {
  const plan = planWith(
    grant('b', { what: is('what.method', 'POST') }),
    grant('a', { what: is('what.method', 'GET') }),
    grant('c', { what: is('what.path', '/Tenants/**') }),
  )
  const names = (lists: readonly (readonly RuleExplained[])[]) => lists.map((list) => list.map(({ rule }) => rule))

  test('rules by name that may be about the request, and how many are not', () => {
    const { decision, rules, elsewhere } = explain(plan, [exampleFacts])
    expect(decision).toEqual(decide(plan, [exampleFacts]))
    expect(names(rules)).toEqual([['b', 'c']])
    expect(elsewhere).toBe(1)
  })

  test('a list for each judgement; the first says what is elsewhere', () => {
    const { rules, elsewhere } = explain(plan, [
      factsWith({ method: 'GET', path: { segments: [], trailingSlash: false } }),
      exampleFacts,
    ])
    expect(names(rules)).toEqual([['a'], ['b', 'c']])
    expect(elsewhere).toBe(2)
  })
})

test('a condition that has parts tells the value of each, made when somebody asks and once', () => {
  const made: string[] = []
  const parted = conditionFor({
    key: 'parted',
    place: 'how',
    reads: ['host'],
    reasons: {},
    compile: (_spec, _scope, say) => {
      const met = say('met')
      return () => met
    },
    trace: (spec) => {
      made.push(spec as string)
      return ({ host }) => [{ text: 'host', value: host, depth: 0 }]
    },
  })
  const plan = planOfImage(imageWith(guardrail('g', { how: is('how.parted', 'on') })), [parted])
  expect(made).toEqual([])
  for (const host of ['a.example', 'b.example']) {
    expect(explain(plan, [factsWith({ host })]).rules[0]?.[0]?.demands[0]?.parts).toEqual([
      { text: 'host', value: host, depth: 0 },
    ])
  }
  expect(made).toEqual(['on'])
})
