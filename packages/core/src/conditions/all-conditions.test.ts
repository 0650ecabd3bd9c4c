import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CONDITIONS } from '../catalogue.ts'
import { METHODS } from '../model/access-request.ts'
import type { Condition, Spec } from '../model/condition.ts'
import { FACT_NAMES, FACTS, type Facts, UNKNOWN } from '../model/fact.ts'
import { REASONS } from '../model/reason.ts'
import { compileCondition } from '../model/say.ts'
import type { Verdict } from '../model/verdict.ts'
import {
  agentFacts,
  anonymousFacts,
  exampleFacts,
  exampleScope,
  unidentifiedFacts,
  workloadFacts,
} from '../testing/example-facts.ts'

const judge = (condition: Condition, spec: Spec, facts: Partial<Facts>): Verdict =>
  compileCondition(condition, spec, exampleScope)({ ...exampleFacts, ...facts })

/** The verdict with the remedy it offers to this very caller. */
const outcome = (condition: Condition, spec: Spec, facts: Facts) => {
  const { tri, code, by, remedy } = judge(condition, spec, facts)
  return { tri, code, by, remedy: remedy?.(facts) }
}

/** What the front end answers for a spec: the code of the schema, or those of the faults. */
const codesFor = (condition: Condition, spec: unknown): readonly string[] => {
  const parsed = condition.schema(z).safeParse(spec)
  if (!parsed.success) return ['spec.invalid']
  return condition.faults?.(parsed.data, exampleScope).map(({ code }) => code) ?? []
}

const callers: readonly Facts[] = [exampleFacts, anonymousFacts, unidentifiedFacts, workloadFacts, agentFacts]

describe.each(CONDITIONS.map((condition) => [`${condition.place}.${condition.key}`, condition] as const))(
  '%s',
  (name, condition) => {
    const { accepted, refused, met, unmet, absent, unknown } = condition.examples
    const subject = condition.key.replaceAll('-', '_')

    it.each(accepted)('accepts %j', (spec) => {
      expect(codesFor(condition, spec)).toEqual([])
      expect(condition.schema(z).parse(spec)).toEqual(spec)
      expect(() => compileCondition(condition, spec, exampleScope)).not.toThrow()
    })

    it.each(refused)('refuses $spec with $code', ({ spec, code }) => {
      expect(codesFor(condition, spec)).toContain(code)
    })

    it.each([null, undefined, {}, [], [[]], Number.NaN])('refuses %j, which means nothing anywhere', (spec) => {
      expect(codesFor(condition, spec)).toEqual(['spec.invalid'])
    })

    it('judges its examples as it says', () => {
      const spec = accepted[0] as Spec
      expect(judge(condition, spec, met)).toMatchObject({ tri: 1, code: 'met', condition: name })
      expect(judge(condition, spec, unmet)).toMatchObject({ tri: 0, condition: name })
      if (absent) expect(judge(condition, spec, absent)).toMatchObject({ tri: 0, condition: name })
      if (unknown) expect(judge(condition, spec, unknown)).toMatchObject({ tri: -1, condition: name })
    })

    it('has an example for every way its facts can be', () => {
      const partial = condition.reads.some((fact) => !FACTS[fact].total)
      if (partial) expect(unknown).toBeDefined()
      const silent = Object.values(condition.reasons).every(({ tri }) => tri === 0)
      if (silent) expect(unknown).toBeUndefined()
    })

    it.each(accepted)('says %j in words that follow others', (spec) => {
      const sentence = condition.sentence(spec)
      expect(sentence).toMatch(/\S/)
      expect(sentence).not.toMatch(/[.!]$|undefined|null|\[object/)
      expect(condition.about).toMatch(/^[A-Z].*\.$/)
    })

    it('has a schema that an editor can use', () => {
      const schema = z.toJSONSchema(condition.schema(z), { unrepresentable: 'throw' })
      expect(JSON.stringify(schema).length).toBeGreaterThan(30)
    })

    it('reads facts that exist, and no other changes its verdict', () => {
      for (const fact of condition.reads) expect(FACT_NAMES).toContain(fact)
      const others = FACT_NAMES.filter((fact) => !condition.reads.includes(fact) && !FACTS[fact].total)
      const changed = Object.fromEntries(others.map((fact) => [fact, UNKNOWN]))
      for (const spec of accepted) {
        for (const caller of callers) {
          expect(outcome(condition, spec, { ...caller, ...changed })).toEqual(outcome(condition, spec, caller))
        }
      }
    })

    it('names its reasons after itself, and tells nothing of the policy', () => {
      for (const [code, reason] of Object.entries(condition.reasons)) {
        expect(code).toMatch(new RegExp(`^${subject}\\.[a-z]+(_[a-z]+)*$`))
        expect(Object.keys(REASONS)).not.toContain(code)
        for (const text of [reason.text, reason.help]) expect(text).toMatch(/^[A-Z][^$!]*\.$/)
        if (reason.tri !== -1) expect(reason.by).toBeUndefined()
        if (reason.tri === -1) expect(reason.remedy).toBe(false)
      }
    })

    it('offers a remedy exactly where its reasons say so, and none to the anonymous', () => {
      for (const spec of accepted) {
        for (const facts of [...callers, met, unmet, absent ?? {}, unknown ?? {}]) {
          const verdict = judge(condition, spec, facts)
          if (verdict.tri === 1) continue
          expect(verdict.remedy !== undefined).toBe(condition.reasons[verdict.code]?.remedy)
          expect(verdict.remedy?.({ ...exampleFacts, ...anonymousFacts }) ?? null).toBeNull()
        }
      }
    })

    it('never knows more when a fact is unknown', () => {
      const partial = condition.reads.filter((fact) => !FACTS[fact].total)
      const variants = fc.constantFrom<Partial<Facts>>(...callers, met, unmet, absent ?? {}, unknown ?? {})
      const property = fc.property(fc.constantFrom(...accepted), variants, fc.subarray([...partial]), (spec, facts, hidden) => {
        const whole = judge(condition, spec, facts)
        const masked = judge(condition, spec, { ...facts, ...Object.fromEntries(hidden.map((fact) => [fact, UNKNOWN])) })
        expect([whole.tri, -1]).toContain(masked.tri)
      })
      fc.assert(property, { numRuns: 200 })
    })

    const hints = accepted.flatMap((spec) => condition.index?.(spec) ?? []).map((hint, i) => [accepted[i] as Spec, hint] as const)

    it.for(hints)(
      'hints at everything that meets %j or leaves it unknown',
      ([spec, { methods = METHODS, services, paths, exact }]) => {
        for (const each of [...callers, met, unmet, unknown ?? {}]) {
          const { method, service } = { ...exampleFacts, ...each }
          const hinted = methods.includes(method) && (services === undefined || services.includes(service))
          const { tri } = judge(condition, spec, each)
          if (!hinted) expect(tri).toBe(0)
          else if (exact && paths === undefined) expect(tri).toBe(1)
        }
      },
    )
  },
)

describe('the catalogue', () => {
  it('holds every key and every reason once', () => {
    const keys = CONDITIONS.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    const modifiers = new Set(CONDITIONS.flatMap((condition) => condition.modifiers ?? []))
    for (const modifier of modifiers) if (keys.includes(modifier)) expect(modifier).toBe('days')
    const codes = CONDITIONS.flatMap(({ reasons }) => Object.keys(reasons))
    expect(new Set(codes).size).toBe(codes.length)
  })
})
