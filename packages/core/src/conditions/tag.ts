import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const tag = defineCondition({
  key: 'tag',
  place: 'what',
  about: 'The request is an operation with one of these tags in the OpenAPI document of the service.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['operation'],
  reasons: {
    'tag.missing': {
      tri: 0,
      remedy: false,
      text: 'This is about described operations, and this service describes none.',
      help: 'Check the address.',
    },
    'tag.other': { tri: 0, remedy: false, text: 'This is about other operations.', help: 'Check the address and the method.' },
    'tag.undescribed': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The description of this service knows no such operation.',
      help: 'Check the address and the method.',
    },
    'tag.unknown': { tri: -1, remedy: false, text: 'Which operation this is could not be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const [met, missing, other] = [say('met'), say('tag.missing'), say('tag.other')]
    const [undescribed, unknown] = [say('tag.undescribed'), say('tag.unknown')]
    return (facts) => {
      const found = facts.operation
      if (found === UNKNOWN) return unknown
      if (found === null) return missing
      if (found.id === null) return undescribed
      return found.tags.some((each) => wanted.has(each)) ? met : other
    }
  },
  sentence: (spec) => `operations tagged ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'tag', name })),
  examples: {
    accepted: ['money', ['money', 'internal']],
    refused: [
      { spec: '', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: {},
    unmet: { operation: { id: 'createCharge', tags: [] } },
    absent: { operation: null },
    unknown: { operation: { id: null, tags: [] } },
  },
})
