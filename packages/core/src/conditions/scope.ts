import { defineCondition, type Say } from '../model/condition.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import { inWords, nameSchema } from '../model/spec.ts'
import type { Remedy } from '../model/remedy.ts'
import type { RemedyFor, Test } from '../model/verdict.ts'

type Named = string | { readonly all: readonly string[] } | { readonly any: readonly string[] }
type ScopeSpec = Named | { readonly of: 'operation' }

interface Demand {
  readonly names: readonly string[]
  readonly all: boolean
}

/** What has to be carried: one of these sets, whole. */
type Sets = readonly (readonly string[])[]

const isOfOperation = (spec: ScopeSpec): spec is { readonly of: 'operation' } => typeof spec === 'object' && 'of' in spec

const demandOf = (spec: Named): Demand => {
  if (typeof spec === 'string') return { names: [spec], all: true }
  return 'all' in spec ? { names: spec.all, all: true } : { names: spec.any, all: false }
}

const setsOf = (spec: Named): Sets => {
  const { names, all } = demandOf(spec)
  return all ? [names] : names.map((name) => [name])
}

/** What is lacking of each set; one that asks for more than another is no way of its own. */
const lackingOf = (sets: Sets, held: ReadonlySet<string> | null): Sets => {
  const lacking = sets.map((set) => [...new Set(set.filter((name) => held?.has(name) !== true))].sort())
  return lacking.filter(
    (each, at) =>
      !lacking.some((other, place) => {
        const isWithin = other.every((name) => each.includes(name))
        return isWithin && (other.length < each.length || place < at)
      }),
  )
}

/** Of several sets one is enough; which, depends on what else is asked for. Only a token can be had with more scopes. */
const obtain =
  (setsFor: (facts: Facts) => Sets): RemedyFor =>
  (facts) => {
    const { credential, scopes } = facts
    if (credential !== 'jwt' && credential !== UNKNOWN) return null
    if (credential === UNKNOWN || scopes === UNKNOWN) return UNKNOWN
    const remedies = lackingOf(setsFor(facts), scopes).map((lacking) => ({ scopes: lacking }))
    return remedies.length === 1 ? (remedies[0] as Remedy) : remedies
  }

const NONE_NEEDED: Sets = [[]]

const setsOfOperation = ({ operation }: Facts): Sets =>
  operation === UNKNOWN || operation === null ? NONE_NEEDED : (operation.scopes ?? NONE_NEEDED)

const carries = (scopes: ReadonlySet<string> | null, sets: Sets): boolean =>
  sets.some((set) => set.every((name) => scopes?.has(name) === true))

type Code = 'scope.missing' | 'scope.unknown' | 'scope.undocumented' | 'scope.undescribed'

const compileNamed = (spec: Named, say: Say<Code>): Test => {
  const sets = setsOf(spec)
  const [met, missing, unknown] = [
    say('met'),
    say(
      'scope.missing',
      obtain(() => sets),
    ),
    say('scope.unknown'),
  ]
  return ({ scopes }) => {
    if (scopes === UNKNOWN) return unknown
    return carries(scopes, sets) ? met : missing
  }
}

/** What is not known to be described is not known to need nothing. */
const compileOfOperation = (say: Say<Code>): Test => {
  const [met, missing, unknown] = [say('met'), say('scope.missing', obtain(setsOfOperation)), say('scope.unknown')]
  const [undocumented, undescribed] = [say('scope.undocumented'), say('scope.undescribed')]
  return (facts) => {
    const { operation, scopes } = facts
    if (operation === UNKNOWN) return unknown
    if (operation === null) return undocumented
    if (operation.id === null) return undescribed
    const sets = setsOfOperation(facts)
    if (sets === NONE_NEEDED) return met
    if (scopes === UNKNOWN) return unknown
    return carries(scopes, sets) ? met : missing
  }
}

export const scope = defineCondition({
  key: 'scope',
  place: 'how',
  about:
    'The credential carries this scope, `all` or `any` of several, or those `of` the operation in the OpenAPI document of the service.',
  schema: (kit) => {
    const names = kit.array(nameSchema(kit)).min(1)
    return kit.union([
      nameSchema(kit),
      kit.strictObject({ all: names }),
      kit.strictObject({ any: names }),
      kit.strictObject({ of: kit.literal('operation') }),
    ])
  },
  reads: ['scopes', 'credential', 'operation'],
  readsOf: (spec) => (isOfOperation(spec) ? ['scopes', 'credential', 'operation'] : ['scopes', 'credential']),
  reasons: {
    'scope.missing': { tri: 0, remedy: true, text: 'The credential lacks a scope this needs.', help: 'Obtain one that has it.' },
    'scope.unknown': {
      tri: -1,
      remedy: false,
      text: 'The scopes of the credential, or those this needs, could not be found out.',
      help: 'Try again.',
    },
    'scope.undocumented': {
      tri: 0,
      remedy: false,
      text: 'This needs the scopes of a described operation, and this service describes none.',
      help: 'Tell the owner of the service.',
    },
    'scope.undescribed': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The description of this service knows no such operation.',
      help: 'Check the address and the method.',
    },
  },
  compile: (spec: ScopeSpec, _scope, say) => (isOfOperation(spec) ? compileOfOperation(say) : compileNamed(spec, say)),
  sentence: (spec) => {
    if (isOfOperation(spec)) return 'the credential has the scopes that the operation asks for'
    const { names, all } = demandOf(spec)
    return `the credential has the scope ${inWords(names, all ? 'and' : 'or')}`
  },
  refers: (spec) => (isOfOperation(spec) ? [] : demandOf(spec).names.map((name) => ({ noun: 'scope', name }))),
  examples: {
    accepted: [
      'charges.write',
      { all: ['charges.read', 'charges.write'] },
      { any: ['refunds.write', 'charges.write'] },
      { of: 'operation' },
    ],
    refused: [
      { spec: ['charges.read', 'charges.write'], code: 'spec.invalid' },
      { spec: { all: [] }, code: 'spec.invalid' },
      { spec: { all: ['a'], any: ['b'] }, code: 'spec.invalid' },
      { spec: { of: 'createCharge' }, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { scopes: new Set(['charges.read']) },
    absent: { scopes: null },
    unknown: { scopes: UNKNOWN },
  },
})
