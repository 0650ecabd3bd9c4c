import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const operation = defineCondition({
  key: 'operation',
  place: 'what',
  about: 'The request is one of these operations of the OpenAPI document of the service, by operationId.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['operation'],
  reasons: {
    'operation.missing': {
      tri: 0,
      remedy: false,
      text: 'This is about described operations, and this service describes none.',
      help: 'Check the address.',
    },
    'operation.other': {
      tri: 0,
      remedy: false,
      text: 'This is about other operations.',
      help: 'Check the address and the method.',
    },
    'operation.undescribed': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The description of this service knows no such operation.',
      help: 'Check the address and the method.',
    },
    'operation.unknown': { tri: -1, remedy: false, text: 'Which operation this is could not be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const [met, missing, other] = [say('met'), say('operation.missing'), say('operation.other')]
    const [undescribed, unknown] = [say('operation.undescribed'), say('operation.unknown')]
    return (facts) => {
      const found = facts.operation
      if (found === UNKNOWN) return unknown
      if (found === null) return missing
      if (found.id === null) return undescribed
      return wanted.has(found.id) ? met : other
    }
  },
  sentence: (spec) => `the operation ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'operation', name })),
  examples: {
    accepted: ['createCharge', ['createCharge', 'refundCharge']],
    refused: [
      { spec: '', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: {},
    unmet: { operation: { id: 'listCharges', tags: ['money'] } },
    absent: { operation: null },
    unknown: { operation: { id: null, tags: [] } },
  },
})
