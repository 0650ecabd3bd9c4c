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
  ruleIn,
  type RuleParts,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { Formula, RuleImage } from '../model/policy-image.ts'
import { agentFacts, anonymousFacts, EXAMPLE_NOW, exampleFacts, unidentifiedFacts } from '../testing/example-facts.ts'
import { atomsOf } from './node.ts'
import { isAlive, type PlanRule } from './rule.ts'

const made = (rule: RuleImage): PlanRule => ruleIn(planWith(rule), rule.name)

const WEBSOCKET = is('what.upgrade', 'websocket')
const AGENT = is('who.acting-for', 'anyone')

describe('a rule', () => {
  test('keeps what it was made of', () => {
    const image = guardrail('guard', { how: HOME, from: 1, until: 2 })
    expect(made(image)).toMatchObject({ id: 0, name: 'guard', kind: 'guardrail', image, from: 1, until: 2 })
  })

  test('without a life lives for ever', () => {
    expect(made(grant('use'))).toMatchObject({ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY })
  })

  test('lives from one instant until before another', () => {
    const rule = made(grant('use', { from: 5, until: 7 }))
    expect([4, 5, 6, 7, 8].map((now) => isAlive(rule, now))).toEqual([false, true, true, false, false])
  })

  test('waives, as an exception, the guardrails it names', () => {
    const plan = planWith(
      guardrail('b'),
      guardrail('a'),
      guardrail('c'),
      exception('x', { names: ['a', 'c', 'nowhere'] }),
      grant('y', { names: ['a'] }),
    )
    expect([...ruleIn(plan, 'x').waives]).toEqual([0, 2])
    expect([...ruleIn(plan, 'y').waives, ...ruleIn(plan, 'a').waives]).toEqual([])
  })
})

describe('what is written comes out as Kleene has it', () => {
  const triOf = (how: Formula | null, facts: Partial<Facts> = {}) => made(guardrail('g', { how })).how.tri(factsWith(facts))

  test.each<{ note: string; how: Formula | null; tri: number; facts?: Partial<Facts> }>([
    { note: 'nothing', how: null, tri: 1 },
    { note: 'a condition', how: HOME, tri: 1 },
    { note: 'not', how: not(HOME), tri: 0 },
    { note: 'not not', how: not(not(HOME)), tri: 1 },
    { note: 'all', how: all(HOME, EDITOR), tri: 1 },
    { note: 'all, one unmet', how: all(HOME, AUDITOR), tri: 0 },
    { note: 'any', how: any(OFFICE, EDITOR), tri: 1 },
    { note: 'any, none met', how: any(OFFICE, AUDITOR), tri: 0 },
    { note: 'not all', how: not(all(HOME, AUDITOR)), tri: 1 },
    { note: 'not all, all met', how: not(all(HOME, EDITOR)), tri: 0 },
    { note: 'not any', how: not(any(OFFICE, AUDITOR)), tri: 1 },
    { note: 'not any, one met', how: not(any(OFFICE, EDITOR)), tri: 0 },
    { note: 'all of nothing', how: all(), tri: 1 },
    { note: 'any of nothing', how: any(), tri: 0 },
    { note: 'not all of nothing', how: not(all()), tri: 0 },
    { note: 'not any of nothing', how: not(any()), tri: 1 },
    { note: 'never', how: never, tri: 0 },
    { note: 'not never', how: not(never), tri: 1 },
    { note: 'unknown', how: OFFICE, facts: { address: UNKNOWN }, tri: -1 },
    { note: 'not unknown', how: not(OFFICE), facts: { address: UNKNOWN }, tri: -1 },
    { note: 'all, unknown and unmet', how: all(OFFICE, AUDITOR, HOME), facts: { address: UNKNOWN }, tri: 0 },
    { note: 'any, unknown and met', how: any(OFFICE, AUDITOR, EDITOR), facts: { address: UNKNOWN }, tri: 1 },
  ])('$note', ({ how, facts, tri }) => expect(triOf(how, facts)).toBe(tri))

  test('never is a leaf like any other', () => {
    const [leaf] = atomsOf(made(guardrail('g', { how: never })).how)
    expect(leaf).toMatchObject({ condition: 'how.never', negated: false, reads: [], ofCaller: false, ofAcr: false, lapses: [] })
    expect(leaf?.test(exampleFacts)).toMatchObject({ tri: 0, code: 'guardrail.never', condition: 'how.never' })
  })

  test('equal formulas of different rules are one', () => {
    const plan = planWith(
      guardrail('a', { how: all(HOME, any(EDITOR, AUDITOR)) }),
      guardrail('b', { how: all(any(AUDITOR, EDITOR), HOME, HOME) }),
      guardrail('c', { how: all(HOME, any(EDITOR, not(AUDITOR))) }),
    )
    expect(ruleIn(plan, 'b').how).toBe(ruleIn(plan, 'a').how)
    expect(ruleIn(plan, 'c').how).not.toBe(ruleIn(plan, 'a').how)
  })
})

describe('what no policy writes', () => {
  const selected = (rule: RuleImage, facts: Facts): number => made(rule).select.tri(facts)
  const verdictsOf = (rule: RuleImage, facts: Facts) =>
    atomsOf(made(rule).select).map((atom) => {
      const { tri, code, by } = atom.test(facts)
      return `${atom.condition} ${code} ${tri}${by === undefined ? '' : ` by ${by}`}`
    })

  test.each([
    { note: 'a grant for a caller who signed in', rule: grant('r'), facts: exampleFacts, tri: 1 },
    { note: 'a grant for nobody', rule: grant('r'), facts: anonymousFacts, tri: 0 },
    { note: 'a grant for who knows whom', rule: grant('r'), facts: unidentifiedFacts, tri: -1 },
    { note: 'an exception for nobody', rule: exception('r'), facts: anonymousFacts, tri: 0 },
    { note: 'a guardrail is for everybody', rule: guardrail('r'), facts: anonymousFacts, tri: 1 },
    { note: 'a public entry is for everybody', rule: publicEntry('r'), facts: anonymousFacts, tri: 1 },
    {
      note: 'a grant for an agent that is not spoken of',
      rule: grant('r', { who: is('who.client', 'batch') }),
      facts: agentFacts,
      tri: 0,
    },
    { note: 'an exception for an agent that is not spoken of', rule: exception('r'), facts: agentFacts, tri: 0 },
    { note: 'a guardrail for an agent', rule: guardrail('r'), facts: agentFacts, tri: 1 },
    {
      note: 'a grant that speaks of it',
      rule: grant('r', { who: all(is('who.client', 'batch'), AGENT) }),
      facts: agentFacts,
      tri: 1,
    },
    { note: 'one of several ways speaks of it', rule: grant('r', { who: any(AGENT, EDITOR) }), facts: agentFacts, tri: 1 },
    { note: 'the other way is for people', rule: grant('r', { who: any(AGENT, EDITOR) }), facts: exampleFacts, tri: 1 },
    {
      note: 'the way that an agent meets does not speak of it',
      rule: grant('r', { who: any(all(AGENT, EDITOR), is('who.client', 'batch')) }),
      facts: agentFacts,
      tri: 0,
    },
    {
      note: 'nor is it spoken of under not',
      rule: grant('r', { who: not(is('who.acting-for', 'corp/bob')) }),
      facts: agentFacts,
      tri: 0,
    },
    {
      note: 'an alternative in one of all parts',
      rule: grant('r', { who: all(is('who.client', 'batch'), any(AGENT, EDITOR)) }),
      facts: agentFacts,
      tri: 1,
    },
    {
      note: 'both alternatives speak of it',
      rule: grant('r', { who: any(AGENT, all(AGENT, EDITOR)) }),
      facts: agentFacts,
      tri: 1,
    },
    { note: 'no alternative at all', rule: grant('r', { who: any() }), facts: agentFacts, tri: 0 },
  ])('callers: $note', ({ rule, facts, tri }) => expect(selected(rule, facts)).toBe(tri))

  const upgrade = (upgrade: Facts['upgrade']) => factsWith({ upgrade })
  const NARROW = { what: is('what.path', '/tenants/*/charges') }
  test.each([
    { note: 'a grant does not open one', rule: grant('r'), facts: upgrade('websocket'), tri: 0 },
    { note: 'nor where the index has seen to the path', rule: grant('r', NARROW), facts: upgrade('websocket'), tri: 0 },
    { note: 'nor a public entry', rule: publicEntry('r'), facts: upgrade('websocket'), tri: 0 },
    { note: 'a guardrail is about them as well', rule: guardrail('r'), facts: upgrade('websocket'), tri: 1 },
    { note: 'an exception too', rule: exception('r'), facts: upgrade('websocket'), tri: 1 },
    { note: 'what says so opens one', rule: grant('r', { what: WEBSOCKET }), facts: upgrade('websocket'), tri: 1 },
    { note: 'and nothing else', rule: grant('r', { what: WEBSOCKET }), facts: upgrade(null), tri: 0 },
    {
      note: 'a way among others',
      rule: grant('r', { what: any(WEBSOCKET, is('what.method', 'POST')) }),
      facts: upgrade('websocket'),
      tri: 1,
    },
    {
      note: 'the other way is for plain requests',
      rule: grant('r', { what: any(WEBSOCKET, is('what.method', 'POST')) }),
      facts: upgrade(null),
      tri: 1,
    },
    { note: 'not under not', rule: grant('r', { what: not(WEBSOCKET) }), facts: upgrade('websocket'), tri: 0 },
    { note: 'nobody knows', rule: grant('r'), facts: upgrade(UNKNOWN), tri: -1 },
  ])('websockets: $note', ({ rule, facts, tri }) => expect(selected(rule, facts)).toBe(tri))

  test('is met by way of what says so, or without', () => {
    const what = any(WEBSOCKET, is('what.method', 'POST'))
    expect(made(publicEntry('r', { what })).parts.what.type).toBe('any')
    expect(made(publicEntry('r', { what: all(WEBSOCKET, is('what.method', 'POST')) })).parts.what.type).toBe('all')
  })

  const ADAS_AGENT = is('who.acting-for', 'corp/ada')
  test.each([
    { note: 'nothing says so', who: EDITOR, leaves: 1 },
    { note: 'the only part says so', who: AGENT, leaves: 1 },
    { note: 'one of all says so', who: all(EDITOR, AGENT), leaves: 1 },
    { note: 'one of all says so, beside a choice', who: all(any(AGENT, EDITOR), ADAS_AGENT), leaves: 2 },
    { note: 'every alternative says so', who: any(AGENT, all(EDITOR, ADAS_AGENT)), leaves: 2 },
    { note: 'one of two alternatives says so', who: any(AGENT, EDITOR), leaves: 2 },
    { note: 'not says nothing', who: not(ADAS_AGENT), leaves: 2 },
    { note: 'no alternative says anything', who: any(), leaves: 1 },
  ])('is added only where it is wanted: $note', ({ who, leaves }) => {
    const found = atomsOf(made(grant('r', { who })).parts.who).filter(({ condition }) => condition === 'who.acting-for')
    expect(found).toHaveLength(leaves)
  })

  test('says why', () => {
    expect(verdictsOf(grant('r'), { ...anonymousFacts, upgrade: 'websocket' })).toEqual([
      'who.signed-in login.required 0',
      'who.acting-for met 1',
      'what.upgrade upgrade.unsaid 0',
    ])
    expect(verdictsOf(grant('r'), { ...agentFacts, upgrade: null })).toEqual([
      'who.signed-in met 1',
      'who.acting-for acting_for.unsaid 0',
      'what.upgrade met 1',
    ])
    expect(verdictsOf(grant('r'), { ...unidentifiedFacts, upgrade: UNKNOWN })).toEqual([
      'who.signed-in identity.unknown -1 by source',
      'who.acting-for identity.unknown -1 by source',
      'what.upgrade upgrade.unknown -1 by source',
    ])
  })

  test('says what it reads', () => {
    const leaves = atomsOf(made(grant('r')).select)
    expect(
      leaves.map(({ condition, reads, ofCaller, ofAcr, negated, lapses }) => ({
        condition,
        reads,
        ofCaller,
        ofAcr,
        negated,
        lapses,
      })),
    ).toEqual([
      { condition: 'who.signed-in', reads: ['credential'], ofCaller: true, ofAcr: false, negated: false, lapses: [] },
      { condition: 'who.acting-for', reads: ['actingFor'], ofCaller: true, ofAcr: false, negated: false, lapses: [] },
      { condition: 'what.upgrade', reads: ['upgrade'], ofCaller: false, ofAcr: false, negated: false, lapses: [] },
    ])
  })
})

describe('parts', () => {
  test('hold all that is written, whatever the index has seen to', () => {
    const plan = planWith(guardrail('g', { who: EDITOR, what: is('what.path', '/tenants/**'), when: HOME, how: OFFICE }))
    const { parts } = ruleIn(plan, 'g')
    expect([parts.who, parts.what, parts.when].map((node) => atomsOf(node).map(({ condition }) => condition))).toEqual([
      ['who.role'],
      ['what.path'],
      ['circumstance.network'],
    ])
    expect(parts.what).toBe(parts.what)
  })

  test('of permits the implicit ones as well', () => {
    const { parts } = made(grant('g', { what: is('what.path', '/tenants/**') }))
    expect(
      atomsOf(parts.what)
        .map(({ condition }) => condition)
        .sort(),
    ).toEqual(['what.path', 'what.upgrade'])
  })
})

describe('the horizon', () => {
  const later = EXAMPLE_NOW + 60_000
  const FRESH = is('how.login', { 'max-age': '31m' })
  const freshUntil = EXAMPLE_NOW + 60_001
  const never_ = Number.POSITIVE_INFINITY
  const horizonOf = (parts: RuleParts, facts: Partial<Facts> = {}) =>
    made(guardrail('g', parts)).horizon?.(factsWith(facts)) ?? null

  test.each<{ note: string; parts: RuleParts; at: number | null; facts?: Partial<Facts> }>([
    { note: 'time does not touch it', parts: { how: HOME }, at: null },
    { note: 'its end', parts: { until: later }, at: later },
    { note: 'its beginning', parts: { from: later }, at: later },
    { note: 'its beginning before its end', parts: { from: later, until: later + 1 }, at: later },
    { note: 'past its beginning', parts: { from: EXAMPLE_NOW }, at: never_ },
    { note: 'past its end', parts: { until: EXAMPLE_NOW, how: FRESH }, at: never_ },
    { note: 'a condition that lapses', parts: { how: FRESH }, at: freshUntil },
    { note: 'a condition that lapses after its end', parts: { how: FRESH, until: later }, at: later },
    { note: 'a condition that lapses before its end', parts: { how: FRESH, until: later + 2 }, at: freshUntil },
    { note: 'a condition that lapses before it begins', parts: { how: FRESH, from: later + 2 }, at: later + 2 },
    {
      note: 'the first of several conditions',
      parts: { how: all(is('how.login', { 'max-age': '40m' }), FRESH, is('how.login', { 'max-age': '50m' })) },
      at: freshUntil,
    },
    {
      note: 'a condition of when',
      parts: { when: is('when.hours', { hours: '08:00-18:00' }), zone: 'Europe/Berlin' },
      at: EXAMPLE_NOW + 7 * 3_600_000,
    },
    { note: 'a condition that has nothing to lapse', parts: { how: is('how.login', { 'max-age': '5m' }) }, at: never_ },
    { note: 'another caller', parts: { who: AUDITOR, until: later }, at: never_ },
    { note: 'a caller who may be meant', parts: { who: AUDITOR, until: later }, facts: { roles: UNKNOWN }, at: later },
    ...(['who', 'what'] as const).map((place) => ({
      note: `${place} that is not met yet`,
      parts: { [place]: is('any.if', `now >= timestamp("${new Date(later).toISOString()}")`), how: HOME },
      at: later,
    })),
    {
      note: 'what is met until then no more',
      parts: { what: { not: is('any.if', `now < timestamp("${new Date(later).toISOString()}")`) }, how: HOME },
      at: later,
    },
    { note: 'another request', parts: { what: is('what.tag', 'other'), until: later }, at: never_ },
    {
      note: 'a request that may be meant',
      parts: { what: is('what.tag', 'other'), until: later },
      facts: { operation: UNKNOWN },
      at: later,
    },
  ])('$note', ({ parts, facts, at }) => expect(horizonOf(parts, facts)).toBe(at))
})

test.each([
  { note: 'what lapsed before says nothing of later', lapses: -5, at: Number.POSITIVE_INFINITY },
  { note: 'nor what lapses now', lapses: 0, at: Number.POSITIVE_INFINITY },
  { note: 'what lapses next', lapses: 1, at: EXAMPLE_NOW + 1 },
])('the horizon of a condition: $note', ({ lapses, at }) => {
  const lapsing = conditionFor({
    key: 'lapsing',
    place: 'how',
    reads: ['now'],
    reasons: {},
    compile: (_spec, _scope, say) => {
      const met = say('met')
      return () => met
    },
    lapses: () => (facts) => facts.now + lapses,
  })
  const plan = planOfImage(imageWith(guardrail('g', { how: is('how.lapsing', 'on') })), [lapsing])
  expect(ruleIn(plan, 'g').horizon?.(exampleFacts)).toBe(at)
})

describe('a rule that the index leads to', () => {
  const path = (...patterns: readonly string[]) => is('what.path', patterns)

  test.each([
    { note: 'no path', what: null, whole: false },
    { note: 'one path as spelled', what: path('/a'), whole: true },
    { note: 'a path that any spelling leads to', what: path('/*/**'), whole: false },
    { note: 'several paths', what: path('/a', '/b'), whole: false },
    { note: 'something to be tested beside', what: all(path('/a'), is('what.tag', 'money')), whole: false },
  ])('has a whole form for other spellings: $note', ({ what, whole }) => {
    expect(made(guardrail('g', { what })).whole !== null).toBe(whole)
  })

  test('the whole form is made once, is the same rule and tests the path', () => {
    const rule = made(guardrail('g', { what: path('/a'), until: EXAMPLE_NOW + 1, how: HOME }))
    const whole = rule.whole?.() as PlanRule
    expect(rule.whole?.()).toBe(whole)
    expect(whole).toMatchObject({ id: rule.id, name: 'g', how: rule.how, until: rule.until, whole: null })
    expect([rule.select.tri(exampleFacts), whole.select.tri(exampleFacts)]).toEqual([1, 0])
    expect([rule.horizon?.(exampleFacts), whole.horizon?.(exampleFacts)]).toEqual([EXAMPLE_NOW + 1, Number.POSITIVE_INFINITY])
  })

  test.each([
    { note: 'once', parts: { what: path('/a'), who: EDITOR }, repeated: false },
    { note: 'by several paths', parts: { what: path('/a', '/b') }, repeated: true },
    { note: 'by several names', parts: { who: is('who.role', ['editor', 'auditor']) }, repeated: true },
    { note: 'by one name', parts: { who: is('who.role', ['editor']) }, repeated: false },
  ])('knows whether several places lead to it: $note', ({ parts, repeated }) => {
    expect(made(grant('g', parts)).repeated).toBe(repeated)
  })

  test('is compiled with its path only where somebody asks for it', () => {
    const compiled: string[] = []
    const counted = (key: string) =>
      conditionFor({
        key,
        place: 'what',
        reads: ['path'],
        reasons: { 'test.unmet': { tri: 0, remedy: false, text: 'No.', help: 'Ask.' } },
        compile: (_spec, _scope, say) => {
          compiled.push(key)
          const unmet = say('test.unmet')
          return () => unmet
        },
        index: () => ({ paths: ['/a'], exact: key === 'spelled' ? 'as-spelled' : key === 'seen-to' }),
      })
    const rules = ['spelled', 'seen-to', 'tested'].map((key) => guardrail(key, { what: is(`what.${key}`, 'on') }))
    const plan = planOfImage(imageWith(...rules), ['spelled', 'seen-to', 'tested'].map(counted))
    expect(compiled).toEqual(['tested'])
    expect(ruleIn(plan, 'spelled').whole?.().select.tri(exampleFacts)).toBe(0)
    expect([ruleIn(plan, 'spelled'), ruleIn(plan, 'seen-to')].map(({ parts }) => parts.what.tri(exampleFacts))).toEqual([0, 0])
    expect(compiled).toEqual(['tested', 'spelled', 'seen-to'])
  })
})
