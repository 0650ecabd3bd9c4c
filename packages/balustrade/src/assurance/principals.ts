import { ANONYMOUS, CREDENTIAL_KINDS, type FactName, type Facts, OWN_PROVIDER, type PlanRule } from '@balustrade/core/kit'
import { type CallerWords, factsFromWords } from '@balustrade/core/policy'
import type { Choice, Dimension, Setting } from './dimension.ts'
import { textsFor } from './literals.ts'
import type { World } from './world.ts'

const READS = ['credential', 'kind', 'provider', 'user', 'client', 'workload', 'actingFor'] as const satisfies readonly FactName[]

const settleAs =
  (words: CallerWords): Choice['settle'] =>
  (facts: Facts, world: World) => {
    const known = factsFromWords(words, { image: world.image, now: facts.now }).facts
    const settled = Object.fromEntries(READS.map((name) => [name, known[name]]))
    // No claim is known before its own turn; a name that is missing from the map is unknown.
    return { ...settled, claims: new Map() }
  }

const choiceOf = (words: CallerWords): Choice => ({ words, settle: settleAs(words) })

const NOBODY: Choice = { words: {}, settle: () => ({ ...ANONYMOUS }) }

/** `corp/$tenant` stands for one user each of what the request says. */
const principalsFor = (setting: Setting, is: string): readonly string[] =>
  textsFor(setting.literals, is).flatMap((text) => {
    const [provider = '', subject = ''] = text.split(/\/(.*)/s)
    if (provider === OWN_PROVIDER) return []
    // A subject with a space cannot be written in a case.
    if (!subject.startsWith('$')) return /^\S+\/\S+$/.test(text) ? [text] : []
    return setting.captured.map((value) => `${provider}/${value}`)
  })

/** Providers that the services at hand accept, and others that rules name. */
const providersOf = ({ worlds, services, literals }: Setting): readonly string[] => {
  const accepted = worlds.flatMap(({ image }, i) => image.services[services[i] ?? '']?.providers ?? [])
  return [...new Set([...accepted, ...textsFor(literals, 'who.provider')])].filter((name) => name !== OWN_PROVIDER).sort()
}

/** With one provider in the policy nobody has to be told whose caller it is. */
const withProvider = (words: CallerWords, setting: Setting): readonly CallerWords[] => {
  if (setting.worlds.every(({ image }) => Object.keys(image.providers).length < 2)) return [words]
  return providersOf(setting).map((provider) => ({ ...words, provider }))
}

const withClients = (words: readonly CallerWords[], clients: readonly string[]): readonly CallerWords[] => [
  ...words,
  ...clients.flatMap((client) => words.map((each) => ({ ...each, client }))),
]

/** The first provider at hand, for a person of whom nothing but a name is said. */
const strangersOf = (setting: Setting): readonly string[] => providersOf(setting).map((provider) => `${provider}/somebody`)

const agentsOf = (setting: Setting): readonly CallerWords[] => {
  if (!setting.literals.some(({ is }) => is === 'who.acting-for')) return []
  const persons = [...principalsFor(setting, 'who.acting-for'), ...strangersOf(setting).slice(0, 1)]
  return persons.flatMap((user) => withProvider({ kind: 'agent', actingFor: { kind: 'human', user } }, setting))
}

const isOwnWorkload = (name: string, { worlds }: Setting): boolean =>
  worlds.some(({ image }) => image.workloads[name]?.provider === OWN_PROVIDER)

/** Whoever comes with a token. */
const byToken = (setting: Setting): readonly CallerWords[] => {
  const { literals } = setting
  const kinds = textsFor(literals, 'who.kind')
  const plain: readonly CallerWords[] = [
    { kind: 'human' },
    { kind: 'workload' },
    ...(kinds.includes('agent') ? [{ kind: 'agent' } as const] : []),
  ]
  const own = [
    ...plain.flatMap((words) => withProvider(words, setting)),
    ...principalsFor(setting, 'who.user').map((user): CallerWords => ({ kind: 'human', user })),
    ...textsFor(literals, 'who.workload')
      .filter((workload) => !isOwnWorkload(workload, setting))
      .map((workload): CallerWords => ({ kind: 'workload', workload })),
  ]
  return [...withClients(own, textsFor(literals, 'who.client')), ...agentsOf(setting)]
}

/** A session is a person's, without a client. */
const bySession = (setting: Setting): readonly CallerWords[] => [
  ...withProvider({ credential: 'session', kind: 'human' }, setting),
  ...principalsFor(setting, 'who.user').map((user): CallerWords => ({ credential: 'session', kind: 'human', user })),
]

/** A key is that of a workload that Balustrade vouches for. */
const byKey = (setting: Setting): readonly CallerWords[] => [
  { credential: 'api-key', kind: 'workload' },
  ...textsFor(setting.literals, 'who.workload')
    .filter((workload) => isOwnWorkload(workload, setting))
    .map((workload): CallerWords => ({ credential: 'api-key', kind: 'workload', workload })),
]

const BY = { jwt: byToken, session: bySession, 'api-key': byKey } as const

/** Callers by each kind of credential that the services at hand accept. */
const signedIn = (setting: Setting): readonly CallerWords[] => {
  const { worlds, services } = setting
  const accepted = worlds.flatMap(({ image }, i) => image.services[services[i] ?? '']?.credentials ?? [])
  return CREDENTIAL_KINDS.filter((kind) => accepted.includes(kind)).flatMap((kind) => BY[kind](setting))
}

/** Who is considered: somebody signed in, nobody, or both. */
export type Callers = 'signed-in' | 'anonymous' | 'anyone'

/** Whom a permit may let in; a public entry is for those who have not signed in. */
export const callersOf = ({ kind }: PlanRule): Callers => (kind === 'public' ? 'anonymous' : 'signed-in')

/** Who calls: kinds, and everybody whom the rules at hand name. */
export const principalDimension = (setting: Setting, callers: Callers): Dimension => ({
  reads: READS,
  choices: [...(callers === 'anonymous' ? [] : signedIn(setting).map(choiceOf)), ...(callers === 'signed-in' ? [] : [NOBODY])],
  whole: true,
  ofCaller: false,
})
