import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const credential = defineCondition({
  key: 'credential',
  place: 'circumstance',
  about: 'The caller presented a credential of one of these kinds.',
  schema: (kit) => oneOrMany(kit, kit.literal('jwt')),
  reads: ['credential'],
  reasons: {
    'credential.missing': { tri: 0, remedy: false, text: 'No credential was presented.', help: 'Sign in, or send a credential.' },
    'credential.unknown': { tri: -1, remedy: false, text: 'The credential could not be checked.', help: 'Try again.' },
  },
  compile: (_spec: OneOrMany<'jwt'>, _scope, say) => {
    const [met, missing, unknown] = [say('met'), say('credential.missing'), say('credential.unknown')]
    // One kind exists, so every credential presented is of it; another kind brings the comparison.
    return (facts) => {
      if (facts.credential === UNKNOWN) return unknown
      return facts.credential === null ? missing : met
    }
  },
  sentence: (spec) => `the credential is of the kind ${inWords(listOf(spec))}`,
  examples: {
    accepted: ['jwt', ['jwt']],
    refused: [
      { spec: 'password', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: {},
    unmet: { credential: null },
    absent: { credential: null },
    unknown: { credential: UNKNOWN },
  },
})
