// One file for each condition a rule may hold (NIST SP 800-162: the parts of a digital policy); none imports another or reads a clock.
import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { remedyForPeople } from '../model/say.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const acr = defineCondition({
  key: 'acr',
  place: 'how',
  about: 'The caller was authenticated with one of these authentication context classes, in order of preference (RFC 9470).',
  schema: (kit) => oneOrMany(kit, kit.string().regex(/^[!-~]{1,256}$/, 'an acr value: visible ASCII without spaces')),
  reads: ['acr', 'kind', 'credential'],
  reasons: {
    'acr.missing': {
      tri: 0,
      remedy: true,
      text: 'How the caller was authenticated is not stated.',
      help: 'Sign in again in the way this needs.',
    },
    'acr.other': {
      tri: 0,
      remedy: true,
      text: 'The caller was authenticated in another way than this needs.',
      help: 'Sign in again in the way this needs.',
    },
    'acr.unknown': {
      tri: -1,
      remedy: false,
      text: 'How the caller was authenticated could not be found out.',
      help: 'Try again.',
    },
  },
  compile: (spec: OneOrMany<string>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const again = remedyForPeople({ acr: [...wanted] })
    const [met, missing] = [say('met'), say('acr.missing', again)]
    const [other, unknown] = [say('acr.other', again), say('acr.unknown')]
    return (facts) => {
      if (facts.acr === UNKNOWN) return unknown
      if (facts.acr === null) return missing
      return wanted.has(facts.acr) ? met : other
    }
  },
  sentence: (spec) => `the caller was authenticated as ${inWords(listOf(spec))}`,
  examples: {
    accepted: ['silver', ['gold', 'silver'], 'urn:example:loa:2'],
    refused: [
      { spec: 'two words', code: 'spec.invalid' },
      { spec: 2, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { acr: 'bronze' },
    absent: { acr: null },
    unknown: { acr: UNKNOWN },
  },
})
