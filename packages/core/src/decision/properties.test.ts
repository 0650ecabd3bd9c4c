import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { any, grant, is } from '../../../../test/support/small-policy.ts'
import { ANONYMOUS, CREDENTIAL_KINDS, type Facts, UNIDENTIFIED, UNKNOWN } from '../model/fact.ts'
import type { Formula, PolicyImage, RuleImage } from '../model/policy-image.ts'
import { arbitraryCase, arbitraryPair, obscuredPair } from '../testing/arbitrary-cases.ts'
import { arbitraryFacts } from '../testing/arbitrary-facts.ts'
import { arbitraryBase, arbitraryRule } from '../testing/arbitrary-images.ts'
import { obscured, type Obscure } from '../testing/arbitrary-obscured.ts'
import { planOf } from '../testing/compare-decision.ts'
import { attemptsFor, attemptsOf, perform } from '../testing/reference-remedies.ts'
import { decide } from './decide.ts'

const RUNS = { numRuns: 500 }

const holds = <T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  predicate: (...values: T) => void,
) =>
  fc.assert(
    fc.property(...arbitraries, (...values: T) => predicate(...values)),
    RUNS,
  )

const outcomeOf = (image: PolicyImage, facts: Facts) => decide(planOf(image), [facts]).outcome

const allowsNoMore = ([image, { facts, less }]: readonly [PolicyImage, Obscure]) => {
  if (outcomeOf(image, less) === 'allow') expect(outcomeOf(image, facts)).toBe('allow')
}

const withRules = (image: PolicyImage, rules: readonly RuleImage[]): PolicyImage => ({ ...image, rules })

const PERMIT_ALL = grant('everyone', {
  who: any(is('circumstance.credential', CREDENTIAL_KINDS), is('who.acting-for', 'anyone')),
  what: any(is('what.path', '/**'), is('what.upgrade', 'websocket')),
})

const mentions = (formula: Formula | null, id: RegExp): boolean => {
  if (formula === null) return false
  if ('not' in formula) return mentions(formula.not, id)
  if ('all' in formula) return formula.all.some((part) => mentions(part, id))
  if ('any' in formula) return formula.any.some((part) => mentions(part, id))
  return 'is' in formula && (id.test(formula.is) || id.test(JSON.stringify(formula.spec)))
}

/** One guardrail and nothing else that could refuse. */
const alone = (guardrail: RuleImage): PolicyImage => withRules(arbitraryBase, [PERMIT_ALL, guardrail])

const flipCase = (text: string) =>
  text.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
const respell = ({ segments, trailingSlash }: Facts['path'], how: string): Facts['path'] => ({
  segments: how.includes('case') ? segments.map(flipCase) : segments,
  trailingSlash: how.includes('slash') ? !trailingSlash : trailingSlash,
})

const shuffled = <T>(values: readonly T[], seed: number): readonly T[] =>
  values
    .map((value, i) => [Math.imul(seed + i, 0x9e3779b1) >>> 0, value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value)

/** The same policy with its keys, its rules and the parts of its formulas in another order. */
const reordered = (value: unknown, seed: number, key = ''): unknown => {
  if (Array.isArray(value)) {
    const parts = value.map((part) => reordered(part, seed + 1))
    return ['all', 'any', 'rules'].includes(key) && parts.every((part) => typeof part === 'object')
      ? shuffled(parts, seed)
      : parts
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(shuffled(Object.entries(value), seed).map(([name, part]) => [name, reordered(part, seed + 1, name)]))
}

const isCaller = ({ credential, kind }: Facts) => credential !== null && credential !== UNKNOWN && kind !== UNKNOWN

/** False where the service has said that such spellings are other resources. */
const readsAlike = (service: string): boolean => {
  const routing = arbitraryBase.services[service]?.routing
  return routing !== undefined && !(routing.caseStated && routing.caseSensitive) && routing.trailingSlash !== 'distinct'
}

describe('properties of the policy language', () => {
  test('P1 only a public entry lets an anonymous caller in', () => {
    holds([arbitraryPair], ([image, facts]) => {
      const decision = decide(planOf(image), [{ ...facts, ...ANONYMOUS }])
      const named = image.rules.find(({ name }) => name === decision.rule)
      if (decision.outcome === 'allow') expect([named?.kind, decision.public]).toEqual(['public', true])
    })
  })

  test('P2 making a fact unknown never allows more', () => {
    holds([obscuredPair('one')], allowsNoMore)
  })

  test('P3 adding a guardrail never allows more', () => {
    holds([arbitraryPair, arbitraryRule('guardrail')], ([image, facts], rule) => {
      const more = withRules(image, [...image.rules, rule])
      if (outcomeOf(more, facts) === 'allow') expect(outcomeOf(image, facts)).toBe('allow')
    })
  })

  test('P4 adding a grant never allows less', () => {
    holds([arbitraryPair, arbitraryRule('grant')], ([image, facts], rule) => {
      const more = withRules(image, [...image.rules, rule])
      if (outcomeOf(image, facts) === 'allow') expect(outcomeOf(more, facts)).toBe('allow')
    })
  })

  test('P5 dropping the credential never allows more', () => {
    holds([arbitraryPair], ([image, facts]) => {
      if (outcomeOf(image, { ...facts, ...ANONYMOUS }) === 'allow') expect(outcomeOf(image, facts)).toBe('allow')
    })
  })

  test('P6 a spelling of the path that the upstream treats alike escapes no guardrail', () => {
    let refused = 0
    holds(
      [arbitraryRule('guardrail'), arbitraryFacts, fc.constantFrom('case', 'slash', 'case and slash')],
      (guardrail, facts, spelling) => {
        fc.pre(
          readsAlike(facts.service) &&
            !mentions(guardrail.how, /what\.path|\$tenant/) &&
            !mentions(guardrail.who, /\$tenant/) &&
            !mentions(guardrail.what, /\$tenant/),
        )
        const plan = planOf(alone(guardrail))
        const applies = plan.rules.find(({ name }) => name === guardrail.name)
        // Certain of this spelling: an uncertain one may be refused where the certain one is not.
        fc.pre(applies?.parts.what.tri(facts) === 1 && decide(plan, [facts]).outcome !== 'allow')
        refused++
        expect(decide(plan, [{ ...facts, path: respell(facts.path, spelling) }]).outcome).not.toBe('allow')
      },
    )
    expect(refused).toBeGreaterThan(5)
  })

  test('P7 the same request to another service, or seen by another surface, escapes no guardrail', () => {
    let refused = 0
    holds([arbitraryRule('guardrail'), arbitraryFacts, obscured('request')], (guardrail, facts, { less }) => {
      fc.pre(!mentions(guardrail.what, /what\.service/) && !mentions(guardrail.how, /what\.service/))
      const plan = planOf({
        ...alone(guardrail),
        services: { ...arbitraryBase.services, mirror: arbitraryBase.services[facts.service] as never },
      })
      if (decide(plan, [facts]).outcome === 'allow') return
      refused++
      expect(decide(plan, [{ ...facts, service: 'mirror' }]).outcome).not.toBe('allow')
      const { headers, upgrade, operation, address } = less
      const elsewhere = Object.fromEntries(
        Object.entries({ headers, upgrade, operation, address }).filter(([, value]) => value === UNKNOWN),
      )
      expect(decide(plan, [{ ...facts, ...elsewhere }]).outcome).not.toBe('allow')
    })
    expect(refused).toBeGreaterThan(5)
  })

  test('P8 the order of rules, keys and parts never changes the whole answer', () => {
    holds([arbitraryCase(1), fc.nat(1_000)], ({ image, requests: [judgements = []] }, seed) => {
      const other = reordered({ rules: image.rules }, seed) as Pick<PolicyImage, 'rules'>
      expect(decide(planOf({ ...image, ...other }), judgements)).toEqual(decide(planOf(image), judgements))
    })
  })

  test('P9 a point that sees less allows no more', () => {
    holds([obscuredPair('many')], allowsNoMore)
  })

  test('P10 a challenge keeps its promise', () => {
    let challenged = 0
    holds([arbitraryPair], ([image, facts]) => {
      const plan = planOf(image)
      const { remedy } = decide(plan, [facts])
      if (remedy === null || facts.credential === null) return
      challenged++
      for (const attempt of attemptsOf(remedy)) expect(decide(plan, [perform(facts, attempt)]).outcome).toBe('allow')
    })
    expect(challenged).toBeGreaterThan(5)
  })

  test('P11 a deny cannot be remedied', () => {
    let denied = 0
    fc.assert(
      fc.property(arbitraryPair, ([image, facts]) => {
        const plan = planOf(image)
        if (!isCaller(facts) || decide(plan, [facts]).class !== 'forbidden') return
        denied++
        const able = attemptsFor(image).filter(
          ({ login, stepUp, acr, scopes }) =>
            (facts.kind === 'human' || (login ?? stepUp ?? acr) === null) && (facts.credential === 'jwt' || scopes.length === 0),
        )
        // What an exception asks for itself is never offered: a way that leads through one is no remedy.
        const mends = (attempt: (typeof able)[number]): boolean => {
          const after = decide(plan, [perform(facts, attempt)])
          return after.outcome === 'allow' && after.exceptions.length === 0
        }
        expect(able.find(mends)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
    expect(denied).toBeGreaterThan(5)
  })

  test('P11 an anonymous deny cannot be remedied by any credential that is accepted', () => {
    let denied = 0
    holds([arbitraryPair], ([image, facts]) => {
      const plan = planOf(image)
      const accepted: readonly unknown[] = image.services[facts.service]?.credentials ?? []
      if (decide(plan, [{ ...facts, ...ANONYMOUS }]).class !== 'forbidden' || !accepted.includes(facts.credential)) return
      denied++
      expect(decide(plan, [facts]).outcome).toBe('deny')
    })
    expect(denied).toBeGreaterThan(5)
  })

  test('P12 no remedy is superfluous', () => {
    let challenged = 0
    holds([arbitraryPair], ([image, facts]) => {
      const plan = planOf(image)
      const { remedy } = decide(plan, [facts])
      if (remedy === null || facts.credential === null) return
      challenged++
      const [attempt] = attemptsOf(remedy)
      if (attempt === undefined) return
      const fewer = [
        ...(attempt.login === null ? [] : [{ ...attempt, login: null }]),
        ...(attempt.stepUp === null ? [] : [{ ...attempt, stepUp: null }]),
        ...(attempt.acr === null ? [] : [{ ...attempt, acr: null }]),
        ...attempt.scopes.map((scope) => ({ ...attempt, scopes: attempt.scopes.filter((other) => other !== scope) })),
      ]
      for (const less of fewer) expect(decide(plan, [perform(facts, less)]).outcome).not.toBe('allow')
    })
    expect(challenged).toBeGreaterThan(5)
  })

  test('P13 a deny reached while facts are unknown stays a deny for every completion', () => {
    let final = 0
    holds([obscuredPair('many'), fc.boolean()], ([image, { facts, less }], whoever) => {
      const plan = planOf(image)
      const seen = whoever ? { ...facts, ...UNIDENTIFIED } : less
      if (decide(plan, [seen]).class !== 'forbidden') return
      final++
      expect(decide(plan, [facts]).outcome).toBe('deny')
      if (whoever) expect(decide(plan, [{ ...facts, ...ANONYMOUS }]).outcome).toBe('deny')
    })
    expect(final).toBeGreaterThan(5)
  })

  test('an anonymous answer does not depend on the grants', () => {
    holds([arbitraryPair, arbitraryRule('grant')], ([image, facts], grant) => {
      const anonymous = { ...facts, ...ANONYMOUS }
      const none = withRules(
        image,
        image.rules.filter(({ kind }) => kind !== 'grant'),
      )
      const answer = decide(planOf(image), [anonymous])
      expect(decide(planOf(none), [anonymous])).toEqual(answer)
      expect(decide(planOf(withRules(image, [...image.rules, grant])), [anonymous])).toEqual(answer)
    })
  })

  test('an allow holds until the instant it names', () => {
    let lapsing = 0
    holds([arbitraryPair, fc.double({ min: 0, max: 1, noNaN: true })], ([image, facts], share) => {
      const plan = planOf(image)
      const { outcome, holdsUntil } = decide(plan, [facts])
      expect(holdsUntil).toBeGreaterThan(facts.now)
      if (outcome !== 'allow' || holdsUntil === Number.POSITIVE_INFINITY) return
      lapsing++
      const between = facts.now + Math.floor((holdsUntil - 1 - facts.now) * share)
      for (const now of [between, holdsUntil - 1]) expect(decide(plan, [{ ...facts, now }]).outcome).toBe('allow')
    })
    expect(lapsing).toBeGreaterThan(10)
  })

  test('the order of judgements never changes the whole answer, and all must allow', () => {
    holds([arbitraryPair, arbitraryFacts], ([image, one], other) => {
      const plan = planOf(image)
      const both = decide(plan, [one, other])
      expect(decide(plan, [other, one])).toEqual(both)
      const each = [one, other].map((facts) => decide(plan, [facts]).outcome)
      expect(both.outcome === 'allow').toBe(each.every((outcome) => outcome === 'allow'))
    })
  })

  test('no end of a trial allows more', () => {
    let refused = 0
    holds([arbitraryPair, fc.nat(30)], ([image, facts], which) => {
      const tried = (until: number) =>
        withRules(
          image,
          image.rules.map((rule, i) => (i === which % image.rules.length ? { ...rule, shadow: { owner: 'a', until } } : rule)),
        )
      const [during, after] = [facts.now + 1, facts.now].map((until) => outcomeOf(tried(until), facts))
      if (after === 'allow') expect(during).toBe('allow')
      if (during === 'allow' && after !== 'allow') refused++
    })
    expect(refused).toBeGreaterThan(0)
  })

  test('a trial that is over is as if shadow were removed from guardrails, and other rules with their shadow', () => {
    holds([arbitraryPair], ([image, facts]) => {
      const over = image.rules.map((rule) =>
        rule.shadow === null ? rule : { ...rule, shadow: { owner: 'a', until: facts.now } },
      )
      const plain = image.rules.flatMap((rule) => {
        if (rule.shadow === null) return [rule]
        return rule.kind === 'guardrail' ? [{ ...rule, shadow: null }] : []
      })
      const [got, expected] = [over, plain].map((rules) => decide(planOf(withRules(image, rules)), [facts]))
      expect(got).toEqual(expected)
    })
  })
})
