import { CREDENTIAL_KINDS, type CredentialKind, type Facts, type Unknown, UNKNOWN } from '../model/fact.ts'
import type { Remedy } from '../model/remedy.ts'
import type { Atom, Node, Tri } from '../plan/node.ts'
import { isAlive, type Matched, type PlanRule } from '../plan/rule.ts'
import { fromAnybody, fromPerson, withoutCredential } from './callers.ts'
import { both, byGrant, byKeeping, byRemedy, either, OPEN, SHUT, UNSURE, type Ways } from './ways.ts'

/** What may come of the leaves of a formula: by itself, or by what the caller does. */
interface Prospect {
  /** For selections and exceptions: -1 when an unknown fact may make it so. */
  readonly hope: (atom: Atom, wanted: boolean) => Tri
  /** For demands: also by what the caller does. */
  readonly ways: (atom: Atom) => Ways
  /** For exceptions' demands, which are never a remedy. */
  readonly asItStands: (atom: Atom) => Ways
}

/** An unknown that is the caller's own doing is not going to become known: a definite no. */
const hopeOf = (atom: Atom, wanted: boolean, facts: Facts): Tri => {
  const { tri, by } = atom.test(facts)
  if (tri === -1) return by === 'caller' ? 0 : -1
  return (tri === 1) === wanted ? 1 : 0
}

/** Remedies of a leaf as `facts` have it, for the caller that `whom` describes. */
const remediesOf = (atom: Atom, facts: Facts, whom = facts): readonly Remedy[] | Unknown => {
  const found = atom.test(facts).remedy?.(whom) ?? []
  return found === UNKNOWN || isList(found) ? found : [found]
}

const isList = (found: Remedy | readonly Remedy[]): found is readonly Remedy[] => Array.isArray(found)

const waysByRemedies = (remedies: readonly Remedy[] | Unknown): Ways =>
  remedies === UNKNOWN ? UNSURE : remedies.reduce<Ways>((ways, each) => either(ways, byRemedy(each)), SHUT)

/** The classes of login for which this leaf is met, were there another login. */
const keptWays = (atom: Atom, facts: Facts): Ways => {
  if (!atom.ofAcr) return OPEN
  const remedies = remediesOf(atom, { ...facts, acr: null })
  const classes = remedies === UNKNOWN ? [] : remedies.flatMap(({ acr }) => acr ?? [])
  return classes.length === 0 ? OPEN : byKeeping(classes)
}

const wayOfTri = (tri: Tri): Ways => {
  if (tri === 0) return SHUT
  return tri === 1 ? OPEN : UNSURE
}

/** A caller who is who they are: what is unmet changes by remedies alone. */
const prospectOfCaller = (facts: Facts): Prospect => {
  const asItStands = (atom: Atom): Ways => {
    const tri = hopeOf(atom, true, facts)
    return tri === 1 ? keptWays(atom, facts) : wayOfTri(tri)
  }
  return {
    hope: (atom, wanted) => hopeOf(atom, wanted, facts),
    ways: (atom) => (atom.tri(facts) === 0 ? waysByRemedies(remediesOf(atom, facts)) : asItStands(atom)),
    asItStands,
  }
}

/**
 * An anonymous caller may turn out to be anybody by signing in: what depends on who calls may come out either way, but for the kind
 * of credential and what always goes with it. Demands that a person can answer are told beforehand, except scopes, which are the
 * client's affair once it has a login.
 */
const prospectOfLogin = (facts: Facts, kind: CredentialKind): Prospect => {
  const anybody = fromAnybody(facts, kind)
  const person = fromPerson(facts, kind)
  const anonymous = withoutCredential(facts)
  const hope = (atom: Atom, wanted: boolean): Tri => {
    const tri = hopeOf(atom, wanted, anybody)
    return tri === -1 && atom.ofCaller ? 1 : tri
  }
  return {
    hope,
    asItStands: (atom) => wayOfTri(hope(atom, true)),
    ways: (atom) => {
      const tri = hope(atom, true)
      if (tri !== 1 || !atom.ofCaller || atom.tri(anybody) !== -1) return wayOfTri(tri)
      const remedies = remediesOf(atom, anonymous, person)
      if (remedies === UNKNOWN || remedies.length === 0 || remedies.some(({ scopes }) => scopes !== undefined)) return OPEN
      return waysByRemedies(remedies)
    },
  }
}

/** Kleene's value of a formula, or of its negation, over what may become of its leaves. */
const hopeFor = (node: Node, wanted: boolean, prospect: Prospect): Tri => {
  if (node.type === 'atom') return prospect.hope(node, wanted)
  const decisive = (node.type === 'all') === wanted ? 0 : 1
  let value: Tri = decisive === 0 ? 1 : 0
  for (const part of node.parts) {
    const tri = hopeFor(part, wanted, prospect)
    if (tri === decisive) return tri
    if (tri === -1) value = -1
  }
  return value
}

const waysTo = (node: Node, waysOfAtom: (atom: Atom) => Ways): Ways => {
  if (node.type === 'atom') return waysOfAtom(node)
  let ways = node.type === 'all' ? OPEN : SHUT
  const combine = node.type === 'all' ? both : either
  for (const part of node.parts) ways = combine(ways, waysTo(part, waysOfAtom))
  return ways
}

/** Exceptions are never a remedy: their own `how` counts as it stands. */
const waysByException = (rule: PlanRule, prospect: Prospect): Ways => {
  const selected = wayOfTri(hopeFor(rule.select, true, prospect))
  return selected === SHUT ? SHUT : both(selected, waysTo(rule.how, prospect.asItStands))
}

/** ¬applies ∨ how ∨ waived. */
const waysPast = (guardrail: PlanRule, exceptions: readonly PlanRule[], prospect: Prospect): Ways => {
  const past = either(wayOfTri(hopeFor(guardrail.select, false, prospect)), waysTo(guardrail.how, prospect.ways))
  return exceptions
    .filter((rule) => rule.waives.has(guardrail.id))
    .reduce((ways, rule) => either(ways, waysByException(rule, prospect)), past)
}

const alive = (rules: readonly PlanRule[], { now }: Facts): readonly PlanRule[] => rules.filter((rule) => isAlive(rule, now))

const waysPastAll = ({ guardrails, exceptions }: Matched, facts: Facts, prospect: Prospect): Ways => {
  const inForce = alive(exceptions, facts)
  return alive(guardrails, facts).reduce<Ways>((ways, rule) => both(ways, waysPast(rule, inForce, prospect)), OPEN)
}

const waysByPermit = (permits: readonly PlanRule[], facts: Facts, prospect: Prospect): Ways =>
  alive(permits, facts).reduce<Ways>((ways, rule) => {
    const selected = wayOfTri(hopeFor(rule.select, true, prospect))
    return selected === SHUT ? ways : either(ways, byGrant(both(selected, waysTo(rule.how, prospect.ways)), rule.id))
  }, SHUT)

/** What the public may come to be allowed, when facts that are unknown become known: nothing that anybody can do. */
export const waysOfPublic = (matched: Matched, facts: Facts): Ways => {
  const entries = matched.permits.filter(({ kind }) => kind === 'public')
  if (entries.length === 0) return SHUT
  const anonymous = withoutCredential(facts)
  const hopes = prospectOfCaller(anonymous)
  const prospect: Prospect = { ...hopes, ways: (atom) => wayOfTri(hopes.hope(atom, true)) }
  const permit = waysByPermit(entries, anonymous, prospect)
  return permit.length === 0 ? SHUT : both(permit, waysPastAll(matched, anonymous, prospect))
}

const LOGIN: Ways = byRemedy({ login: { maxAge: null } })

/**
 * A login is offered whether or not a grant exists, unless guardrails refuse whoever signs in. Each kind of credential is looked at
 * by itself: what one guardrail lets pass with a token and another with a session passes with neither.
 */
export const waysByLogin = (matched: Matched, facts: Facts, kind: CredentialKind): Ways =>
  both(LOGIN, waysPastAll(matched, facts, prospectOfLogin(facts, kind)))

/**
 * Nobody knows who calls: somebody whom a grant selects, or nobody, who would be offered a login. Only guardrails can be sure, and
 * only over every kind of credential there is.
 */
const waysOfAnybody = (matched: Matched, facts: Facts): Ways =>
  CREDENTIAL_KINDS.some((kind) => waysByLogin(matched, facts, kind).length > 0) ? UNSURE : SHUT

/** Ways of a caller with a credential. */
const waysOfCaller = (matched: Matched, facts: Facts): Ways => {
  const prospect = prospectOfCaller(facts)
  const past = waysPastAll(matched, facts, prospect)
  return past.length === 0 ? SHUT : both(past, waysByPermit(matched.permits, facts, prospect))
}

/** Every way from a refusal to an allow; those that rest on an unknown fact are marked. */
export const waysOf = (matched: Matched, facts: Facts): Ways => {
  const ofCaller = facts.credential === UNKNOWN ? waysOfAnybody : waysOfCaller
  return either(ofCaller(matched, facts), waysOfPublic(matched, facts))
}

/** What a guardrail asks of whoever signs in: OPEN when nothing that is known now. */
export const waysPastByLogin =
  ({ exceptions }: Matched, facts: Facts, kind: CredentialKind): ((guardrail: PlanRule) => Ways) =>
  (guardrail) =>
    waysPast(guardrail, alive(exceptions, facts), prospectOfLogin(facts, kind))
