import { describe, expect, test } from 'vitest'
import {
  all,
  any,
  AUDITOR,
  EDITOR,
  exception,
  factsWith,
  grant,
  guardrail,
  HARDWARE,
  HOME,
  is,
  never,
  not,
  OFFICE,
  planWith,
  publicEntry,
  ruleIn,
  tellReasons,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { Formula, RuleImage } from '../model/policy-image.ts'
import type { Reason } from '../model/reason.ts'
import { anonymousFacts, EXAMPLE_NOW, exampleFacts, unidentifiedFacts } from '../testing/example-facts.ts'
import { decide } from './decide.ts'
import { MOST_REASONS, sortReasons, verdictsAgainst } from './reasons.ts'

describe('sorting', () => {
  const sorted: readonly Reason[] = [
    { code: 'a', rule: 'r' },
    { code: 'a', rule: 'r', condition: 'c' },
    { code: 'a', rule: 's', condition: 'b' },
    { code: 'b' },
    { code: 'b', condition: 'c' },
    { code: 'b', rule: 'a' },
  ]

  test('by code, rule and condition, what is missing first', () => {
    expect(sortReasons(sorted.toReversed())).toEqual(sorted)
    expect(sortReasons(sorted)).toEqual(sorted)
  })

  test('each once', () => expect(sortReasons([...sorted, ...sorted.toReversed()])).toEqual(sorted))

  test('the first sixteen', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ code: `c${String(i).padStart(2, '0')}` }))
    expect(sortReasons(many.toReversed())).toEqual(many.slice(0, 16))
    expect(MOST_REASONS).toBe(16)
  })

  test('nothing', () => expect(sortReasons([])).toEqual([]))
})

describe('verdicts against a formula', () => {
  const against = (how: Formula, facts: Partial<Facts> = {}) =>
    verdictsAgainst(ruleIn(planWith(guardrail('g', { how })), 'g').how, factsWith(facts)).map(({ code }) => code)

  test.each([
    { note: 'a leaf that is met', how: HOME, codes: [] },
    { note: 'a leaf that is not', how: OFFICE, codes: ['network.outside'] },
    { note: 'every leaf of what is not met', how: all(OFFICE, AUDITOR, HOME), codes: ['network.outside', 'role.other'] },
    { note: 'no leaf of what is met', how: any(OFFICE, HOME), codes: [] },
    { note: 'nested', how: all(any(OFFICE, AUDITOR), any(OFFICE, HOME)), codes: ['network.outside', 'role.other'] },
    { note: 'a leaf under not', how: not(HOME), codes: ['condition.excluded'] },
    { note: 'never', how: never, codes: ['guardrail.never'] },
    { note: 'no alternative at all', how: any(), codes: [] },
  ])('$note', ({ how, codes }) => expect(against(how)).toEqual(codes))

  test('one that is unknown counts', () =>
    expect(against(any(OFFICE, AUDITOR), { address: UNKNOWN })).toEqual(['network.unknown', 'role.other']))
})

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: Partial<Facts>
  readonly reasons: readonly string[]
}

const run = ({ rules, facts, reasons }: Row) =>
  expect(tellReasons(decide(planWith(...rules), [factsWith(facts)]))).toEqual(reasons)
const use = grant('use')

describe('what a caller with a credential is told', () => {
  test.each<Row>([
    { note: 'no grant is about the caller', rules: [grant('use', { who: AUDITOR })], reasons: ['grant.none'] },
    { note: 'a demand of a grant', rules: [grant('use', { how: HARDWARE })], reasons: ['mfa.too_weak use how.mfa'] },
    {
      note: 'demands of all grants that are about the caller',
      rules: [grant('b', { how: OFFICE }), grant('a', { how: HARDWARE }), grant('c', { who: AUDITOR, how: OFFICE })],
      reasons: ['mfa.too_weak a how.mfa', 'network.outside b circumstance.network'],
    },
    {
      note: 'what is unknown of who a grant is for',
      rules: [grant('use', { who: AUDITOR, how: OFFICE })],
      facts: { roles: UNKNOWN },
      reasons: ['network.outside use circumstance.network', 'role.unknown use who.role'],
    },
    {
      note: 'nothing of grants out of life',
      rules: [grant('use', { how: OFFICE, until: EXAMPLE_NOW })],
      reasons: ['grant.none'],
    },
    {
      note: 'a grant that asks nothing it has not, without reasons',
      rules: [grant('use', { how: any() })],
      reasons: ['grant.none'],
    },
    {
      note: 'a guardrail',
      rules: [use, guardrail('guard', { how: OFFICE })],
      reasons: ['network.outside guard circumstance.network'],
    },
    {
      note: 'a guardrail and grants that do not permit',
      rules: [grant('use', { how: HARDWARE }), guardrail('guard', { how: never })],
      reasons: ['guardrail.never guard how.never', 'mfa.too_weak use how.mfa'],
    },
    {
      note: 'no grant that does not permit where another does',
      rules: [use, grant('other', { how: HARDWARE }), guardrail('guard', { how: OFFICE })],
      reasons: ['network.outside guard circumstance.network'],
    },
    {
      note: 'no guardrail that is met, about others, waived or out of life',
      rules: [
        guardrail('a', { how: HOME }),
        guardrail('b', { who: AUDITOR, how: OFFICE }),
        guardrail('c', { how: OFFICE }),
        exception('exempt', { names: ['c'] }),
        guardrail('d', { how: OFFICE, until: EXAMPLE_NOW }),
      ],
      reasons: ['grant.none'],
    },
    {
      note: 'a guardrail that may be about the caller: why',
      rules: [use, guardrail('guard', { who: AUDITOR, how: OFFICE })],
      facts: { roles: UNKNOWN },
      reasons: ['network.outside guard circumstance.network', 'role.unknown guard who.role'],
    },
    {
      note: 'nothing of a guardrail that may be about the caller and is met',
      rules: [guardrail('guard', { who: AUDITOR, how: HOME })],
      facts: { roles: UNKNOWN },
      reasons: ['grant.none'],
    },
    {
      note: 'a public entry counts like a grant',
      rules: [publicEntry('home', { how: OFFICE })],
      reasons: ['network.outside home circumstance.network'],
    },
  ])('$note', run)
})

describe('what an anonymous caller is told', () => {
  const anonymous = anonymousFacts
  test.each<Row>([
    { note: 'to sign in', rules: [], facts: anonymous, reasons: ['login.required'] },
    { note: 'nothing of grants', rules: [grant('use', { how: HARDWARE })], facts: anonymous, reasons: ['login.required'] },
    {
      note: 'nothing of public entries',
      rules: [publicEntry('home', { how: OFFICE })],
      facts: anonymous,
      reasons: ['login.required'],
    },
    {
      note: 'what a guardrail asks of whoever signs in',
      rules: [guardrail('guard', { how: HARDWARE })],
      facts: anonymous,
      reasons: ['login.required', 'mfa.missing guard how.mfa'],
    },
    {
      note: 'only why, where no login helps',
      rules: [guardrail('guard', { how: never })],
      facts: anonymous,
      reasons: ['guardrail.never guard how.never'],
    },
    {
      note: 'nothing of guardrails that may be about others, are met, waived for some, or out of life',
      rules: [
        guardrail('a', { who: AUDITOR, how: never }),
        guardrail('b', { how: HOME }),
        guardrail('c', { how: never }),
        exception('exempt', { names: ['c'] }),
        guardrail('d', { how: never, until: EXAMPLE_NOW }),
      ],
      facts: anonymous,
      reasons: ['login.required'],
    },
    {
      note: 'a guardrail whose exception is out of life',
      rules: [guardrail('guard', { how: never }), exception('exempt', { names: ['guard'], until: EXAMPLE_NOW })],
      facts: anonymous,
      reasons: ['guardrail.never guard how.never'],
    },
    {
      note: 'a guardrail that is unknown',
      rules: [guardrail('guard', { how: OFFICE })],
      facts: { ...anonymous, address: UNKNOWN },
      reasons: ['login.required', 'network.unknown guard circumstance.network'],
    },
    {
      note: 'where no credential is accepted: guardrails and public entries, nothing of grants',
      rules: [guardrail('guard', { how: never }), grant('use', { how: HARDWARE }), publicEntry('home', { how: OFFICE })],
      facts: { ...anonymous, service: 'nowhere' },
      reasons: ['guardrail.never guard how.never', 'network.outside home circumstance.network'],
    },
    {
      note: 'where no credential is accepted and nothing is public',
      rules: [grant('use', { how: HARDWARE })],
      facts: { ...anonymous, service: 'nowhere' },
      reasons: ['grant.none'],
    },
  ])('$note', run)
})

describe('what is told while nobody knows who calls', () => {
  test.each<Row>([
    {
      note: 'a final refusal: the guardrails alone',
      rules: [grant('use', { how: HARDWARE }), guardrail('guard', { how: never })],
      facts: unidentifiedFacts,
      reasons: ['guardrail.never guard how.never'],
    },
    {
      note: 'another refusal: all of it',
      rules: [grant('use', { how: HARDWARE })],
      facts: unidentifiedFacts,
      reasons: ['identity.unknown use who.acting-for', 'identity.unknown use who.signed-in', 'mfa.unknown use how.mfa'],
    },
  ])('$note', run)

  test('a refusal of which one judgement knows who calls tells all of it', () => {
    const plan = planWith(guardrail('guard', { how: never }))
    expect(tellReasons(decide(plan, [unidentifiedFacts, unidentifiedFacts]))).toEqual(['guardrail.never guard how.never'])
    expect(tellReasons(decide(plan, [unidentifiedFacts, exampleFacts]))).toEqual([
      'grant.none',
      'guardrail.never guard how.never',
    ])
  })
})

test('reasons of several judgements are those of the ones that are refused', () => {
  const plan = planWith(grant('use', { who: EDITOR }))
  expect(tellReasons(decide(plan, [exampleFacts, factsWith({ roles: null })]))).toEqual(['grant.none'])
  expect(tellReasons(decide(plan, [exampleFacts, factsWith({ roles: UNKNOWN })]))).toEqual(['role.unknown use who.role'])
})

test('nothing is told of a judgement that is allowed to nobody in particular, whatever keeps its caller out', () => {
  const post = is('what.method', 'POST')
  const plan = planWith(publicEntry('home', { what: post }), guardrail('people', { what: post, who: EDITOR, how: never }))
  expect(tellReasons(decide(plan, [exampleFacts, factsWith({ method: 'GET' })]))).toEqual(['grant.none'])
})
