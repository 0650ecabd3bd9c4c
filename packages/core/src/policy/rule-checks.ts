import type { Spec } from '../model/condition.ts'
import type { Formula } from '../model/policy-image.ts'
import { boundAlways, everyAlternative } from './alternatives.ts'
import type { Bundle } from './bundle.ts'
import { checkReferences, checkSources, specPlaceOf } from './references.ts'
import { checkExceptionLife } from './register.ts'
import { suggest } from './reporter.ts'
import type { ReadRule, SlotAtom } from './rule.ts'
import { spanWithin } from './scalar-places.ts'
import type { Located } from './shape.ts'

const NEEDS_SERVICE = new Set(['grant', 'public'])

const checkWho = (rule: ReadRule, bundle: Bundle): void => {
  const { who } = rule.image
  if (rule.kind !== 'grant' || who === null || everyAlternative(who, () => true)) return
  bundle.to.report('who.names_nobody', rule.written.who ?? rule.at)
}

const checkWhat = (rule: ReadRule, bundle: Bundle): void => {
  const { what } = rule.image
  if (!NEEDS_SERVICE.has(rule.kind) || what === null || rule.written.what === undefined) return
  if (everyAlternative(what, (is) => is.is === 'what.service')) return
  bundle.to.report('what.no_service', rule.written.what)
}

/** A remedy for one rule would undo another, and a caller could meet the condition by bringing less. */
const checkNegations = (rule: ReadRule, bundle: Bundle): void => {
  for (const atom of rule.atoms) {
    if (atom.negated && atom.slot === 'how' && atom.known.remedy) {
      bundle.to.report('not.remedy', atom.key, { key: atom.known.condition.key })
    }
  }
}

/** A zone that a condition names itself. */
const ownZone = (spec: Spec): string | null => {
  const zone = typeof spec === 'object' && !Array.isArray(spec) && 'zone' in spec ? spec['zone'] : null
  return typeof zone === 'string' ? zone : null
}

/** Zones that a condition reads clocks of, besides that of the document. */
const zonesOf = ({ known, spec }: SlotAtom): readonly string[] => {
  const own = ownZone(spec)
  return [...(own === null ? [] : [own]), ...(known.condition.zones?.(spec) ?? [])]
}

const checkFaults = (rule: ReadRule, bundle: Bundle): void => {
  const zone = rule.document.zone?.name ?? null
  const captures = [...capturedBy(rule, bundle).keys()]
  for (const atom of rule.atoms) {
    const { faults, about } = atom.known.condition
    const found = faults?.(atom.spec, { zone, place: specPlaceOf(atom, rule, { bundle, captures }) })
    for (const fault of found ?? []) {
      const at = fault.within === undefined ? atom.at : spanWithin(atom.at, fault.within)
      bundle.to.fault(fault.code, at, { message: fault.message, why: about, help: fault.help })
    }
    for (const name of zonesOf(atom)) bundle.zones.of(name, atom.at)
  }
}

const captured = (what: Formula, bundle: Bundle): ReadonlyMap<string, string> =>
  boundAlways(what, (is) => {
    const captures = bundle.catalogue.byId.get(is.is)?.condition.captures?.(is.spec) ?? []
    return new Map(captures.map((each) => [each.name, each.from === 'path' ? `segment ${each.segment}` : 'host']))
  })

const capturedBy = (rule: ReadRule, bundle: Bundle): ReadonlyMap<string, string> =>
  rule.image.what === null ? new Map<string, string>() : captured(rule.image.what, bundle)

const checkCaptures = (rule: ReadRule, bundle: Bundle): void => {
  const bound = capturedBy(rule, bundle)
  for (const atom of rule.atoms) {
    // A text of another language says itself where in it the name stands.
    if (atom.known.condition.quoted === true) continue
    for (const name of atom.known.condition.compares?.(atom.spec) ?? []) {
      if (bound.has(name)) continue
      const near = suggest(name, bound.keys())
      bundle.to.report('capture.missing', atom.at, { name, help: near === '' ? undefined : near })
    }
  }
}

/** The same `$name` in a path and in a host, or in two paths, can hold different values. */
const checkCaptureTwice = (rule: ReadRule, bundle: Bundle): void => {
  const binders = new Map<string, string>()
  for (const atom of rule.atoms.filter((each) => each.slot === 'what' && !each.negated)) {
    for (const name of new Set((atom.known.condition.captures?.(atom.spec) ?? []).map((each) => each.name))) {
      const before = binders.get(name)
      if (before !== undefined && before !== atom.known.id) bundle.to.report('capture.twice', atom.at, { name })
      binders.set(name, atom.known.id)
    }
  }
}

const checkNamed = (
  names: readonly Located<string>[] | undefined,
  kind: 'guardrail' | 'exception',
  context: NamesContext,
): void => {
  const { bundle, kinds } = context
  for (const { value, at } of names ?? []) {
    const found = kinds.get(value)
    if (found === undefined) {
      const candidates = [...kinds].flatMap(([name, each]) => (each === kind ? [name] : []))
      bundle.to.report('name.unknown', at, { noun: kind, name: value, help: suggest(value, candidates) || undefined })
    } else if (found !== kind) bundle.to.report('name.wrong_kind', at, { name: value, found, kind })
  }
}

export interface NamesContext {
  readonly bundle: Bundle
  /** Kind of every rule by name, read or not. */
  readonly kinds: ReadonlyMap<string, string>
}

const STRONG = new Set(['phishing-resistant', 'hardware'])

const isStrongMfa = (is: { readonly is: string; readonly spec: unknown }): boolean => {
  if (is.is !== 'how.mfa') return false
  const level = typeof is.spec === 'object' && is.spec !== null && 'level' in is.spec ? is.spec.level : is.spec
  return typeof level === 'string' && STRONG.has(level)
}

const checkBreakGlass = (rule: ReadRule, bundle: Bundle): void => {
  if (rule.written.standing === undefined) return
  const { how } = rule.image
  if (how === null ? rule.written.how === undefined : !everyAlternative(how, isStrongMfa)) {
    bundle.to.report('breakglass.weak', rule.written.how ?? rule.at)
  }
}

/** Everything about one rule that its shape cannot say. */
export const checkRule = (rule: ReadRule, context: NamesContext): void => {
  const { bundle } = context
  checkWho(rule, bundle)
  checkWhat(rule, bundle)
  checkNegations(rule, bundle)
  checkFaults(rule, bundle)
  checkReferences(rule, bundle)
  checkSources(rule, bundle)
  checkCaptures(rule, bundle)
  checkCaptureTwice(rule, bundle)
  checkNamed(rule.written.waives, 'guardrail', context)
  checkNamed(rule.written.except, 'exception', context)
  checkExceptionLife(rule, bundle)
  checkBreakGlass(rule, bundle)
}
