import { parseDuration } from '../lib/duration.ts'
import { defineCondition } from '../model/condition.ts'
import { CLOCK_SKEW, type Factor, type Facts, MFA_LEVELS, type MfaLevel, UNKNOWN } from '../model/fact.ts'
import { remedyForPeople } from '../model/say.ts'
import { durationSchema } from '../model/spec.ts'

type MfaSpec = MfaLevel | { readonly level: MfaLevel; readonly 'max-age': string }

const RANK: Readonly<Record<MfaLevel, number>> = { any: 1, 'phishing-resistant': 2, hardware: 3 }

interface Demand {
  readonly level: MfaLevel
  /** ms; null: of any age. */
  readonly maxAge: number | null
}

const demandOf = (spec: MfaSpec): Demand =>
  typeof spec === 'string' ? { level: spec, maxAge: null } : { level: spec.level, maxAge: parseDuration(spec['max-age']) ?? 0 }

type Standing = 'weak' | 'undated' | 'old' | 'good'

/** One single factor must satisfy level and age. A factor dated in the future, beyond the skew of clocks, is never fresh. */
const judge = (factor: Factor, { level, maxAge }: Demand, now: number): Standing => {
  if (RANK[factor.level] < RANK[level]) return 'weak'
  if (maxAge === null) return 'good'
  if (factor.at === UNKNOWN) return 'undated'
  return now - factor.at <= maxAge && factor.at - now <= CLOCK_SKEW ? 'good' : 'old'
}

const lapseOf = (demand: Demand, facts: Facts): number => {
  if (facts.factors === null || facts.factors === UNKNOWN) return Number.POSITIVE_INFINITY
  let last = 0
  for (const factor of facts.factors) {
    if (judge(factor, demand, facts.now) !== 'good') continue
    last = Math.max(last, demand.maxAge === null ? Number.POSITIVE_INFINITY : (factor.at as number) + demand.maxAge + 1)
  }
  return last === 0 ? Number.POSITIVE_INFINITY : last
}

export const mfa = defineCondition({
  key: 'mfa',
  place: 'how',
  about:
    'One factor of at least this level was proved, if asked no longer ago than `max-age`. any < phishing-resistant < hardware.',
  schema: (kit) => {
    const level = kit.enum(MFA_LEVELS)
    return kit.union([level, kit.strictObject({ level, 'max-age': durationSchema(kit) })])
  },
  reads: ['factors', 'now', 'kind', 'credential'],
  reasons: {
    'mfa.missing': { tri: 0, remedy: true, text: 'No second factor was proved.', help: 'Prove a second factor.' },
    'mfa.too_weak': {
      tri: 0,
      remedy: true,
      text: 'The factor proved is weaker than this needs.',
      help: 'Prove a stronger factor.',
    },
    'mfa.too_old': { tri: 0, remedy: true, text: 'The factor was not proved recently enough.', help: 'Prove it again.' },
    'mfa.undated': {
      tri: -1,
      remedy: false,
      text: 'It is not known when the factor was proved.',
      help: 'The operator can have the provider tell it.',
    },
    'mfa.unknown': { tri: -1, remedy: false, text: 'Which factors were proved could not be found out.', help: 'Try again.' },
  },
  compile: (spec: MfaSpec, _scope, say) => {
    const demand = demandOf(spec)
    const stepUp = remedyForPeople({ stepUp: demand })
    const [met, unknown, undated] = [say('met'), say('mfa.unknown'), say('mfa.undated')]
    const [missing, weak, old] = [say('mfa.missing', stepUp), say('mfa.too_weak', stepUp), say('mfa.too_old', stepUp)]
    return ({ factors, now }) => {
      if (factors === UNKNOWN) return unknown
      if (factors === null || factors.length === 0) return missing
      let verdict = weak
      for (const factor of factors) {
        const standing = judge(factor, demand, now)
        if (standing === 'good') return met
        if (standing === 'undated') verdict = undated
        else if (standing === 'old' && verdict === weak) verdict = old
      }
      return verdict
    }
  },
  sentence: (spec) => {
    const { level, 'max-age': age } = typeof spec === 'string' ? { level: spec, 'max-age': null } : spec
    return `a ${level === 'any' ? 'second' : level} factor was proved${age === null ? '' : ` in the last ${age}`}`
  },
  lapses: (spec) => {
    const demand = demandOf(spec)
    return (facts) => lapseOf(demand, facts)
  },
  examples: {
    accepted: [{ level: 'phishing-resistant', 'max-age': '5m' }, 'any', 'hardware'],
    refused: [
      { spec: 'strong', code: 'spec.invalid' },
      { spec: { level: 'any' }, code: 'spec.invalid' },
      { spec: { level: 'any', 'max-age': '5 minutes' }, code: 'spec.invalid' },
      { spec: { level: 'any', 'max-age': '99999d' }, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { factors: [{ level: 'any', at: 0 }] },
    absent: { factors: null },
    unknown: { factors: [{ level: 'hardware', at: UNKNOWN }] },
  },
})
