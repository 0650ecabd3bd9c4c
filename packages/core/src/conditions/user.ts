import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { comparedNames, equalsOne, operandsOf } from '../model/operand.ts'
import { inWords, listOf, type OneOrMany, oneOrMany, principalSchema, providersOf } from '../model/spec.ts'

export const user = defineCondition({
  key: 'user',
  place: 'who',
  about: 'The caller is one of these people, each written as provider/subject.',
  schema: (kit) => oneOrMany(kit, principalSchema(kit)),
  reads: ['user'],
  reasons: {
    'user.missing': { tri: 0, remedy: false, text: 'The caller is no person.', help: 'Sign in.' },
    'user.other': { tri: 0, remedy: false, text: 'This is for other people.', help: 'Ask the owner of the service for access.' },
    'user.unbound': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address does not say what this is about.',
      help: 'Check the spelling of the address.',
    },
    'user.unknown': { tri: -1, remedy: false, text: 'Who calls could not be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, scope, say) => {
    const wanted = operandsOf(listOf(spec), scope)
    const [met, missing, other] = [say('met'), say('user.missing'), say('user.other')]
    const [unbound, unknown] = [say('user.unbound'), say('user.unknown')]
    return (facts) => {
      if (facts.user === UNKNOWN) return unknown
      if (facts.user === null) return missing
      const found = equalsOne(wanted, facts.user, facts)
      if (found === 1) return met
      return found === 0 ? other : unbound
    }
  },
  sentence: (spec) => `is ${inWords(listOf(spec))}`,
  refers: (spec) => providersOf(listOf(spec)),
  compares: (spec) => comparedNames(listOf(spec)),
  examples: {
    accepted: ['corp/ada', ['corp/ada', 'corp/grace hopper'], 'corp/$tenant'],
    refused: [
      { spec: 'ada', code: 'spec.invalid' },
      { spec: 'ada@example.com', code: 'spec.invalid' },
      { spec: '$tenant', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: {},
    unmet: { user: 'partners/ada' },
    absent: { user: null },
    unknown: { user: UNKNOWN },
  },
})
