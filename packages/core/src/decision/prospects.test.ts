import { describe, expect, test } from 'vitest'
import {
  all,
  any,
  asks,
  AUDITOR,
  conditionFor,
  EDITOR,
  exception,
  factsWith,
  FRESH,
  GOLD,
  grant,
  guardrail,
  HARDWARE,
  HOME,
  imageWith,
  is,
  never,
  not,
  OFFICE,
  planOfImage,
  planWith,
  REFUNDS,
  SILVER,
  tell,
} from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { Condition } from '../model/condition.ts'
import type { RuleImage } from '../model/policy-image.ts'
import type { Remedy } from '../model/remedy.ts'
import type { RemedyFor } from '../model/verdict.ts'
import { anonymousFacts, EXAMPLE_NOW, exampleFacts, workloadFacts } from '../testing/example-facts.ts'
import { decide } from './decide.ts'

const NEAR_MISS = is('what.path', '/Tenants/**')

const FORBIDDEN = 'deny forbidden'
const UNAVAILABLE = 'deny unavailable'
const stepUp = { level: 'hardware', maxAge: null }
const anyLogin = { maxAge: null }
const login = { maxAge: 300_000 }

interface Row {
  readonly note: string
  readonly rules: readonly RuleImage[]
  readonly facts?: Partial<Facts>
  readonly gives: string
}

const run = ({ rules, facts, gives }: Row) => expect(tell(decide(planWith(...rules), [factsWith(facts)]))).toBe(gives)
const rows = (...table: readonly Row[]) => test.each<Row>(table)('$note', run)
const use = grant('use')

describe('what a caller can do about a grant', () => {
  rows(
    { note: 'one demand', rules: [grant('use', { how: HARDWARE })], gives: asks({ stepUp }) },
    {
      note: 'all of several',
      rules: [grant('use', { how: all(HARDWARE, FRESH, REFUNDS) })],
      gives: asks({ login, stepUp, scopes: ['refunds.write'] }),
    },
    { note: 'the lightest of several', rules: [grant('use', { how: any(HARDWARE, REFUNDS, FRESH) })], gives: asks({ login }) },
    {
      note: 'any of several scopes: the first',
      rules: [grant('use', { how: is('how.scope', { any: ['b', 'a'] }) })],
      gives: asks({ scopes: ['a'] }),
    },
    {
      note: 'the lightest of several grants',
      rules: [grant('a', { how: REFUNDS }), grant('b', { how: FRESH }), grant('c', { how: HARDWARE })],
      gives: asks({ login }),
    },
    {
      note: 'only grants that are about this caller',
      rules: [grant('a', { who: AUDITOR, how: FRESH }), grant('b', { how: REFUNDS })],
      gives: asks({ scopes: ['refunds.write'] }),
    },
    { note: 'not grants out of life', rules: [grant('a', { until: EXAMPLE_NOW, how: FRESH })], gives: FORBIDDEN },
    { note: 'nothing, where one demand cannot be met', rules: [grant('use', { how: all(HARDWARE, OFFICE) })], gives: FORBIDDEN },
    {
      note: 'what is left, where one alternative cannot be met',
      rules: [grant('use', { how: any(HARDWARE, OFFICE) })],
      gives: asks({ stepUp }),
    },
    { note: 'nothing, for software', rules: [grant('use', { how: HARDWARE })], facts: workloadFacts, gives: FORBIDDEN },
    {
      note: 'scopes, for software',
      rules: [grant('use', { how: REFUNDS })],
      facts: workloadFacts,
      gives: asks({ scopes: ['refunds.write'] }),
    },
    { note: 'what is met needs no remedy', rules: [grant('use', { how: all(HOME, HARDWARE) })], gives: asks({ stepUp }) },
    {
      note: 'nobody knows whether the caller is a person',
      rules: [grant('use', { how: HARDWARE })],
      facts: { kind: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a demand that is unknown',
      rules: [grant('use', { how: HARDWARE })],
      facts: { factors: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a demand and one that is unknown',
      rules: [grant('use', { how: all(HARDWARE, OFFICE) })],
      facts: { address: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a demand or one that is unknown',
      rules: [grant('use', { how: any(HARDWARE, OFFICE) })],
      facts: { address: UNKNOWN },
      gives: asks({ stepUp }),
    },
    {
      note: 'a grant that may be about the caller',
      rules: [grant('use', { who: AUDITOR })],
      facts: { roles: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a grant that may be about the caller and asks for more',
      rules: [grant('use', { who: AUDITOR, how: FRESH })],
      facts: { roles: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a grant that one unmet part keeps away, whatever is unknown',
      rules: [grant('use', { who: all(AUDITOR, is('who.group', 'admins')) })],
      facts: { roles: UNKNOWN },
      gives: FORBIDDEN,
    },
    {
      note: 'a grant by another way, unknown',
      rules: [grant('use', { who: any(AUDITOR, is('who.group', 'admins')) })],
      facts: { roles: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a path the caller misspelt is no unknown to wait for',
      rules: [grant('use', { what: NEAR_MISS })],
      gives: FORBIDDEN,
    },
    {
      note: 'not an editor, of roles that are unknown',
      rules: [grant('use', { who: not(EDITOR) })],
      facts: { roles: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'a login for one that is unknown and one that asks more: what is known',
      rules: [grant('a', { how: OFFICE }), grant('b', { how: REFUNDS })],
      facts: { address: UNKNOWN },
      gives: asks({ scopes: ['refunds.write'] }),
    },
  )
})

describe('what a caller can do about guardrails', () => {
  rows(
    { note: 'its demand', rules: [use, guardrail('guard', { how: HARDWARE })], gives: asks({ stepUp }) },
    {
      note: 'demands of several',
      rules: [use, guardrail('a', { how: HARDWARE }), guardrail('b', { how: REFUNDS })],
      gives: asks({ stepUp, scopes: ['refunds.write'] }),
    },
    {
      note: 'its demand and that of the grant',
      rules: [grant('use', { how: FRESH }), guardrail('guard', { how: HARDWARE })],
      gives: asks({ login, stepUp }),
    },
    { note: 'nothing without a grant', rules: [guardrail('guard', { how: HARDWARE })], gives: FORBIDDEN },
    { note: 'nothing about never', rules: [grant('use', { how: FRESH }), guardrail('guard', { how: never })], gives: FORBIDDEN },
    {
      note: 'not guardrails out of life',
      rules: [grant('use', { how: FRESH }), guardrail('guard', { how: never, until: EXAMPLE_NOW })],
      gives: asks({ login }),
    },
    {
      note: 'not guardrails about others',
      rules: [grant('use', { how: FRESH }), guardrail('guard', { who: AUDITOR, how: never })],
      gives: asks({ login }),
    },
    {
      note: 'one that may be about others: its demand',
      rules: [use, guardrail('guard', { who: AUDITOR, how: HARDWARE })],
      facts: { roles: UNKNOWN },
      gives: asks({ stepUp }),
    },
    {
      note: 'one that may be about others and cannot be met',
      rules: [use, guardrail('guard', { who: AUDITOR, how: never })],
      facts: { roles: UNKNOWN },
      gives: UNAVAILABLE,
    },
    {
      note: 'one whose other part is known to leave it alone',
      rules: [grant('use', { how: FRESH }), guardrail('guard', { who: all(AUDITOR, is('who.group', 'admins')), how: never })],
      facts: { roles: UNKNOWN },
      gives: asks({ login }),
    },
    {
      note: 'a path the caller misspelt does not get past',
      rules: [use, guardrail('guard', { what: NEAR_MISS, how: never })],
      gives: FORBIDDEN,
    },
    {
      note: 'a path the caller misspelt, and a demand',
      rules: [use, guardrail('guard', { what: NEAR_MISS, how: HARDWARE })],
      gives: asks({ stepUp }),
    },
    {
      note: 'either alternative, one of them known to apply',
      rules: [use, guardrail('guard', { who: any(EDITOR, AUDITOR), how: never })],
      facts: { roles: { names: new Set(['editor']), complete: false } },
      gives: FORBIDDEN,
    },
  )
})

describe('exceptions are never a remedy', () => {
  const guard = guardrail('guard', { how: never })
  const waive = (parts: Parameters<typeof exception>[1]) => exception('exempt', { names: ['guard'], ...parts })
  rows(
    { note: 'its own demand is not offered', rules: [use, guard, waive({ how: HARDWARE })], gives: FORBIDDEN },
    {
      note: 'its own demand does not stand in the way where it is met',
      rules: [grant('use', { how: FRESH }), guard, waive({ how: HOME })],
      gives: asks({ login }),
    },
    { note: 'it may come to waive', rules: [use, guard, waive({ who: AUDITOR })], facts: { roles: UNKNOWN }, gives: UNAVAILABLE },
    {
      note: 'its own demand may come to be met',
      rules: [use, guard, waive({ how: OFFICE })],
      facts: { address: UNKNOWN },
      gives: UNAVAILABLE,
    },
    { note: 'it is about others', rules: [use, guard, waive({ who: AUDITOR })], gives: FORBIDDEN },
    {
      note: 'it is about others, and its demand is met',
      rules: [grant('use', { how: FRESH }), guard, waive({ who: AUDITOR, how: HOME })],
      gives: FORBIDDEN,
    },
    { note: 'out of life', rules: [grant('use', { how: FRESH }), guard, waive({ until: EXAMPLE_NOW })], gives: FORBIDDEN },
    {
      note: 'of another guardrail',
      rules: [grant('use', { how: FRESH }), guard, exception('exempt', { names: [] })],
      gives: FORBIDDEN,
    },
    {
      note: 'one way past of several',
      rules: [grant('use', { how: FRESH }), guardrail('guard', { how: HARDWARE }), waive({})],
      gives: asks({ login }),
    },
  )
})

describe('the class of the present login', () => {
  const ladder = is('how.acr', ['silver', 'gold'])
  rows(
    {
      note: 'another class where nothing needs the present one',
      rules: [grant('use', { how: GOLD })],
      gives: asks({ acr: ['gold'] }),
    },
    {
      note: 'not where a guardrail is met by the present one alone',
      rules: [grant('use', { how: GOLD }), guardrail('guard', { how: SILVER })],
      gives: FORBIDDEN,
    },
    {
      note: 'one that serves both',
      rules: [grant('use', { how: is('how.acr', ['platinum', 'gold']) }), guardrail('guard', { how: ladder })],
      gives: asks({ acr: ['gold'] }),
    },
    {
      note: 'nor where an exception is met by it alone',
      rules: [
        grant('use', { how: GOLD }),
        guardrail('guard', { how: never }),
        exception('exempt', { names: ['guard'], how: SILVER }),
      ],
      gives: FORBIDDEN,
    },
    {
      note: 'a remedy that is no login undoes nothing',
      rules: [grant('use', { how: REFUNDS }), guardrail('guard', { how: SILVER })],
      gives: asks({ scopes: ['refunds.write'] }),
    },
    {
      note: 'a caller of whom it is not known whether a login can be had',
      rules: [grant('use', { how: REFUNDS }), guardrail('guard', { how: SILVER })],
      facts: { kind: UNKNOWN },
      gives: asks({ scopes: ['refunds.write'] }),
    },
    {
      note: 'two grants, one of which keeps it',
      rules: [grant('a', { how: all(SILVER, REFUNDS) }), grant('b', { how: REFUNDS })],
      gives: asks({ scopes: ['refunds.write'] }),
    },
  )
})

describe('conditions of other kinds than those of the catalogue', () => {
  const text = { text: 'No.', help: 'Ask.' }
  const reasons = {
    'test.unmet': { tri: 0, remedy: true, ...text },
    'test.unknown': { tri: -1, remedy: false, ...text },
    'test.open': { tri: -1, by: 'caller', remedy: false, ...text },
  } as const
  const tellWith = (condition: Condition, rules: readonly RuleImage[], facts: Facts) =>
    tell(decide(planOfImage(imageWith(...rules), [condition]), [facts]))

  /** Met by any class of login. */
  const someClass = (offers: Remedy | typeof UNKNOWN) =>
    conditionFor({
      place: 'how',
      key: 'some-class',
      reads: ['acr'],
      reasons,
      compile: (_spec, _scope, say) => {
        const [met, unmet] = [say('met'), say('test.unmet', () => offers)]
        return ({ acr }) => (acr === null ? unmet : met)
      },
    })
  const guard = guardrail('guard', { how: is('how.some-class', 'on') })

  test.each([
    { note: 'any login would do', offers: { login: anyLogin }, how: GOLD, gives: asks({ acr: ['gold'] }) },
    { note: 'what would do is unknown', offers: UNKNOWN, how: GOLD, gives: asks({ acr: ['gold'] }) },
    { note: 'another class would do', offers: { acr: ['silver'] }, how: GOLD, gives: FORBIDDEN },
    {
      note: 'another class would do, and none is asked',
      offers: { acr: ['silver'] },
      how: REFUNDS,
      gives: asks({ scopes: ['refunds.write'] }),
    },
  ] as const)('a login of another class, where $note', ({ offers, how, gives }) => {
    expect(tellWith(someClass(offers), [grant('use', { how }), guard], exampleFacts)).toBe(gives)
  })

  test('what it offers is asked beside the rest', () => {
    const rules = [grant('use', { how: REFUNDS }), guard]
    expect(tellWith(someClass({ login: anyLogin }), rules, factsWith({ acr: null }))).toBe(
      asks({ login: anyLogin, scopes: ['refunds.write'] }),
    )
  })

  const SCOPED = { scopes: ['a'] }
  const LEVEL = { stepUp: { level: 'any', maxAge: null } } as const

  /** Met unless nobody calls; what it offers to a person with a login. */
  const anybodyBut = (offers: readonly Remedy[], whenUnknown: 'met' | keyof typeof reasons) =>
    conditionFor({
      place: 'circumstance',
      key: 'somebody',
      reads: ['user'],
      reasons,
      compile: (_spec, _scope, say) => {
        const remedy: RemedyFor = ({ kind, credential }) => (kind === 'human' && credential === 'jwt' ? offers : null)
        const [met, unmet, unknown] = [say('met'), say('test.unmet', remedy), say(whenUnknown)]
        return ({ user }) => {
          if (user === UNKNOWN) return unknown
          return user === null ? unmet : met
        }
      },
    })
  const rules = [guardrail('guard', { how: is('circumstance.somebody', 'on') })]

  test.each([
    { note: 'what it offers a person', offers: [LEVEL], whenUnknown: 'test.unknown', gives: asks({ login: anyLogin, ...LEVEL }) },
    { note: 'nothing where whoever signs in meets it', offers: [LEVEL], whenUnknown: 'met', gives: asks({ login: anyLogin }) },
    { note: 'nothing where it offers nothing', offers: [], whenUnknown: 'test.unknown', gives: asks({ login: anyLogin }) },
    {
      note: 'nothing where one alternative is a scope',
      offers: [LEVEL, SCOPED],
      whenUnknown: 'test.unknown',
      gives: asks({ login: anyLogin }),
    },
    {
      note: 'the lightest of what it offers',
      offers: [LEVEL, { login: { maxAge: 5 } }],
      whenUnknown: 'test.unknown',
      gives: asks({ login: { maxAge: 5 } }),
    },
    { note: 'nothing where whoever signs in does not meet it', offers: [LEVEL], whenUnknown: 'test.unmet', gives: FORBIDDEN },
    { note: 'nothing where the caller left it open', offers: [LEVEL], whenUnknown: 'test.open', gives: FORBIDDEN },
  ] as const)('an anonymous caller is told $note', ({ offers, whenUnknown, gives }) => {
    expect(tellWith(anybodyBut(offers, whenUnknown), rules, anonymousFacts)).toBe(gives)
  })
})
