import { createNetworkSet, parseNetwork } from '../lib/network.ts'
import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { inWords, listOf, nameSchema, type OneOrMany, oneOrMany } from '../model/spec.ts'

/** The networks of the names, and whether all of them could be read: outside of a part is not outside of the whole. */
const networksOf = (names: readonly string[], image: PolicyImage) => {
  const written = names.map((name) => image.networks[name])
  const parsed = written.flatMap((blocks) => blocks ?? []).map(parseNetwork)
  const networks = parsed.flatMap((each) => (each.ok ? [each.network] : []))
  return { set: createNetworkSet(networks), whole: !written.includes(undefined) && networks.length === parsed.length }
}

export const network = defineCondition({
  key: 'network',
  place: 'circumstance',
  about: 'The client address lies in one of these declared networks.',
  schema: (kit) => oneOrMany(kit, nameSchema(kit)),
  reads: ['address'],
  reasons: {
    'network.missing': { tri: 0, remedy: false, text: 'The request has no client address.', help: 'Connect over the network.' },
    'network.outside': {
      tri: 0,
      remedy: false,
      text: 'The request comes from a network this is not open to.',
      help: 'Use a network it is open to.',
    },
    'network.unknown': {
      tri: -1,
      remedy: false,
      text: 'Where the request comes from could not be found out.',
      help: 'Try again.',
    },
  },
  compile: (spec: OneOrMany<string>, scope, say) => {
    const { set, whole } = networksOf(listOf(spec), scope.image)
    const [met, missing, unknown] = [say('met'), say('network.missing'), say('network.unknown')]
    const outside = whole ? say('network.outside') : unknown
    return ({ address }) => {
      if (address === UNKNOWN) return unknown
      if (address === null) return missing
      return set.has(address) ? met : outside
    }
  },
  sentence: (spec) => `the request comes from ${inWords(listOf(spec))}`,
  refers: (spec) => listOf(spec).map((name) => ({ noun: 'network', name })),
  examples: {
    accepted: ['home', ['home', 'office']],
    refused: [
      { spec: { name: 'home' }, code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: {},
    unmet: { address: { family: 4, words: [0, 0, 0xffff, 0xcb007107], text: '203.0.113.7' } },
    absent: { address: null },
    unknown: { address: UNKNOWN },
  },
})
