import fc from 'fast-check'
import { expect, test } from 'vitest'
import { any, grant, is } from '../../../../test/support/small-policy.ts'
import type { Spec } from '../model/condition.ts'
import { CREDENTIAL_KINDS, type Facts, FACTS_OF_KIND, UNKNOWN } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { createScopeLattice } from '../model/scope-lattice.ts'
import { arbitraryPair } from '../testing/arbitrary-cases.ts'
import { planOf } from '../testing/compare-decision.ts'
import { decide } from './decide.ts'

const SCOPES = ['charges.read', 'charges.write', 'refunds.write', 'charges.*', 'refunds.*', '*', 'notes.read']
const scopes = fc.subarray(SCOPES)

/** The same request by a key that carries these, or by whoever made it before. */
const carrying = (facts: Facts, held: ReadonlySet<string>, isKey: boolean): Facts =>
  isKey
    ? { ...facts, ...FACTS_OF_KIND['api-key'], workload: 'balustrade/reporter', scopes: held }
    : { ...facts, scopes: facts.scopes === null || facts.scopes === UNKNOWN ? facts.scopes : held }

const NAMES: readonly Spec[] = [
  'charges.read',
  { all: ['charges.read', 'refunds.write'] },
  { any: ['charges.write', 'notes.read'] },
]
const DEMANDS: readonly Spec[] = [...NAMES, 'charges.*', { any: ['charges.write', '*'] }]

/** With a grant to every caller who carries a scope, beside the rules of the policy or alone. */
const demanding = (specs: readonly Spec[]) =>
  fc
    .tuple(arbitraryPair, fc.constantFrom<Spec>(...specs), fc.boolean())
    .map(([[image, facts], spec, isAlone]): readonly [PolicyImage, Facts] => {
      const what = any(is('what.path', '/**'), is('what.upgrade', 'websocket'))
      const scoped = grant('scoped', { who: is('circumstance.credential', CREDENTIAL_KINDS), what, how: is('how.scope', spec) })
      return [{ ...image, rules: isAlone ? [scoped] : [...image.rules, scoped] }, facts]
    })

const outcomeOf = (image: PolicyImage, facts: Facts): string => decide(planOf(image), [facts]).outcome

test('property: a key, or a token, that carries less is allowed no more, whatever wildcards are declared', () => {
  let allowed = 0
  let told = 0
  fc.assert(
    fc.property(
      demanding(DEMANDS),
      fc.tuple(scopes, scopes, scopes),
      fc.boolean(),
      ([image, facts], [declared, some, others], isKey) => {
        const { expand } = createScopeLattice(declared)
        const [less, more] = [expand(some), expand([...some, ...others])].map((held) =>
          outcomeOf(image, carrying(facts, held, isKey)),
        )
        if (less === 'allow') expect(more).toBe('allow')
        if (more === 'allow') allowed++
        if (more !== less) told++
      },
    ),
    { numRuns: 2_000 },
  )
  expect([allowed > 100, told > 10]).toEqual([true, true])
})

test('property: a wildcard that is not declared allows nothing', () => {
  fc.assert(
    fc.property(demanding(NAMES), scopes, fc.boolean(), ([image, facts], some, isKey) => {
      const names = some.filter((scope) => !scope.includes('*'))
      const { expand } = createScopeLattice(SCOPES.filter((scope) => !scope.includes('*')))
      const [without, with_] = [names, [...names, '*', 'charges.*']].map((held) =>
        outcomeOf(image, carrying(facts, expand(held), isKey)),
      )
      expect(with_).toBe(without)
    }),
    { numRuns: 1_000 },
  )
})
