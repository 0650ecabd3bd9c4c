import { defineCondition } from '../model/condition.ts'
import { CREDENTIAL_KINDS, type CredentialKind, UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const credential = defineCondition({
  key: 'credential',
  place: 'circumstance',
  about: 'The caller presented a credential of one of these kinds.',
  schema: (kit) => oneOrMany(kit, kit.enum(CREDENTIAL_KINDS)),
  reads: ['credential'],
  reasons: {
    'credential.other_kind': {
      tri: 0,
      remedy: false,
      text: 'This needs another kind of credential than was presented.',
      help: 'Ask the owner of the service which kind it takes.',
    },
    'credential.missing': { tri: 0, remedy: false, text: 'No credential was presented.', help: 'Sign in, or send a credential.' },
    'credential.unknown': { tri: -1, remedy: false, text: 'The credential could not be checked.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<CredentialKind>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const [met, other] = [say('met'), say('credential.other_kind')]
    const [missing, unknown] = [say('credential.missing'), say('credential.unknown')]
    return (facts) => {
      if (facts.credential === UNKNOWN) return unknown
      if (facts.credential === null) return missing
      return wanted.has(facts.credential) ? met : other
    }
  },
  sentence: (spec) => `the credential is of the kind ${inWords(listOf(spec))}`,
  examples: {
    accepted: ['jwt', 'session', ['jwt', 'api-key']],
    refused: [
      { spec: 'password', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: {},
    unmet: { credential: 'session' },
    absent: { credential: null },
    unknown: { credential: UNKNOWN },
  },
})
