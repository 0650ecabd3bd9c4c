import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const provider = defineCondition({
  key: 'provider',
  place: 'who',
  about: 'One of these declared providers vouches for the caller.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['provider'],
  reasons: {
    'provider.missing': { tri: 0, remedy: false, text: 'Nobody vouches for the caller.', help: 'Sign in, or send a credential.' },
    'provider.other': {
      tri: 0,
      remedy: false,
      text: 'The caller signed in elsewhere than this needs.',
      help: 'Sign in with another account.',
    },
    'provider.unknown': {
      tri: -1,
      remedy: false,
      text: 'Who vouches for the caller could not be found out.',
      help: 'Try again.',
    },
  },
  compile: (spec: OneOrMany<string>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const [met, missing, other, unknown] = [say('met'), say('provider.missing'), say('provider.other'), say('provider.unknown')]
    return (facts) => {
      if (facts.provider === UNKNOWN) return unknown
      if (facts.provider === null) return missing
      return wanted.has(facts.provider) ? met : other
    }
  },
  sentence: (spec) => `comes from the provider ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'provider', name })),
  examples: {
    accepted: ['corp', ['corp', 'partners']],
    refused: [
      { spec: 'two words', code: 'spec.invalid' },
      { spec: '$tenant', code: 'spec.invalid' },
    ],
    met: {},
    unmet: { provider: 'partners' },
    absent: { provider: null },
    unknown: { provider: UNKNOWN },
  },
})
