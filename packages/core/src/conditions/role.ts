import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { among, comparedNames, operandsOf } from '../model/operand.ts'
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
  compile: (spec: OneOrMany<string>, scope, say) => {
    const wanted = operandsOf(listOf(spec), scope)
    const [met, missing, other] = [say('met'), say('role.missing'), say('role.other')]
    const [unbound, unknown] = [say('role.unbound'), say('role.unknown')]
    return (facts) => {
      const held = facts.roles
      if (held === UNKNOWN) return unknown
      if (held === null) return missing
      const found = among(wanted, (name) => held.names.has(name), facts)
      if (found === 1) return met
      if (!held.complete) return unknown
      return found === 0 ? other : unbound
    }
  },
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
