// What an expression may name: every fact of the catalogue by a word of the language, or why it has none.
import type { Language } from '../../expression/language.ts'
import { FAULT } from '../../expression/fault.ts'
import { createLibrary } from '../../expression/library.ts'
import type { ZoneOffset } from '../../expression/library-time.ts'
import { BOOL, DOUBLE, DYN, IP, listOf, STRING, TIMESTAMP, type Type, wrapperOf } from '../../expression/type.ts'
import { double, type Value } from '../../expression/value.ts'
import type { Variable, Vocabulary } from '../../expression/vocabulary.ts'
import { METHODS } from '../../model/access-request.ts'
import type { CompileScope, SpecPlace } from '../../model/condition.ts'
import {
  type ClaimType,
  CREDENTIAL_KINDS,
  type FactName,
  type Facts,
  type Maybe,
  type Membership,
  PRINCIPAL_KINDS,
  UNKNOWN,
} from '../../model/fact.ts'
import type { Noun, PolicyImage } from '../../model/policy-image.ts'

/** One name of the language: which fact it is, its type, and what it can be where that is a closed set. */
interface Name {
  readonly fact: FactName
  readonly type: Type
  readonly read: (facts: Facts) => Value
  readonly values?: Noun | readonly string[]
}

const text = (fact: FactName, read: (facts: Facts) => Value, values?: Name['values']): Name => ({
  fact,
  type: wrapperOf(STRING),
  read,
  ...(values === undefined ? {} : { values }),
})

const total = (name: Name): Name => ({ ...name, type: STRING })

/** A membership that is not complete is a list that may hold more than it names. */
const listOfNames = (membership: Maybe<Membership>): Value => {
  if (membership === null || membership === UNKNOWN) return membership
  const items = [...membership.names]
  return membership.complete ? items : { kind: 'open', items }
}

const names = (fact: FactName, read: (facts: Facts) => Maybe<Membership>, values: Noun): Name => ({
  fact,
  type: wrapperOf(listOf(STRING)),
  read: (facts) => listOfNames(read(facts)),
  values,
})

/** A request that the document does not describe leaves open what it is: the caller chose it. */
const operationOf = ({ operation }: Facts, part: 'id' | 'tags'): Value => {
  if (operation === null || operation === UNKNOWN) return operation
  return operation.id === null ? FAULT.unsaid : operation[part]
}

const addressOf = ({ address }: Facts): Value => (address === null || address === UNKNOWN ? address : { kind: 'ip', address })

const instantOf = (ms: number): Value => {
  const seconds = Math.floor(ms / 1_000)
  return { kind: 'timestamp', seconds, nanos: Math.round((ms - seconds * 1_000) * 1_000_000) }
}

/** Everything that has one name. Claims and captures have those that are declared. */
const NAMES: Readonly<Record<string, Name>> = {
  now: { fact: 'now', type: TIMESTAMP, read: ({ now }) => instantOf(now) },
  'request.service': total(text('service', ({ service }) => service, 'service')),
  'request.host': total(text('host', ({ host }) => host)),
  'request.method': total(
    text(
      'method',
      ({ method }) => (method === 'HEAD' ? 'GET' : method),
      METHODS.filter((method) => method !== 'HEAD'),
    ),
  ),
  'request.upgrade': text('upgrade', ({ upgrade }) => upgrade, ['websocket']),
  'request.operation': text('operation', (facts) => operationOf(facts, 'id'), 'operation'),
  'request.tags': {
    fact: 'operation',
    type: wrapperOf(listOf(STRING)),
    read: (facts) => operationOf(facts, 'tags'),
    values: 'tag',
  },
  'request.address': { fact: 'address', type: wrapperOf(IP), read: addressOf },
  'session.credential': text('credential', ({ credential }) => credential, CREDENTIAL_KINDS),
  'principal.kind': text('kind', ({ kind }) => kind, PRINCIPAL_KINDS),
  'principal.provider': text('provider', ({ provider }) => provider, 'provider'),
  'principal.user': text('user', ({ user }) => user),
  'principal.client': text('client', ({ client }) => client),
  'principal.workload': text('workload', ({ workload }) => workload),
  'principal.acting_for': text('actingFor', ({ actingFor }) => actingFor),
  'principal.groups': names('groups', ({ groups }) => groups, 'group'),
  'principal.roles': names('roles', ({ roles }) => roles, 'role'),
}

/** Facts that have no name, with what to write instead. */
const WITHHELD: Readonly<Record<string, { readonly fact: FactName; readonly help: string }>> = {
  'request.path': {
    fact: 'path',
    help: 'Match the path in `what` and name its segments there: /tenants/$tenant/**, then captures.tenant.',
  },
  'request.headers': {
    fact: 'headers',
    help: 'Write `header:` beside it; it knows which spellings of a field may be relied on.',
  },
  'session.acr': { fact: 'acr', help: 'Write `acr:` beside it; it tells the caller which login is needed.' },
  'session.scopes': { fact: 'scopes', help: 'Write `scope:` beside it; it tells the caller which scope is needed.' },
  'session.mfa': { fact: 'factors', help: 'Write `mfa:` beside it; it tells the caller which factor is needed.' },
  'session.openings': { fact: 'openings', help: 'Write `standing: break-glass` in the exception; it closes by itself.' },
  'session.login_at': { fact: 'loginAt', help: 'Write `login: { max-age: … }` beside it; it tells the caller to log in again.' },
}

/** Facts by the word that an expression calls them by, and those it has no word for. */
export const FACTS_NAMED: ReadonlySet<FactName> = new Set([...Object.values(NAMES).map(({ fact }) => fact), 'claims'])
export const FACTS_WITHHELD: ReadonlySet<FactName> = new Set(Object.values(WITHHELD).map(({ fact }) => fact))

const CLAIM_TYPES: Readonly<Record<ClaimType, Type>> = { string: STRING, number: DOUBLE, boolean: BOOL, strings: listOf(STRING) }

const readClaim =
  (name: string) =>
  ({ claims }: Facts): Value => {
    if (claims === null || claims === UNKNOWN) return claims
    const value = claims.get(name)
    if (value === undefined) return UNKNOWN
    return typeof value === 'number' ? double(value) : value
  }

type ReadCapture = (facts: Facts) => string | undefined

/**
 * A service that reads letters of either case alike has one spelling of a segment; one of which nobody said how it reads them has
 * none for a segment with capitals, since `!=` would be escaped by writing it otherwise.
 */
const spelled = (value: string | undefined, routing: PolicyImage['services'][string]['routing'] | undefined): Value => {
  if (value === undefined) return FAULT.unsaid
  if (!/[A-Z]/.test(value)) return value
  if (routing?.caseStated !== true) return FAULT.unsaid
  return routing.caseSensitive ? value : value.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

const readCapture =
  (read: ReadCapture, { image }: CompileScope) =>
  (facts: Facts): Value =>
    spelled(read(facts), image.services[facts.service]?.routing)

/** Which names may stand where: what selects by the time alone reads the clock alone, and a public entry knows no caller. */
const offered = (root: string, { kind, slot }: Pick<SpecPlace, 'kind' | 'slot'>): boolean => {
  const ofCaller = root === 'principal' || root === 'session'
  if (slot === 'what') return root === 'request' || root === 'captures'
  if (slot === 'when') return root === 'now' || ((kind === 'guardrail' || kind === 'invariant') && root !== 'principal')
  return !(ofCaller && kind === 'public')
}

const isMisplaced = (root: string, place: SpecPlace): boolean => ROOTS.includes(root) && !offered(root, place)

const MISPLACED: Readonly<Record<SpecPlace['slot'], string>> = {
  who: 'A public entry asks nothing of the caller.',
  what: '`what` is about the request: write it in `who`, `when` or `how`.',
  when: '`when` is about the time, in a guardrail about circumstances too: write it in `who`, `what` or `how`.',
  how: 'A public entry asks nothing of the caller.',
}

const ROOTS = ['now', 'request', 'principal', 'session', 'captures']
const CLAIMS = 'principal.claims'

/** `place` says what is declared where it is checked, `scope` what is bound where it is compiled; null: not known yet. */
export interface Context {
  readonly place: SpecPlace | null
  readonly scope: CompileScope | null
}

export const NO_CONTEXT: Context = { place: null, scope: null }

const variableOfClaim = (name: string, { place }: Context): Variable<Facts> | null => {
  const declared = place === null ? null : place.claims.get(name)
  if (declared === undefined) return null
  return { type: declared === null ? DYN : wrapperOf(CLAIM_TYPES[declared]), read: readClaim(name), source: 'claims' }
}

const variableOfCapture = (name: string, { place, scope }: Context): Variable<Facts> | null => {
  if (place !== null && !place.captures.includes(name)) return null
  // Nobody captures it: an error of the document, and said by no request.
  const bound = scope?.capture(name) ?? (() => undefined)
  return { type: STRING, read: scope === null ? () => FAULT.unsaid : readCapture(bound, scope), source: 'captures' }
}

const valuesOf = (values: Name['values'], place: SpecPlace | null): { readonly values?: readonly string[] } => {
  if (typeof values !== 'string') return values === undefined ? {} : { values }
  return place === null ? {} : { values: [...place.names(values)] }
}

const variableOf = (path: readonly string[], context: Context): Variable<Facts> | null => {
  const [root, name, third] = path as readonly [string, string | undefined, string | undefined]
  if (context.place !== null && !offered(root, context.place)) return null
  if (root === 'captures') return path.length === 2 ? variableOfCapture(name as string, context) : null
  if (third !== undefined) return path.length === 3 && `${root}.${name}` === CLAIMS ? variableOfClaim(third, context) : null
  return variableOfFact(path.join('.'), context)
}

const variableOfFact = (key: string, { place }: Context): Variable<Facts> | null => {
  if (!Object.hasOwn(NAMES, key)) return null
  const { type, read, fact, values } = NAMES[key] as Name
  return { type, read, source: fact, ...valuesOf(values, place) }
}

const membersOf = (path: readonly string[], { place }: Context): readonly string[] | null => {
  const [root] = path
  if (root === undefined) return ROOTS.filter((each) => place === null || offered(each, place))
  if (place !== null && isMisplaced(root, place)) return null
  if (path.join('.') === CLAIMS) return place === null ? [] : [...place.claims.keys()]
  return path.length > 1 ? null : membersOfRoot(root, place)
}

const membersOfRoot = (root: string, place: SpecPlace | null): readonly string[] | null => {
  if (root === 'now' || !ROOTS.includes(root)) return null
  if (root === 'captures') return place === null ? [] : place.captures
  const own = Object.keys(NAMES).flatMap((key) => (key.startsWith(`${root}.`) ? [key.slice(root.length + 1)] : []))
  return root === 'principal' ? [...own, 'claims'] : own
}

/** Asked of the step that is wrong: the root where it may not stand, or the name that is withheld. */
const insteadOf = (path: readonly string[], { place }: Context): string | null => {
  const [root = ''] = path
  if (path.length === 1 && place !== null && isMisplaced(root, place)) return MISPLACED[place.slot]
  const key = path.join('.')
  return path.length === 2 && Object.hasOwn(WITHHELD, key) ? (WITHHELD[key]?.help ?? null) : null
}

const vocabularyOf = (context: Context): Vocabulary<Facts> => ({
  variable: (path) => variableOf(path, context),
  members: (path) => membersOf(path, context),
  instead: (path) => insteadOf(path, context),
})

const offsetIn =
  (image: PolicyImage | null): ZoneOffset =>
  (zone, seconds) => {
    const transitions = image?.zones[zone]?.transitions
    if (transitions === undefined) return image === null ? 0 : null
    return (transitions.findLast(([at]) => at <= seconds * 1_000) ?? transitions[0])?.[1] ?? null
  }

/** Names and functions of an expression in its place. */
export const languageOf = (context: Context): Language<Facts> => ({
  vocabulary: vocabularyOf(context),
  library: createLibrary(offsetIn(context.scope?.image ?? null)),
})
