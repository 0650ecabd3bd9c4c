// Images of a few rules over the example image, for tests of what is made of them.
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import type { Condition, Spec } from '../../packages/core/src/model/condition.ts'
import type { Decision } from '../../packages/core/src/model/decision.ts'
import type { Facts } from '../../packages/core/src/model/fact.ts'
import type { Formula, PolicyImage, RuleImage, RuleKind } from '../../packages/core/src/model/policy-image.ts'
import { buildPlan } from '../../packages/core/src/plan/build.ts'
import type { Plan } from '../../packages/core/src/plan/plan.ts'
import type { PlanRule } from '../../packages/core/src/plan/rule.ts'
import { exampleFacts, exampleImage } from '../../packages/core/src/testing/example-facts.ts'

/** What differs from a rule that says nothing. */
export type RuleParts = Partial<Omit<RuleImage, 'kind' | 'name'>>

/** Makes rules of a kind, by name and what they say. */
export const ruleOf =
  (kind: RuleKind) =>
  (name: string, parts: RuleParts = {}): RuleImage => ({
    kind,
    name,
    at: { file: 'a.yaml', line: 1, column: 1 },
    zone: null,
    who: null,
    what: null,
    when: null,
    how: null,
    from: null,
    until: null,
    shadow: null,
    help: null,
    satisfies: [],
    names: [],
    register: null,
    ...parts,
  })

export const grant = ruleOf('grant')
export const publicEntry = ruleOf('public')
export const guardrail = ruleOf('guardrail')
export const exception = ruleOf('exception')
export const invariant = ruleOf('invariant')

/** A condition by `place.key`. */
export const is = (name: string, spec: Spec): Formula => ({ is: name, spec })
export const all = (...parts: readonly Formula[]): Formula => ({ all: parts })
export const any = (...parts: readonly Formula[]): Formula => ({ any: parts })
export const not = (part: Formula): Formula => ({ not: part })
export const never: Formula = { never: true }

/** Over the names of the example image. */
export const EDITOR = is('who.role', 'editor')
export const AUDITOR = is('who.role', 'auditor')
export const OFFICE = is('circumstance.network', 'office')
export const HOME = is('circumstance.network', 'home')
export const HARDWARE = is('how.mfa', 'hardware')
export const FRESH = is('how.login', { 'max-age': '5m' })
export const SILVER = is('how.acr', 'silver')
export const REFUNDS = is('how.scope', 'refunds.write')
export const GOLD = is('how.acr', 'gold')

export const imageWith = (...rules: readonly RuleImage[]): PolicyImage => ({ ...exampleImage, rules })

/** `more`: conditions beside those of the catalogue. */
export const planOfImage = (image: PolicyImage, more: readonly Condition[] = []): Plan =>
  buildPlan(image, { conditions: [...CONDITIONS, ...more], digest: { policy: 'sha256:small', data: 'sha256:none' } })

export const planWith = (...rules: readonly RuleImage[]): Plan => planOfImage(imageWith(...rules))

/** A rule of a plan by its name. */
export const ruleIn = (plan: Plan, name: string): PlanRule => {
  const found = plan.rules.find((rule) => rule.name === name)
  if (found === undefined) throw new Error(`the plan has no rule ${name}`)
  return found
}

/** The example facts with what differs. */
export const factsWith = (differing: Partial<Facts> = {}): Facts => ({ ...exampleFacts, ...differing })

/** A decision in a line: `allow home public`, `allow use by exempt`, `challenge {"login":…}`, `deny forbidden`. */
export const tell = ({ outcome, class: denied, rule, public: open, exceptions, remedy }: Decision): string => {
  if (outcome === 'deny') return `deny ${denied}`
  if (outcome === 'challenge') return asks(remedy)
  return `allow ${rule}${open ? ' public' : ''}${exceptions.length === 0 ? '' : ` by ${exceptions.join()}`}`
}

/** What `tell` says of a challenge with this remedy. */
export const asks = (remedy: object | null): string => `challenge ${JSON.stringify(remedy)}`

/** Reasons as `code rule condition`, what is missing left out. */
export const tellReasons = ({ reasons }: Pick<Decision, 'reasons'>): readonly string[] =>
  reasons.map(({ code, rule, condition }) => [code, rule, condition].filter((part) => part !== undefined).join(' '))

/** A condition that the catalogue does not have. */
export const conditionFor = (
  parts: Pick<Condition, 'key' | 'place' | 'reads' | 'reasons' | 'compile'> & Partial<Condition>,
): Condition => ({
  about: 'made for a test',
  schema: (kit) => kit.literal('on'),
  sentence: () => 'is made for a test',
  examples: { accepted: ['on'], refused: [], met: {}, unmet: {} },
  ...parts,
})
