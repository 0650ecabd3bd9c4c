import {
  ANONYMOUS,
  type ClaimValue,
  type CredentialFacts,
  type CredentialKind,
  type Factor,
  FACTS_OF_KIND,
  type Maybe,
  type Membership,
  OWN_PROVIDER,
  type PrincipalKind,
  UNKNOWN,
} from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import { createScopeLattice } from '../model/scope-lattice.ts'
import type { CallerWords } from './caller-words.ts'

export interface CallerFacts {
  readonly facts: CredentialFacts
  /** For an agent: the person it acts for, judged as well. */
  readonly behalf: CredentialFacts | null
}

interface Moment {
  readonly image: PolicyImage
  /** Epoch ms from which ages are counted back. */
  readonly now: number
  /** Kinds of credential that the service accepts; left out: tokens, and keys of our own workloads. */
  readonly accepts?: readonly CredentialKind[]
}

const complete = (names: readonly string[] | undefined): Membership => ({ names: new Set(names ?? []), complete: true })

const kindOf = (words: CallerWords): PrincipalKind => {
  if (words.kind !== undefined) return words.kind
  if (words.actingFor !== undefined) return 'agent'
  return words.workload === undefined && words.credential !== 'api-key' ? 'human' : 'workload'
}

const entryOf = <T>(entries: Readonly<Record<string, T>>, name: string | undefined): T | undefined =>
  name === undefined ? undefined : entries[name]

/** The provider that is named, or that a name belongs to, or the only one there is. */
const providerOf = (words: CallerWords, image: PolicyImage): string | null => {
  if (words.credential === 'api-key') return OWN_PROVIDER
  const ofUser = words.user?.slice(0, words.user.indexOf('/'))
  const named = words.provider ?? ofUser ?? entryOf(image.workloads, words.workload)?.provider
  if (named !== undefined) return named
  const ofClient = entryOf(image.clients, words.client)?.provider
  if (ofClient !== undefined) return ofClient
  const all = Object.keys(image.providers)
  return all.length === 1 ? (all[0] as string) : null
}

const workloadOf = (words: CallerWords, image: PolicyImage): string | null => {
  const declared = entryOf(image.workloads, words.workload)
  return declared === undefined ? null : `${declared.provider}/${declared.subject}`
}

/** Declared claims no word speaks of are absent. */
const claimsOf = (words: CallerWords, provider: string | null, image: PolicyImage): ReadonlyMap<string, Maybe<ClaimValue>> => {
  const declared = provider === null ? Object.values(image.providers) : [image.providers[provider]]
  const names = declared.flatMap((each) => Object.keys(each?.claims ?? {}))
  return new Map<string, Maybe<ClaimValue>>([...names.map((name) => [name, null] as const), ...Object.entries(words.claim ?? {})])
}

const factorsOf = (words: CallerWords, now: number): readonly Factor[] =>
  (words.mfa ?? []).map(({ level, age }) => ({ level, at: age === undefined ? UNKNOWN : now - age }))

/** Where none is said, a key for whom Balustrade vouches, a session for a person where tokens are not accepted, and otherwise a token. */
const credentialOf = (
  words: CallerWords,
  provider: string | null,
  accepts: readonly CredentialKind[] = ['jwt'],
): CredentialKind => {
  if (words.credential !== undefined) return words.credential
  if (provider === OWN_PROVIDER) return 'api-key'
  const byBrowser = kindOf(words) === 'human' && !accepts.includes('jwt') && accepts.includes('session')
  return byBrowser ? 'session' : 'jwt'
}

const personOf = (words: CallerWords, { image, now, accepts }: Moment): CredentialFacts => {
  const provider = providerOf(words, image)
  const credential = credentialOf(words, provider, accepts)
  return {
    credential,
    kind: kindOf(words),
    provider,
    user: words.user ?? null,
    client: entryOf(image.clients, words.client)?.id ?? null,
    workload: workloadOf(words, image),
    actingFor: words.actingFor?.user ?? null,
    groups: complete(words.group),
    roles: complete(words.role),
    claims: claimsOf(words, provider, image),
    scopes: createScopeLattice(image.scopes).expand(words.scope ?? []),
    acr: words.acr ?? null,
    factors: factorsOf(words, now),
    loginAt: words.login === undefined ? null : now - words.login.age,
    // What goes with the kind of credential, whatever else the words say.
    ...FACTS_OF_KIND[credential],
  }
}

const withUnknown = (facts: CredentialFacts, words: CallerWords): CredentialFacts =>
  ({ ...facts, ...Object.fromEntries((words.unknown ?? []).map((name) => [name, UNKNOWN])) }) as CredentialFacts

/**
 * Facts of a caller in the words of the rules. No words: anonymous. A person unless a word says otherwise; facts that no word
 * speaks of are absent, memberships complete; a factor without an age was proved at an unknown time.
 */
export const factsFromWords = (words: CallerWords, moment: Moment): CallerFacts => {
  if (Object.keys(words).length === 0) return { facts: ANONYMOUS, behalf: null }
  const facts = withUnknown(personOf(words, moment), words)
  const { actingFor } = words
  return { facts, behalf: actingFor === undefined ? null : withUnknown(personOf(actingFor, moment), actingFor) }
}
