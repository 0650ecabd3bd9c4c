import { defineCondition } from '../model/condition.ts'
import { holdsOneOf } from '../model/membership.ts'
import { comparedNames } from '../model/operand.ts'
import { inWords, listOf, nameOrCaptureSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

export const role = defineCondition({
  key: 'role',
  place: 'who',
  about: 'The caller holds one of these declared roles.',
  schema: (kit) => oneOrMany(kit, nameOrCaptureSchema(kit)),
  reads: ['roles'],
  reasons: {
    'role.missing': {
      tri: 0,
      remedy: false,
      text: 'The caller has no roles.',
      help: 'Sign in, or ask the owner of the service for access.',
    },
    'role.other': {
      tri: 0,
      remedy: false,
      text: 'The caller has none of the roles this needs.',
      help: 'Ask the owner of the service for access.',
    },
    'role.unbound': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address does not say what this is about.',
      help: 'Check the spelling of the address.',
    },
    'role.unknown': { tri: -1, remedy: false, text: 'The roles of the caller could not all be found out.', help: 'Try again.' },
  },
  compile: (spec: OneOrMany<string>, scope, say) =>
    holdsOneOf(listOf(spec), scope, {
      read: ({ roles }) => roles,
      verdicts: {
        met: say('met'),
        missing: say('role.missing'),
        other: say('role.other'),
        unbound: say('role.unbound'),
        unknown: say('role.unknown'),
      },
    }),
  sentence: (spec) => `holds the role ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).flatMap((name) => (name.startsWith('$') ? [] : [{ noun: 'role' as const, name }])),
  compares: (spec) => comparedNames(listOf(spec)),
  examples: {
    accepted: ['editor', ['editor', 'auditor'], '$tenant'],
    refused: [
      { spec: '', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
      { spec: '$Tenant', code: 'spec.invalid' },
    ],
    met: { roles: { names: new Set(['editor', 'auditor']), complete: true } },
    unmet: { roles: { names: new Set(['auditor']), complete: true } },
    absent: { roles: null },
    unknown: { roles: { names: new Set(['auditor']), complete: false } },
  },
})
