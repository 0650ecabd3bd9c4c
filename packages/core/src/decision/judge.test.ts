import { describe, expect, test } from 'vitest'
import {
  AUDITOR,
  EDITOR,
  exception,
  factsWith,
  grant,
  guardrail,
  HOME,
  is,
  never,
  OFFICE,
  planWith,
  publicEntry,
  ruleIn,
  tell,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage } from '../model/policy-image.ts'
import { anonymousFacts, EXAMPLE_NOW, exampleFacts, unidentifiedFacts } from '../testing/example-facts.ts'
import { decide } from './decide.ts'
import { waiversOf } from './judge.ts'

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: Partial<Facts>
  readonly gives: string
}

const dead = { until: EXAMPLE_NOW }

const run = ({ rules, facts, gives }: Row) => expect(tell(decide(planWith(...rules), [factsWith(facts)]))).toBe(gives)

describe('the first by name', () => {
  test('of rules that are found at different places', () => {
    const plan = planWith(grant('b'), grant('a', { what: is('what.path', '/tenants/**') }), grant('c'))
    expect(tell(decide(plan, [exampleFacts]))).toBe('allow a')
  })
})

describe('public entries', () => {
  test.each<Row>([
    { note: 'anonymous', rules: [publicEntry('home')], facts: anonymousFacts, gives: 'allow home public' },
    { note: 'with a credential', rules: [publicEntry('home')], gives: 'allow home public' },
    {
      note: 'a grant named before is told, and it is public all the same',
      rules: [publicEntry('home'), grant('early')],
      gives: 'allow early public',
    },
    {
      note: 'for an anonymous caller only public entries count',
      rules: [publicEntry('home'), grant('early')],
      facts: anonymousFacts,
      gives: 'allow home public',
    },
    {
      note: 'a public entry that is not met leaves a grant private',
      rules: [publicEntry('home', { how: OFFICE }), grant('use')],
      gives: 'allow use',
    },
    {
      note: 'a guardrail that only the credential meets leaves it private',
      rules: [publicEntry('home'), grant('use'), guardrail('editors', { how: EDITOR })],
      gives: 'allow home',
    },
    {
      note: 'a guardrail that holds up the credential alone: as anybody',
      rules: [publicEntry('home'), guardrail('no-editors', { who: EDITOR, how: never })],
      gives: 'allow home public',
    },
    {
      note: 'who calls is not known',
      rules: [publicEntry('home'), guardrail('no-editors', { who: EDITOR, how: never })],
      facts: unidentifiedFacts,
      gives: 'allow home public',
    },
    {
      note: 'a guardrail for everybody',
      rules: [publicEntry('home'), guardrail('closed', { how: never })],
      gives: 'deny forbidden',
    },
    {
      note: 'the first by name, of public entries',
      rules: [publicEntry('b'), publicEntry('a')],
      facts: anonymousFacts,
      gives: 'allow a public',
    },
    {
      note: 'a later entry where the first is not met',
      rules: [publicEntry('a', { how: OFFICE }), publicEntry('b')],
      facts: anonymousFacts,
      gives: 'allow b public',
    },
  ])('$note', run)
})

describe('guardrails and exceptions', () => {
  const MET = guardrail('guard', { how: HOME })
  const UNMET = guardrail('guard', { how: OFFICE })
  const use = grant('use')
  test.each<Row>([
    { note: 'a guardrail that is met', rules: [use, MET], gives: 'allow use' },
    { note: 'a guardrail that is not', rules: [use, UNMET], gives: 'deny forbidden' },
    { note: 'one of two', rules: [use, MET, guardrail('other', { how: OFFICE })], gives: 'deny forbidden' },
    { note: 'a guardrail about others', rules: [use, guardrail('guard', { who: AUDITOR, how: never })], gives: 'allow use' },
    { note: 'a guardrail out of life', rules: [use, guardrail('guard', { how: never, ...dead })], gives: 'allow use' },
    {
      note: 'a guardrail not known to leave it alone',
      rules: [use, guardrail('guard', { who: AUDITOR, how: never })],
      facts: { roles: UNKNOWN },
      gives: 'deny unavailable',
    },
    { note: 'a guardrail not known to be met', rules: [use, UNMET], facts: { address: UNKNOWN }, gives: 'deny unavailable' },
    { note: 'waived', rules: [use, UNMET, exception('exempt', { names: ['guard'] })], gives: 'allow use by exempt' },
    { note: 'not needed', rules: [use, MET, exception('exempt', { names: ['guard'] })], gives: 'allow use' },
    {
      note: 'about another guardrail',
      rules: [use, UNMET, guardrail('other', { how: HOME }), exception('exempt', { names: ['other'] })],
      gives: 'deny forbidden',
    },
    {
      note: 'naming what is not there',
      rules: [use, UNMET, exception('exempt', { names: ['nowhere'] })],
      gives: 'deny forbidden',
    },
    { note: 'for others', rules: [use, UNMET, exception('exempt', { names: ['guard'], who: AUDITOR })], gives: 'deny forbidden' },
    {
      note: 'not known to be for them',
      rules: [use, UNMET, exception('exempt', { names: ['guard'], who: AUDITOR })],
      facts: { roles: UNKNOWN },
      gives: 'deny unavailable',
    },
    {
      note: 'whose own demand is not met',
      rules: [use, UNMET, exception('exempt', { names: ['guard'], how: AUDITOR })],
      gives: 'deny forbidden',
    },
    { note: 'out of life', rules: [use, UNMET, exception('exempt', { names: ['guard'], ...dead })], gives: 'deny forbidden' },
    {
      note: 'several, each told, sorted',
      rules: [
        use,
        UNMET,
        guardrail('also', { how: never }),
        exception('z', { names: ['guard', 'also'] }),
        exception('a', { names: ['guard'] }),
      ],
      gives: 'allow use by a,z',
    },
    { note: 'waived without a grant', rules: [UNMET, exception('exempt', { names: ['guard'] })], gives: 'deny forbidden' },
    {
      note: 'never for an anonymous caller',
      rules: [publicEntry('home'), UNMET, exception('exempt', { names: ['guard'] })],
      facts: anonymousFacts,
      gives: 'challenge {"login":{"maxAge":null}}',
    },
  ])('$note', run)

  test('waivers of a guardrail: those of its exceptions that are met', () => {
    const plan = planWith(
      UNMET,
      exception('a', { names: ['guard'] }),
      exception('b', { names: ['guard'], who: AUDITOR }),
      exception('c', { names: [] }),
    )
    const exceptions = plan.rules.filter(({ kind }) => kind === 'exception')
    expect(waiversOf(ruleIn(plan, 'guard'), exceptions, exampleFacts).map(({ name }) => name)).toEqual(['a'])
    expect(waiversOf(ruleIn(plan, 'guard'), [], exampleFacts)).toEqual([])
  })

  const breakGlass = { opensFor: 1_000, alarm: 'pager', drillBy: EXAMPLE_NOW, armed: { at: 0, by: 'a@example.com' } }
  const register = { owner: 'a', approvedBy: 'b', reason: 'c', ticket: null, review: null, breakGlass }
  const glass = (name: string) => exception(name, { names: ['guard'], register })
  const ordinary = (name: string) => exception(name, { names: ['guard'], register: { ...register, breakGlass: null } })

  test.each<Row>([
    { note: 'where nothing else will do', rules: [use, UNMET, glass('x')], gives: 'allow use by x' },
    { note: 'several, where nothing else will do', rules: [use, UNMET, glass('x'), glass('y')], gives: 'allow use by x,y' },
    { note: 'not where another exception will do', rules: [use, UNMET, glass('x'), ordinary('y')], gives: 'allow use by y' },
    {
      note: 'not where others will do',
      rules: [use, UNMET, ordinary('a'), glass('x'), ordinary('y')],
      gives: 'allow use by a,y',
    },
    {
      note: 'not where one without a register will do',
      rules: [use, UNMET, glass('x'), exception('y', { names: ['guard'] })],
      gives: 'allow use by y',
    },
  ])('break-glass is used $note', run)
})
