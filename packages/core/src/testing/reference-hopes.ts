import { ANONYMOUS, type CredentialKind, type Facts, UNIDENTIFIED, UNKNOWN } from '../model/fact.ts'
import type { Formula, PolicyImage, RuleImage } from '../model/policy-image.ts'
import { ALWAYS_SO } from './callers-by-credential.ts'
import { type Attempt, perform } from './reference-remedies.ts'
import { demandOf, isAlive, type Leaf, type Leaves, selectionOf, sightOf, type Tri, valueOf, viewOf } from './reference-rule.ts'

/** What may become of a rule after an attempt: 1 it will do, -1 it may once unknown facts are known, 0 it will not. */
export interface Hopes {
  readonly permit: (rule: RuleImage, attempt: Attempt) => Tri
  readonly guardrail: (rule: RuleImage, attempt: Attempt) => Tri
}

/** Three ways a leaf may count: where rules select, where they demand, and where an exception demands. */
interface Readings {
  readonly select: (rule: RuleImage) => Leaves
  readonly demand: (rule: RuleImage, attempt: Attempt) => Leaves
  readonly waive: (rule: RuleImage, attempt: Attempt) => Leaves
}

const ALWAYS: Formula = { all: [] }
const rank = (tri: Tri): number => (tri === 1 ? 2 : tri === -1 ? 1 : 0)
const lower = (a: Tri, b: Tri): Tri => (rank(a) < rank(b) ? a : b)
const higher = (a: Tri, b: Tri): Tri => (rank(a) > rank(b) ? a : b)

const createHopes = (rules: readonly RuleImage[], now: number, readings: Readings): Hopes => {
  const exceptions = rules.filter((rule) => rule.kind === 'exception' && isAlive(rule, now))
  const remembered = new Map<string, Tri>()
  const selection = (rule: RuleImage, wanted: boolean): Tri => {
    const key = `${wanted} ${rule.name}`
    const known = remembered.get(key) ?? valueOf(selectionOf(rule), readings.select(rule), wanted)
    remembered.set(key, known)
    return known
  }
  const waived = (rule: RuleImage, attempt: Attempt): Tri =>
    exceptions
      .filter(({ names }) => names.includes(rule.name))
      .map((each) => lower(selection(each, true), valueOf(demandOf(each), readings.waive(each, attempt))))
      .reduce<Tri>(higher, 0)
  return {
    permit: (rule, attempt) => {
      if (!isAlive(rule, now) || selection(rule, true) === 0) return 0
      return lower(selection(rule, true), valueOf(rule.how ?? ALWAYS, readings.demand(rule, attempt)))
    },
    guardrail: (rule, attempt) => {
      if (!isAlive(rule, now) || selection(rule, false) === 1) return 1
      const held = valueOf(rule.how ?? ALWAYS, readings.demand(rule, attempt))
      return higher(selection(rule, false), higher(held, waived(rule, attempt)))
    },
  }
}

const REMEDIED = ['how.mfa', 'how.login', 'how.acr', 'how.scope']

/** Unknown by the caller's own doing is a definite no, whichever way round it is wanted. */
const plainly = (leaf: Leaf, wanted: boolean, view: Parameters<typeof sightOf>[1]): Tri => {
  const { tri, byCaller } = sightOf(leaf, view)
  if (tri === -1) return byCaller ? 0 : -1
  return (tri === 1) === wanted ? 1 : 0
}

/** Only a token is had with more scopes; people log in and prove factors, with a token or a session. */
const OBTAINS: readonly unknown[] = ['jwt', UNKNOWN]
const OF_PEOPLE: readonly unknown[] = ['jwt', 'session', UNKNOWN]

/** Can this caller do what a condition asks. */
const isAble = (is: string, { credential, kind, scopes }: Facts): Tri => {
  const [able, other]: readonly [boolean, unknown] =
    is === 'how.scope'
      ? [OBTAINS.includes(credential), scopes]
      : [OF_PEOPLE.includes(credential) && (kind === 'human' || kind === UNKNOWN), kind]
  if (!able) return 0
  return credential === UNKNOWN || other === UNKNOWN ? -1 : 1
}

/** A caller who stays who they are. */
export const hopesOfCaller = (image: PolicyImage, rules: readonly RuleImage[], facts: Facts): Hopes => {
  const now = (rule: RuleImage) => viewOf(rule, image, facts)
  const after = (rule: RuleImage, attempt: Attempt) => viewOf(rule, image, perform(facts, attempt))
  return createHopes(rules, facts.now, {
    select: (rule) => (leaf, wanted) => plainly(leaf, wanted, now(rule)),
    demand: (rule, attempt) => (leaf, wanted) => {
      const before = plainly(leaf, wanted, now(rule))
      const sight = sightOf(leaf, now(rule))
      if (!REMEDIED.includes(leaf.is) || sight.tri === -1 || sight.code === 'scope.undocumented') return before
      const able = before === 1 ? 1 : isAble(leaf.is, facts)
      // What can be asked is not known before it is known of whom.
      if (able !== 1) return able
      return plainly(leaf, wanted, after(rule, attempt)) === 1 ? 1 : 0
    },
    waive: (rule, attempt) => (leaf, wanted) => {
      const before = plainly(leaf, wanted, now(rule))
      return leaf.is === 'how.acr' && before === 1 ? plainly(leaf, wanted, after(rule, attempt)) : before
    },
  })
}

const isOfCaller = ({ is, spec }: Leaf): boolean =>
  /^\+?who\.|^how\.|^circumstance\.credential$/.test(is) || (is === 'any.if' && /principal\.|session\./.test(spec as string))

export interface Comer {
  readonly image: PolicyImage
  readonly rules: readonly RuleImage[]
  /** The kind of credential they come back with. */
  readonly credential: CredentialKind
}

/**
 * An anonymous caller, who may turn out to be anybody with a credential of a kind, and then brings what was asked of a person and no
 * more: a program brings nothing.
 */
export const hopesByLogin = ({ image, rules, credential }: Comer, facts: Facts): Hopes => {
  const anybody = (rule: RuleImage) => viewOf(rule, image, { ...facts, ...UNIDENTIFIED, ...ALWAYS_SO[credential] })
  const open = (rule: RuleImage, leaf: Leaf, wanted: boolean): Tri => {
    const tri = plainly(leaf, wanted, anybody(rule))
    return tri === -1 && isOfCaller(leaf) ? 1 : tri
  }
  const leaves =
    (rule: RuleImage): Leaves =>
    (leaf, wanted) =>
      open(rule, leaf, wanted)
  return createHopes(rules, facts.now, {
    select: leaves,
    waive: leaves,
    demand: (rule, attempt) => (leaf, wanted) => {
      if (!['how.mfa', 'how.login', 'how.acr'].includes(leaf.is)) return open(rule, leaf, wanted)
      const before = { ...facts, ...ANONYMOUS }
      return plainly(leaf, wanted, viewOf(rule, image, credential === 'api-key' ? before : perform(before, attempt)))
    },
  })
}
