import { describe, expect, it } from 'vitest'
import {
  agentFacts,
  anonymousFacts,
  exampleFacts,
  exampleScope,
  unidentifiedFacts,
  workloadFacts,
} from '../testing/example-facts.ts'
import { defineCondition } from './condition.ts'
import { UNKNOWN } from './fact.ts'
import { compileCondition, createSay, remedyForPeople } from './say.ts'

const REMEDY = { login: { maxAge: null } }

const lunar = defineCondition({
  key: 'moon',
  place: 'when',
  about: 'The moon is as written.',
  schema: (kit) => kit.literal('full'),
  reads: ['now'],
  reasons: {
    'moon.other': { tri: 0, remedy: true, text: 'The moon is not full.', help: 'Wait.' },
    'moon.hidden': { tri: -1, remedy: false, text: 'The moon is not seen.', help: 'Wait.' },
    'moon.misspelt': { tri: -1, remedy: false, by: 'caller', text: 'That is no moon.', help: 'Check.' },
  },
  compile: (_spec: 'full', _scope, say) => {
    const verdict = say('moon.other')
    return () => verdict
  },
  sentence: () => 'the moon is full',
  examples: { accepted: ['full'], refused: [], met: {}, unmet: {} },
})

describe('saying a verdict', () => {
  const say = createSay(lunar)

  it.each([
    ['met', { tri: 1, code: 'met', condition: 'when.moon', by: undefined, remedy: undefined }],
    ['moon.other', { tri: 0, code: 'moon.other', condition: 'when.moon', by: undefined, remedy: undefined }],
    ['moon.hidden', { tri: -1, code: 'moon.hidden', condition: 'when.moon', by: 'source', remedy: undefined }],
    ['moon.misspelt', { tri: -1, code: 'moon.misspelt', condition: 'when.moon', by: 'caller', remedy: undefined }],
  ])('%s', (code, verdict) => {
    expect(say(code)).toStrictEqual(verdict)
  })

  it('carries the remedy it is given', () => {
    const remedy = () => REMEDY
    expect(say('moon.other', remedy).remedy).toBe(remedy)
  })

  it('compiles to a test that answers the same constant every time', () => {
    const test = compileCondition(lunar, 'full', exampleScope)
    expect(test(exampleFacts)).toBe(test(anonymousFacts))
  })
})

describe('a remedy for people', () => {
  it.each([
    ['a person', exampleFacts, REMEDY],
    ['a person with a session', { ...exampleFacts, credential: 'session' } as const, REMEDY],
    ['a key, kind not known', { ...exampleFacts, credential: 'api-key', kind: UNKNOWN } as const, null],
    ['a workload', workloadFacts, null],
    ['an agent', agentFacts, null],
    ['nobody', anonymousFacts, null],
    ['nobody is known yet', unidentifiedFacts, UNKNOWN],
    ['kind not known', { ...exampleFacts, kind: UNKNOWN } as const, UNKNOWN],
    ['credential not known', { ...exampleFacts, credential: UNKNOWN } as const, UNKNOWN],
    ['a workload, credential not known', { ...workloadFacts, credential: UNKNOWN } as const, null],
    ['nobody, kind not known', { ...anonymousFacts, kind: UNKNOWN } as const, null],
  ])('%s', (_note, facts, remedy) => {
    expect(remedyForPeople(REMEDY)(facts)).toEqual(remedy)
  })
})
