import { defineCondition } from '../model/condition.ts'
import { PRINCIPAL_KINDS, type PrincipalKind, UNKNOWN } from '../model/fact.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

const WORDS: Readonly<Record<PrincipalKind, string>> = { human: 'a person', workload: 'a workload', agent: 'an agent' }

export const kind = defineCondition({
  key: 'kind',
  place: 'who',
  about: 'The caller is a person, a workload or an agent.',
  schema: (kit) => oneOrMany(kit, kit.enum(PRINCIPAL_KINDS)),
  reads: ['kind'],
  reasons: {
    'kind.missing': {
      tri: 0,
      remedy: false,
      text: 'The caller is nobody in particular.',
      help: 'Sign in, or send a credential.',
    },
    'kind.other': {
      tri: 0,
      remedy: false,
      text: 'This is for callers of another kind.',
      help: 'Use a credential of a caller of that kind.',
    },
    'kind.unknown': { tri: -1, remedy: false, text: 'What kind of caller this is could not be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<PrincipalKind>, _scope, say) => {
    const wanted = new Set(listOf(spec))
    const [met, missing, other, unknown] = [say('met'), say('kind.missing'), say('kind.other'), say('kind.unknown')]
    return (facts) => {
      if (facts.kind === UNKNOWN) return unknown
      if (facts.kind === null) return missing
      return wanted.has(facts.kind) ? met : other
    }
  },
  sentence: (spec) => `is ${inWords(listOf(spec).map((each) => WORDS[each]))}`,
  examples: {
    accepted: ['human', ['workload', 'agent']],
    refused: [
      { spec: 'robot', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: { kind: 'human' },
    unmet: { kind: 'workload' },
    absent: { kind: null },
    unknown: { kind: UNKNOWN },
  },
})
