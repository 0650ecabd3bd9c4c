import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { comparedNames, equalsOne, operandsOf } from '../model/operand.ts'
import { inWords, listOf, type OneOrMany, oneOrMany, principalSchema, providersOf } from '../model/spec.ts'

const ANYONE = 'anyone'

const principalsOf = (spec: OneOrMany<string>): readonly string[] => (spec === ANYONE ? [] : listOf(spec))

export const actingFor = defineCondition({
  key: 'acting-for',
  place: 'who',
  about: 'The caller is an agent that acts for one of these people, each written as provider/subject, or for anyone.',
  schema: (kit) => kit.union([kit.literal(ANYONE), oneOrMany(kit, principalSchema(kit))]),
  reads: ['actingFor'],
  reasons: {
    'acting_for.missing': {
      tri: 0,
      remedy: false,
      text: 'The caller acts for nobody.',
      help: 'Use a credential of an agent that acts for a person.',
    },
    'acting_for.other': {
      tri: 0,
      remedy: false,
      text: 'The caller acts for somebody else.',
      help: 'Ask the owner of the service for access.',
    },
    'acting_for.unbound': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address does not say what this is about.',
      help: 'Check the spelling of the address.',
    },
    'acting_for.unknown': {
      tri: -1,
      remedy: false,
      text: 'For whom the caller acts could not be found out.',
      help: 'Try again.',
    },
  },
  compile: (spec: OneOrMany<string>, scope, say) => {
    const wanted = operandsOf(principalsOf(spec), scope)
    const [met, missing, other] = [say('met'), say('acting_for.missing'), say('acting_for.other')]
    const [unbound, unknown] = [say('acting_for.unbound'), say('acting_for.unknown')]
    return (facts) => {
      if (facts.actingFor === UNKNOWN) return unknown
      if (facts.actingFor === null) return missing
      const found = spec === ANYONE ? 1 : equalsOne(wanted, facts.actingFor, facts)
      if (found === 1) return met
      return found === 0 ? other : unbound
    }
  },
  sentence: (spec) => `acts for ${inWords(listOf(spec))}`,
  refers: (spec) => providersOf(principalsOf(spec)),
  compares: (spec) => comparedNames(principalsOf(spec)),
  examples: {
    accepted: ['corp/ada', 'anyone', ['corp/ada', 'corp/grace'], 'corp/$tenant'],
    refused: [
      { spec: 'everyone', code: 'spec.invalid' },
      { spec: ['corp/ada', 'anyone'], code: 'spec.invalid' },
    ],
    met: { actingFor: 'corp/ada' },
    unmet: { actingFor: 'corp/mallory' },
    absent: { actingFor: null },
    unknown: { actingFor: UNKNOWN },
  },
})
