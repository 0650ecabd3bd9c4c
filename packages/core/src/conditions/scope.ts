import { defineCondition, type Say } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'
import { inWords, nameSchema } from '../model/spec.ts'
import type { RemedyFor } from '../model/verdict.ts'

type ScopeSpec = string | { readonly all: readonly string[] } | { readonly any: readonly string[] }

interface Demand {
  readonly names: readonly string[]
  readonly all: boolean
}

const demandOf = (spec: ScopeSpec): Demand => {
  if (typeof spec === 'string') return { names: [spec], all: true }
  return 'all' in spec ? { names: spec.all, all: true } : { names: spec.any, all: false }
}

/** Of `any` one is enough; which, depends on what else is asked for. Only a token can be had with more scopes. */
const obtain =
  ({ names, all }: Demand): RemedyFor =>
  ({ credential, scopes }) => {
    if (credential !== 'jwt' && credential !== UNKNOWN) return null
    if (credential === UNKNOWN || scopes === UNKNOWN) return UNKNOWN
    if (!all) return names.map((name) => ({ scopes: [name] }))
    const lacking = names.filter((name) => scopes?.has(name) !== true)
    return { scopes: [...new Set(lacking)].sort() }
  }

const verdictsOf = (say: Say<'scope.missing' | 'scope.unknown'>, demand: Demand) => ({
  met: say('met'),
  missing: say('scope.missing', obtain(demand)),
  unknown: say('scope.unknown'),
})

export const scope = defineCondition({
  key: 'scope',
  place: 'how',
  about: 'The credential carries this scope, `all` or `any` of several.',
  schema: (kit) => {
    const names = kit.array(nameSchema(kit)).min(1)
    return kit.union([nameSchema(kit), kit.strictObject({ all: names }), kit.strictObject({ any: names })])
  },
  reads: ['scopes', 'credential'],
  reasons: {
    'scope.missing': { tri: 0, remedy: true, text: 'The credential lacks a scope this needs.', help: 'Obtain one that has it.' },
    'scope.unknown': { tri: -1, remedy: false, text: 'The scopes of the credential could not be found out.', help: 'Try again.' },
  },
  compile: (spec: ScopeSpec, _scope, say) => {
    const demand = demandOf(spec)
    const { met, missing, unknown } = verdictsOf(say, demand)
    return ({ scopes }) => {
      if (scopes === UNKNOWN) return unknown
      if (scopes === null) return missing
      const has = (name: string): boolean => scopes.has(name)
      return (demand.all ? demand.names.every(has) : demand.names.some(has)) ? met : missing
    }
  },
  sentence: (spec) => {
    const { names, all } = demandOf(spec)
    return `the credential has the scope ${inWords(names, all ? 'and' : 'or')}`
  },
  refers: (spec) => demandOf(spec).names.map((name) => ({ noun: 'scope', name })),
  examples: {
    accepted: ['charges.write', { all: ['charges.read', 'charges.write'] }, { any: ['refunds.write', 'charges.write'] }],
    refused: [
      { spec: ['charges.read', 'charges.write'], code: 'spec.invalid' },
      { spec: { all: [] }, code: 'spec.invalid' },
      { spec: { all: ['a'], any: ['b'] }, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { scopes: new Set(['charges.read']) },
    absent: { scopes: null },
    unknown: { scopes: UNKNOWN },
  },
})
