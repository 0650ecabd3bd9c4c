import {
  type ClaimValue,
  type Factor,
  type Facts,
  FACTS_OF_KIND,
  MFA_LEVELS,
  type Maybe,
  parseDuration,
  type Spec,
  UNKNOWN,
} from '@balustrade/core/kit'
import { type CallerWords, type ClaimWords, type FactorWords, fittingWords } from '@balustrade/core/policy'
import { type Choice, type Dimension, type Setting, spelledOut } from './dimension.ts'
import { textsFor } from './literals.ts'
import { subsetsOf } from './names-dimension.ts'

const MINUTE = 60_000
const SECOND = 1_000

const memberships = (setting: Setting, of: { readonly is: string; readonly word: 'group' | 'role' }): Dimension => {
  const fact = of.word === 'group' ? 'groups' : 'roles'
  const declared = new Set(setting.worlds.flatMap(({ image }) => Object.keys(image[fact])))
  const names = spelledOut(textsFor(setting.literals, of.is), setting.captured).filter((name) => declared.has(name))
  const { sets, whole } = subsetsOf(names)
  return {
    reads: [fact],
    choices: sets.map((held) => ({
      words: { [of.word]: held },
      settle: () => ({ [fact]: { names: new Set(held), complete: true } }),
    })),
    whole,
    ofCaller: true,
  }
}

const scopesIn = (spec: Spec): readonly string[] => {
  if (typeof spec === 'string') return [spec]
  return Object.values(spec as Readonly<Record<string, readonly string[]>>).flat()
}

/** The scopes of operations are not tried one by one, so what is found without them is not the whole. */
const isOfOperation = (spec: Spec): boolean => typeof spec === 'object' && 'of' in spec

const scopes = ({ literals }: Setting): Dimension => {
  const specs = literals.flatMap(({ is, spec }) => (is === 'how.scope' ? [spec] : []))
  const named = specs.filter((spec) => !isOfOperation(spec))
  const { sets, whole: isWhole } = subsetsOf(named.flatMap(scopesIn))
  const whole = isWhole && named.length === specs.length
  const choices = sets.map((scope): Choice => ({ words: { scope }, settle: () => ({ scopes: new Set(scope) }) }))
  return { reads: ['scopes'], choices, whole, ofCaller: true }
}

const acr = ({ literals }: Setting): Dimension => {
  const values = ['some-other-class', ...textsFor(literals, 'how.acr')]
  const choices: readonly Choice[] = [
    { words: {}, settle: () => ({ acr: null }) },
    ...values.map((value): Choice => ({ words: { acr: value }, settle: () => ({ acr: value }) })),
  ]
  return { reads: ['acr'], choices, whole: true, ofCaller: true }
}

/** Ages on either side of every longest age that is asked for, and one that is fresh for all. */
const agesFor = ({ literals }: Setting, is: string): readonly number[] => {
  const most = literals.flatMap((literal) => {
    const { spec } = literal
    const written = literal.is === is && typeof spec === 'object' && 'max-age' in spec ? spec['max-age'] : null
    return typeof written === 'string' ? [parseDuration(written) ?? SECOND] : []
  })
  return [...new Set([Math.min(MINUTE, ...most), ...most.flatMap((age) => [age, age + SECOND])])].sort((a, b) => b - a)
}

const logins = (setting: Setting): Dimension => {
  const choices: readonly Choice[] = [
    { words: {}, settle: () => ({ loginAt: null }) },
    ...agesFor(setting, 'how.login').map(
      (age): Choice => ({ words: { login: { age } }, settle: ({ now }) => ({ loginAt: now - age }) }),
    ),
  ]
  return { reads: ['loginAt'], choices, whole: true, ofCaller: true }
}

const factorsChoice = (mfa: readonly FactorWords[]): Choice => ({
  words: { mfa },
  settle: ({ now }) => ({
    factors: mfa.map(({ level, age }): Factor => ({ level, at: age === undefined ? UNKNOWN : now - age })),
  }),
})

/** More single factors than this are not paired. */
const MOST_PAIRED = 18

const factors = (setting: Setting): Dimension => {
  const ages = agesFor(setting, 'how.mfa')
  const single = MFA_LEVELS.flatMap((level) => ages.map((age): FactorWords => ({ level, age })))
  const paired = single.length <= MOST_PAIRED
  const pairs = paired ? single.flatMap((a, i) => single.slice(i + 1).map((b) => [a, b])) : []
  return {
    reads: ['factors'],
    choices: [[], ...single.map((one) => [one]), ...pairs].map(factorsChoice),
    whole: paired,
    ofCaller: true,
  }
}

type Written = string | number | boolean

/** What rules write of one claim. */
const valuesOf = ({ literals, captured }: Setting, name: string): readonly Written[] => {
  const written = literals.flatMap(({ is, spec }) => {
    if (is !== 'who.claim') return []
    const value = (spec as Readonly<Record<string, Written | readonly Written[]>>)[name]
    return value === undefined ? [] : [value].flat()
  })
  const numbers = captured.flatMap((text) => (/^(?:0|[1-9][0-9]{0,14})$/.test(text) ? [Number(text)] : []))
  return [...new Set(written.flatMap((value) => (String(value).startsWith('$') ? [...captured, ...numbers] : [value])))]
}

/** The values in the type its provider declares, and one that nobody wrote. */
const inType = (type: string, written: readonly Written[]): readonly ClaimWords[] => {
  if (type === 'boolean') return [true, false]
  if (type === 'number') return [...written.filter((value) => typeof value === 'number'), 0]
  const texts = [...written.filter((value) => typeof value === 'string'), 'something-else']
  return type === 'strings' ? [...texts.map((text) => [text]), ...(texts.length > 2 ? [texts] : [])] : texts
}

const withClaim = (name: string, value: Maybe<ClaimValue> | undefined): Choice['settle'] => {
  return (facts, { image }) => {
    const { claims, provider } = facts
    if (claims === UNKNOWN || claims === null) return {}
    const declared = typeof provider === 'string' ? [image.providers[provider]] : Object.values(image.providers)
    // What the provider of this caller does not declare stays out of the map: nobody tells whether it is absent.
    if (value === undefined && !declared.some((each) => each !== undefined && name in each.claims)) return {}
    return { claims: new Map([...claims, [name, value ?? null]]) }
  }
}

const claims = (setting: Setting): readonly Dimension[] => {
  const written = setting.literals.flatMap(({ is, spec }) => (is === 'who.claim' ? Object.keys(spec as object) : []))
  return [...new Set(written)].sort().map((name) => {
    const providers = setting.worlds.flatMap(({ image }) => Object.values(image.providers))
    const types = [...new Set(providers.flatMap((provider) => provider.claims[name] ?? []))]
    const values = types.flatMap((type) => inType(type, valuesOf(setting, name)))
    const choices: readonly Choice[] = [
      { words: {}, settle: withClaim(name, undefined) },
      ...values.map((value): Choice => ({ words: { claim: { [name]: value } }, settle: withClaim(name, value) })),
    ]
    return { reads: ['claims'], choices, whole: !types.includes('strings'), ofCaller: true } as const
  })
}

/** What goes with the credential of this caller, whatever else is chosen: a session has no scopes, a key no groups. */
const settledBy = ({ credential }: Facts, reads: Dimension['reads']): Partial<Facts> => {
  if (credential === null || credential === UNKNOWN) return {}
  const always: Partial<Facts> = FACTS_OF_KIND[credential]
  return Object.fromEntries(reads.flatMap((name) => (name in always ? [[name, always[name]]] : [])))
}

const byCredential = (dimension: Dimension): Dimension => ({
  ...dimension,
  choices: dimension.choices.map((choice) => ({
    ...choice,
    settle: (facts, world) => ({ ...choice.settle(facts, world), ...settledBy(facts, dimension.reads) }),
  })),
})

/** What a caller may be told by, besides who it is: in the order in which it is settled. */
export const callerDimensions = (setting: Setting): readonly Dimension[] => dimensionsOf(setting).map(byCredential)

const dimensionsOf = (setting: Setting): readonly Dimension[] => [
  memberships(setting, { is: 'who.group', word: 'group' }),
  memberships(setting, { is: 'who.role', word: 'role' }),
  ...claims(setting),
  scopes(setting),
  acr(setting),
  factors(setting),
  logins(setting),
]

/** Words of several choices as one caller. */
export const joinWords = (all: readonly CallerWords[]): CallerWords => {
  const joined = all.reduce<CallerWords>((words, more) => {
    const claim = { ...words.claim, ...more.claim }
    return { ...words, ...more, ...(Object.keys(claim).length === 0 ? {} : { claim }) }
  }, {})
  if (joined.credential !== undefined) return fittingWords(joined)
  if (joined.actingFor === undefined) return joined
  // The person is judged as well: let it hold whatever its agent holds.
  const { kind: _kind, user: _user, workload: _workload, client: _client, actingFor, ...held } = joined
  return { ...joined, actingFor: { ...held, ...actingFor } }
}
