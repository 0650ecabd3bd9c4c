import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const workload = defineCondition({
  key: 'workload',
  place: 'who',
  about: 'The caller is one of these declared workloads: software that acts for itself.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['workload'],
  reasons: {
    'workload.missing': { tri: 0, remedy: false, text: 'The caller is no workload.', help: 'Use the credential of a workload.' },
    'workload.other': {
      tri: 0,
      remedy: false,
      text: 'This is for other workloads.',
      help: 'Ask the owner of the service for access.',
    },
    'workload.unknown': { tri: -1, remedy: false, text: 'Which workload calls could not be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, scope, say) => {
    const declared = listOf(spec).flatMap((name) => scope.image.workloads[name] ?? [])
    const wanted = new Set(declared.map(({ provider, subject }) => `${provider}/${subject}`))
    const [met, missing, other, unknown] = [say('met'), say('workload.missing'), say('workload.other'), say('workload.unknown')]
    return (facts) => {
      if (facts.workload === UNKNOWN) return unknown
      if (facts.workload === null) return missing
      return wanted.has(facts.workload) ? met : other
    }
  },
  sentence: (spec) => `is the workload ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'workload', name })),
  examples: {
    accepted: ['settlement-batch', ['settlement-batch']],
    refused: [
      { spec: '$tenant', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: { workload: 'corp/b41d' },
    unmet: { workload: 'partners/b41d' },
    absent: { workload: null },
    unknown: { workload: UNKNOWN },
  },
})
