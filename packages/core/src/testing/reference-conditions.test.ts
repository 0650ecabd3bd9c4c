import { describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import type { Spec } from '../model/condition.ts'
import type { Facts } from '../model/fact.ts'
import { compileCondition } from '../model/say.ts'
import {
  agentFacts,
  anonymousFacts,
  exampleFacts,
  exampleScope,
  keyFacts,
  sessionFacts,
  unidentifiedFacts,
  workloadFacts,
} from './example-facts.ts'
import { JUDGES } from './reference-conditions.ts'

const callers: readonly Facts[] = [
  exampleFacts,
  sessionFacts,
  anonymousFacts,
  unidentifiedFacts,
  workloadFacts,
  keyFacts,
  agentFacts,
]

/** Specs that compare with a captured `$name` need a path; the comparison over random policies has them. */
const isPlain = (spec: Spec) => !/\$|captures\./.test(JSON.stringify(spec))

describe.each(CONDITIONS.map((condition) => [`${condition.place}.${condition.key}`, condition] as const))(
  'both tellings of %s',
  (id, condition) => {
    const { accepted, met, unmet, absent, unknown } = condition.examples
    const changes: readonly Partial<Facts>[] = [met, unmet, absent ?? {}, unknown ?? {}]

    it.each(accepted.filter(isPlain))('agree on %j, over the examples of the condition', (spec) => {
      const compiled = compileCondition(condition, spec, exampleScope)
      const { image, zone } = exampleScope
      for (const facts of callers.flatMap((caller) => changes.map((changed) => ({ ...caller, ...changed })))) {
        const told = JUDGES[id]?.(spec, { facts, image, zone, captured: () => undefined })
        expect(told?.code).toBe(compiled(facts).code)
        expect(told?.tri).toBe(compiled(facts).tri)
      }
    })
  },
)
