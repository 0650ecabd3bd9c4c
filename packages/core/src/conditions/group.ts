import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { among, comparedNames, operandsOf } from '../model/operand.ts'
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
  compile: (spec: OneOrMany<string>, scope, say) => {
    const wanted = operandsOf(listOf(spec), scope)
    const [met, missing, other] = [say('met'), say('group.missing'), say('group.other')]
    const [unbound, unknown] = [say('group.unbound'), say('group.unknown')]
    return (facts) => {
      const held = facts.groups
      if (held === UNKNOWN) return unknown
      if (held === null) return missing
      const found = among(wanted, (name) => held.names.has(name), facts)
      if (found === 1) return met
      if (!held.complete) return unknown
      return found === 0 ? other : unbound
    }
  },
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
