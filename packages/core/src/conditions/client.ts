import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const client = defineCondition({
  key: 'client',
  place: 'who',
  about: 'One of these declared OAuth clients obtained the credential. The same id at another provider is another client.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['client', 'provider'],
  reasons: {
    'client.missing': {
      tri: 0,
      remedy: false,
      text: 'No client obtained this credential.',
      help: 'Use an application that this service accepts.',
    },
    'client.other': {
      tri: 0,
      remedy: false,
      text: 'This is for other applications.',
      help: 'Use an application that this service accepts.',
    },
    'client.unknown': { tri: -1, remedy: false, text: 'Which application calls could not be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, scope, say) => {
    const wanted = listOf(spec).flatMap((name) => scope.image.clients[name] ?? [])
    const [met, missing, other, unknown] = [say('met'), say('client.missing'), say('client.other'), say('client.unknown')]
    return (facts) => {
      if (facts.client === UNKNOWN) return unknown
      if (facts.client === null) return missing
      const named = wanted.filter(({ id }) => id === facts.client)
      if (named.length === 0) return other
      if (facts.provider === UNKNOWN) return unknown
      return named.some((each) => each.provider === facts.provider) ? met : other
    }
  },
  sentence: (spec) => `calls through the client ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'client', name })),
  examples: {
    accepted: ['app', ['app', 'batch']],
    refused: [
      { spec: '', code: 'spec.invalid' },
      { spec: { id: 'f7c1' }, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { client: 'f7c1', provider: 'partners' },
    absent: { client: null },
    unknown: { provider: UNKNOWN },
  },
})
