import type { Formula } from '../model/policy-image.ts'
import type { Bundle } from './bundle.ts'
import { servicesOf } from './references.ts'
import type { ReadRule, SlotAtom } from './rule.ts'
import type { Span } from './source.ts'

const isOnly = (formula: Formula | null, ids: readonly string[]): boolean => {
  if (formula === null) return true
  if ('is' in formula) return ids.includes(formula.is)
  const parts = 'all' in formula ? formula.all : 'any' in formula ? formula.any : null
  return parts !== null && parts.every((part) => isOnly(part, ids))
}

/** Everything to everyone, and guardrails to take back some of it: a policy that lists what is forbidden. */
const warnEverything = (rule: ReadRule, bundle: Bundle): void => {
  const { who, what, when, how } = rule.image
  const open = rule.kind === 'grant' && when === null && how === null && who !== null && isOnly(who, ['who.kind', 'who.provider'])
  const paths = rule.atoms.filter((atom) => atom.known.id === 'what.path')
  const whole = paths.every((atom) => atom.known.condition.index?.(atom.spec).paths?.includes('/**'))
  if (!open || !whole || !isOnly(what, ['what.service', 'what.path', 'what.host'])) return
  const services = servicesOf(rule, bundle).map(([name]) => name)
  bundle.to.report('grant.everything', rule.at, { name: rule.name, service: services.join(', ') })
}

type Promised = 'groups' | 'roles' | 'claims' | 'mfa'

const PROMISED: Readonly<Record<string, readonly [what: Promised, noun: string]>> = {
  'who.group': ['groups', 'group'],
  'who.role': ['roles', 'role'],
  'who.claim': ['claims', 'claim'],
  'how.mfa': ['mfa', 'factor'],
}

const providerPlace = (name: string, bundle: Bundle): Span | undefined => {
  for (const document of bundle.documents) {
    const block = document.root.entries.get('providers')?.value
    const entry = block?.kind === 'map' ? block.entries.get(name) : undefined
    if (entry !== undefined) return entry.at
  }
  return undefined
}

const warnIncomplete = (atom: SlotAtom, rule: ReadRule, bundle: Bundle): void => {
  const [what, noun] = PROMISED[atom.known.id] ?? []
  if (what === undefined) return
  for (const name of new Set(servicesOf(rule, bundle).flatMap(([, service]) => service.providers))) {
    const provider = bundle.nouns.providers[name]
    const place = providerPlace(name, bundle)
    if (provider === undefined || provider.complete.includes(what) || place === undefined) continue
    bundle.to.report('provider.incomplete', place, { name, what, noun })
  }
}

/** What can be told without judging a request. */
export const warnAbout = (rule: ReadRule, bundle: Bundle): void => {
  warnEverything(rule, bundle)
  for (const atom of rule.atoms) warnIncomplete(atom, rule, bundle)
}
