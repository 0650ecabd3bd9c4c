import { defineCondition } from '../model/condition.ts'
import { holdsOneOf } from '../model/membership.ts'
import { comparedNames } from '../model/operand.ts'
import { inWords, listOf, nameOrCaptureSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const group = defineCondition({
  key: 'group',
  place: 'who',
  about: 'The caller belongs to one of these declared groups.',
  schema: (kit) => oneOrMany(kit, nameOrCaptureSchema(kit)),
  reads: ['groups'],
  reasons: {
    'group.missing': {
      tri: 0,
      remedy: false,
      text: 'The caller has no groups.',
      help: 'Sign in, or ask the owner of the service for access.',
    },
    'group.other': {
      tri: 0,
      remedy: false,
      text: 'The caller has none of the groups this needs.',
      help: 'Ask the owner of the service for access.',
    },
    'group.unbound': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address does not say what this is about.',
      help: 'Check the spelling of the address.',
    },
    'group.unknown': { tri: -1, remedy: false, text: 'The groups of the caller could not all be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, scope, say) =>
    holdsOneOf(listOf(spec), scope, {
      read: ({ groups }) => groups,
      verdicts: {
        met: say('met'),
        missing: say('group.missing'),
        other: say('group.other'),
        unbound: say('group.unbound'),
        unknown: say('group.unknown'),
      },
    }),
  sentence: (spec) => `belongs to ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).flatMap((name) => (name.startsWith('$') ? [] : [{ noun: 'group' as const, name }])),
  compares: (spec) => comparedNames(listOf(spec)),
  examples: {
    accepted: ['customers', ['customers', 'admins'], '$tenant'],
    refused: [
      { spec: '', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
      { spec: '$Tenant', code: 'spec.invalid' },
    ],
    met: { groups: { names: new Set(['customers', 'admins']), complete: true } },
    unmet: { groups: { names: new Set(['admins']), complete: true } },
    absent: { groups: null },
    unknown: { groups: { names: new Set(['admins']), complete: false } },
  },
})
