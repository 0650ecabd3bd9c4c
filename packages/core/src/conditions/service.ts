import { defineCondition } from '../model/condition.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const service = defineCondition({
  key: 'service',
  place: 'what',
  about: 'The request is for one of these declared services.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['service'],
  reasons: {
    'service.other': { tri: 0, remedy: false, text: 'This is about other services.', help: 'Check the address.' },
  },
  compile: (spec: OneOrMany<string>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const [met, other] = [say('met'), say('service.other')]
    return (facts) => (wanted.has(facts.service) ? met : other)
  },
  sentence: (spec) => `the service ${inWords(listOf(spec))}`,
  index: (spec) => ({ services: listOf(spec), exact: true }),
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'service', name })),
  examples: {
    accepted: ['payments', ['payments', 'console']],
    refused: [
      { spec: 7, code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: { service: 'payments' },
    unmet: { service: 'console' },
  },
})
