import {
  CREDENTIAL_KINDS,
  type CredentialKind,
  FACTS,
  type FactName,
  type MfaLevel,
  MFA_LEVELS,
  PRINCIPAL_KINDS,
  type PrincipalKind,
  FACT_NAMES,
} from '../model/fact.ts'
import type { Noun } from '../model/policy-image.ts'
import type { DeclaredNames } from './declared.ts'
import { type Reporter, suggest } from './reporter.ts'
import {
  choice,
  duration,
  FOREIGN_NAME,
  list,
  type Located,
  located,
  maybe,
  type Named,
  named,
  record,
  refuseType,
  type Shape,
  text,
} from './shape.ts'
import { type Node, plainOf } from './tree.ts'

export interface FactorWords {
  readonly level: MfaLevel
  /** ms; undefined: the provider does not say when it was proved. */
  readonly age: number | undefined
}

export type ClaimWords = string | number | boolean | readonly string[]

/** A caller in the words of the rules. Facts that no word speaks of are absent, and what lists them complete. */
export interface CallerWords {
  readonly user?: string
  readonly kind?: PrincipalKind
  readonly group?: readonly string[]
  readonly role?: readonly string[]
  readonly provider?: string
  readonly client?: string
  readonly workload?: string
  readonly claim?: Readonly<Record<string, ClaimWords>>
  readonly scope?: readonly string[]
  readonly acr?: string
  readonly mfa?: readonly FactorWords[]
  readonly login?: { readonly age: number }
  /** The person an agent acts for: `provider/subject`, or that person in the same words. */
  readonly actingFor?: CallerWords
  /** Left out: a key where Balustrade itself vouches for the caller, a session for a person where tokens are not accepted, else a token. */
  readonly credential?: CredentialKind
  /** Facts that could not be found out. */
  readonly unknown?: readonly FactName[]
}

const mfa: Shape<FactorWords> = {
  read: (node, to) => {
    if (node.kind !== 'map') {
      const level = choice(MFA_LEVELS).read(node, to)
      return level === undefined ? undefined : { level, age: undefined }
    }
    return record<FactorWords>('`mfa` of a caller', {
      level: { shape: choice(MFA_LEVELS), required: true },
      age: maybe(duration()),
    }).read(node, to)
  },
  schema: {
    anyOf: [{ enum: MFA_LEVELS }, { type: 'object', properties: { level: { enum: MFA_LEVELS }, age: duration().schema } }],
  },
}

const claimValue: Shape<ClaimWords> = {
  read: (node, to) => {
    const plain = plainOf(node)
    if (typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean') return plain
    if (Array.isArray(plain) && plain.every((item) => typeof item === 'string')) return plain as readonly string[]
    return refuseType(node, to, 'text, a number, true or false, or a list of texts')
  },
  schema: { type: ['string', 'number', 'boolean', 'array'] },
}

const PRINCIPAL = text('provider/subject', /^[^\s/]+\/\S+$/)
const names = maybe(list(located(text('a declared name'))))
const name = maybe(located(text('a declared name')))
const CREDENTIAL_FACTS = FACT_NAMES.filter((fact) => FACTS[fact].from === 'credential')

interface Written {
  readonly user: Located<string> | undefined
  readonly kind: PrincipalKind | undefined
  readonly group: readonly Located<string>[] | undefined
  readonly role: readonly Located<string>[] | undefined
  readonly provider: Located<string> | undefined
  readonly client: Located<string> | undefined
  readonly workload: Located<string> | undefined
  readonly claim: readonly Named<ClaimWords>[] | undefined
  readonly scope: readonly Located<string>[] | undefined
  readonly acr: string | undefined
  readonly mfa: readonly FactorWords[] | undefined
  readonly login: { readonly age: number } | undefined
  readonly 'acting-for': Node | undefined
  readonly credential: Located<CredentialKind> | undefined
  readonly unknown: readonly FactName[] | undefined
}

const caller = record<Written>('a caller', {
  user: maybe(located(PRINCIPAL)),
  kind: maybe(choice(PRINCIPAL_KINDS)),
  group: names,
  role: names,
  provider: name,
  client: name,
  workload: name,
  claim: maybe(named(claimValue, FOREIGN_NAME)),
  scope: names,
  acr: maybe(text('an acr value')),
  mfa: maybe(list(mfa)),
  login: maybe(record<{ readonly age: number }>('`login` of a caller', { age: { shape: duration(), required: true } })),
  'acting-for': maybe({ read: (node) => node, schema: { type: ['string', 'object'] } }),
  credential: maybe(located(choice(CREDENTIAL_KINDS))),
  unknown: maybe(list(choice(CREDENTIAL_FACTS))),
})

export const callerSchema = { anyOf: [{ type: 'object', maxProperties: 0 }, caller.schema] }

const checkNames = (written: Written, declared: DeclaredNames, to: Reporter): void => {
  const each = (noun: Noun, found: readonly Located<string>[]): void => {
    const known = declared.get(noun) ?? new Set<string>()
    for (const one of found) {
      const help = suggest(one.value, known) || undefined
      if (!known.has(one.value)) to.report('case.name', one.at, { noun, name: one.value, help })
    }
  }
  const one = (located_: Located<string> | undefined): readonly Located<string>[] => (located_ === undefined ? [] : [located_])
  each('group', written.group ?? [])
  each('role', written.role ?? [])
  each('scope', written.scope ?? [])
  each('client', one(written.client))
  each('workload', one(written.workload))
  const claims = (written.claim ?? []).map((entry) => ({
    value: entry.name,
    at: { kind: 'scalar' as const, value: entry.name, ...entry.at },
  }))
  each('claim', claims)
  const { user } = written
  const ofUser = user === undefined ? undefined : { value: user.value.slice(0, user.value.indexOf('/')), at: user.at }
  each('provider', [...one(written.provider), ...one(ofUser)])
}

/** Words that no caller with such a credential is described by, and the kind of principal that all of them are. */
const UNFIT: Readonly<
  Record<CredentialKind, { readonly keys: readonly (keyof CallerWords & keyof Written)[]; readonly kind: PrincipalKind | null }>
> = {
  jwt: { keys: [], kind: null },
  session: { keys: ['client', 'workload', 'scope'], kind: 'human' },
  'api-key': { keys: ['user', 'client', 'group', 'role', 'claim', 'acr', 'mfa', 'login'], kind: 'workload' },
}

const checkCredential = (written: Written, to: Reporter): void => {
  if (written.credential === undefined) return
  const { value, at } = written.credential
  const { keys, kind } = UNFIT[value]
  if (kind === null) return
  const key = [...keys, 'acting-for' as const].find((each) => written[each] !== undefined)
  if (key !== undefined) to.report('case.credential', at, { credential: value, what: `\`${key}\`` })
  else if (written.kind !== undefined && written.kind !== kind)
    to.report('case.credential', at, { credential: value, what: `the kind ${written.kind}` })
}

/** The words of them that a caller with such a credential can be described by. */
export const fittingWords = (words: CallerWords): CallerWords => {
  const unfit: readonly string[] = words.credential === undefined ? [] : UNFIT[words.credential].keys
  return unfit.length === 0
    ? words
    : (Object.fromEntries(Object.entries(words).filter(([key]) => !unfit.includes(key))) as CallerWords)
}

const valuesOf = (found: readonly Located<string>[] | undefined): readonly string[] | undefined =>
  found?.map((each) => each.value)

const claimsOf = (found: Written['claim']): CallerWords['claim'] =>
  found === undefined ? undefined : Object.fromEntries(found.map((entry) => [entry.name, entry.value]))

const readPerson = (node: Node, declared: DeclaredNames, to: Reporter): CallerWords | undefined => {
  if (node.kind === 'map') return readCallerWords(node, declared, to)
  const user = PRINCIPAL.read(node, to)
  return user === undefined ? undefined : { user }
}

const present = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T

/** Reads a caller; `{}` is the anonymous one. Undefined when anything was refused. */
export const readCallerWords = (node: Node, declared: DeclaredNames, to: Reporter): CallerWords | undefined => {
  if (node.kind === 'map' && node.entries.size === 0) return {}
  const written = caller.read(node, to)
  if (written === undefined) return undefined
  checkNames(written, declared, to)
  checkCredential(written, to)
  const actingFor = written['acting-for'] === undefined ? undefined : readPerson(written['acting-for'], declared, to)
  return present({
    user: written.user?.value,
    kind: written.kind,
    group: valuesOf(written.group),
    role: valuesOf(written.role),
    provider: written.provider?.value,
    client: written.client?.value,
    workload: written.workload?.value,
    claim: claimsOf(written.claim),
    scope: valuesOf(written.scope),
    acr: written.acr,
    mfa: written.mfa,
    login: written.login,
    actingFor,
    credential: written.credential?.value,
    unknown: written.unknown,
  }) as CallerWords
}
