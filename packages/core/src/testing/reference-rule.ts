import type { Spec } from '../model/condition.ts'
import type { Facts } from '../model/fact.ts'
import type { Formula, PolicyImage, RuleImage } from '../model/policy-image.ts'
import type { Reason } from '../model/reason.ts'
import { UNKNOWN } from '../model/fact.ts'
import { JUDGES } from './reference-conditions.ts'
import { see, type Sight, type View } from './reference-sight.ts'
import { captureFromPath, judgeHost } from './reference-path.ts'

export type Tri = 1 | 0 | -1

const isSpec = (formula: Formula, is: string): boolean => 'is' in formula && formula.is === is

const mentions = (formula: Formula, is: string): boolean => {
  if ('all' in formula) return formula.all.some((part) => mentions(part, is))
  if ('any' in formula) return formula.any.some((part) => mentions(part, is))
  return isSpec(formula, is)
}

const NOTHING: Formula = { any: [] }

/** The formula, held to those of its alternatives that say a condition outside `not`. */
const sayingOnly = (formula: Formula, is: string): Formula => {
  if (!mentions(formula, is)) return NOTHING
  if ('any' in formula) return { any: formula.any.map((part) => sayingOnly(part, is)) }
  if (!('all' in formula)) return formula
  return { any: formula.all.map((part, i) => ({ all: [sayingOnly(part, is), ...formula.all.filter((_other, j) => j !== i)] })) }
}

const alwaysSays = (formula: Formula, is: string): boolean => {
  if ('all' in formula) return formula.all.some((part) => alwaysSays(part, is))
  if ('any' in formula) return formula.any.length > 0 && formula.any.every((part) => alwaysSays(part, is))
  return isSpec(formula, is)
}

const unlessSaid = (formula: Formula, is: string, otherwise: string): Formula => {
  if (alwaysSays(formula, is)) return formula
  const plain: Formula = { all: [formula, { is: otherwise, spec: true }] }
  return mentions(formula, is) ? { any: [sayingOnly(formula, is), plain] } : plain
}

/** who ∧ what ∧ when, with what nobody writes. */
export const selectionOf = ({ kind, who, what, when }: RuleImage): Formula => {
  const grant = kind === 'grant' || kind === 'exception'
  const permit = kind === 'grant' || kind === 'public'
  const caller: Formula = who ?? { all: [] }
  const target: Formula = what ?? { all: [] }
  return {
    all: [
      grant ? { all: [{ is: '+who.signed-in', spec: true }, unlessSaid(caller, 'who.acting-for', '+who.acting-for')] } : caller,
      permit ? unlessSaid(target, 'what.upgrade', '+what.upgrade') : target,
      when ?? { all: [] },
    ],
  }
}

const SKEW_MS = 30_000

/** A break-glass exception: open until its first use, and for a while from it. */
const judgeGlass = (spec: Spec, { openings, now }: Facts): Sight => {
  const [name, opensFor] = spec as readonly [string, number]
  if (openings === UNKNOWN) return see(-1, 'breakglass.unknown')
  const used = [...(openings ?? [])].find(([which]) => which === name)?.[1]
  if (used === 'unarmed') return see(0, 'breakglass.unarmed')
  const since = used === undefined ? 0 : now - used
  return since >= -SKEW_MS && since < opensFor ? see(1, 'met') : see(0, 'breakglass.closed')
}

/** What a rule demands, with what nobody writes. */
export const demandOf = ({ name, how, register }: RuleImage): Formula => {
  const demanded: Formula = how ?? { all: [] }
  const glass = register?.breakGlass
  return glass == null ? demanded : { all: [demanded, { is: '+how.break-glass', spec: [name, glass.opensFor] }] }
}

const implicit = (is: string, { credential, actingFor, upgrade }: Facts): Sight => {
  if (is === '+who.signed-in') {
    if (credential === UNKNOWN) return see(-1, 'identity.unknown')
    return credential === null ? see(0, 'login.required') : see(1, 'met')
  }
  const value = is === '+what.upgrade' ? upgrade : actingFor
  const [unmet, unknown] =
    is === '+what.upgrade' ? ['upgrade.unsaid', 'upgrade.unknown'] : ['acting_for.unsaid', 'identity.unknown']
  if (value === UNKNOWN) return see(-1, unknown as string)
  return value === null ? see(1, 'met') : see(0, unmet as string)
}

export type Leaf = Extract<Formula, { readonly is: string }>

export const nameOf = (is: string): string => is.replace(/^\+/, '')

/** What a leaf sees as it stands, not under `not`. */
export const sightOf = ({ is, spec }: Leaf, view: View): Sight => {
  if (is === '+how.break-glass') return judgeGlass(spec, view.facts)
  if (is.startsWith('+')) return implicit(is, view.facts)
  const judge = JUDGES[is]
  if (judge === undefined) throw new Error(`the reference does not know ${is}`)
  return judge(spec, view)
}

const capturedBy = (formula: Formula | null, facts: Facts, name: string): readonly string[] => {
  if (formula === null || 'not' in formula || 'never' in formula) return []
  if (!('is' in formula)) return ('all' in formula ? formula.all : formula.any).flatMap((part) => capturedBy(part, facts, name))
  const patterns = [formula.spec].flat().filter((each) => typeof each === 'string')
  if (formula.is === 'what.path')
    return patterns.flatMap((pattern) =>
      pattern.split('/').includes(`$${name}`) ? (captureFromPath(pattern, name, facts.path) ?? []) : [],
    )
  if (formula.is === 'what.host')
    return patterns.flatMap((pattern) => (pattern.startsWith(`$${name}.`) ? (judgeHost(pattern, facts.host) ?? []) : []))
  return []
}

export const viewOf = (rule: RuleImage, image: PolicyImage, facts: Facts): View => ({
  facts,
  image,
  zone: rule.zone,
  captured: (name) => {
    const values = new Set(capturedBy(rule.what, facts, name))
    return values.size === 1 ? [...values][0] : undefined
  },
})

export type Leaves = (leaf: Leaf, wanted: boolean) => Tri

const fold = (values: readonly Tri[], decisive: Tri): Tri => {
  if (values.includes(decisive)) return decisive
  return values.includes(-1) ? -1 : decisive === 0 ? 1 : 0
}

/** Kleene's value of a formula (`wanted`), or of its negation. */
export const valueOf = (formula: Formula, leaves: Leaves, wanted = true): Tri => {
  if ('not' in formula) return valueOf(formula.not, leaves, !wanted)
  if ('never' in formula) return wanted ? 0 : 1
  if ('is' in formula) return leaves(formula, wanted)
  const parts = 'all' in formula ? formula.all : formula.any
  return fold(
    parts.map((part) => valueOf(part, leaves, wanted)),
    'all' in formula === wanted ? 0 : 1,
  )
}

/** As things stand: unknown is unknown, whoever's doing it is. */
export const asItStands =
  (view: View): Leaves =>
  (leaf, wanted) => {
    const { tri } = sightOf(leaf, view)
    if (tri === -1) return -1
    return (tri === 1) === wanted ? 1 : 0
  }

const against = (formula: Formula, view: View, wanted = true): readonly (readonly [Tri, string, string])[] => {
  if ('not' in formula) return against(formula.not, view, !wanted)
  if ('never' in formula) return wanted ? [[0, 'guardrail.never', 'how.never']] : []
  if (valueOf(formula, asItStands(view), wanted) === 1) return []
  if (!('is' in formula)) return ('all' in formula ? formula.all : formula.any).flatMap((part) => against(part, view, wanted))
  const { tri, code } = sightOf(formula, view)
  return [[tri === -1 ? -1 : 0, tri === 1 ? 'condition.excluded' : code, nameOf(formula.is)]]
}

/** A rule before one request of one caller. */
export interface RuleView {
  readonly rule: RuleImage
  readonly alive: boolean
  readonly selects: Tri
  readonly how: Tri
  /** What is unknown of its selection, and what keeps its demand from being met. */
  readonly against: () => readonly Reason[]
}

export const isAlive = ({ from, until }: RuleImage, now: number): boolean =>
  (from === null || now >= from) && (until === null || now < until)

export const createRuleView = (rule: RuleImage, image: PolicyImage, facts: Facts): RuleView => {
  const view = viewOf(rule, image, facts)
  const selection = selectionOf(rule)
  const how = demandOf(rule)
  const alive = isAlive(rule, facts.now)
  return {
    rule,
    alive,
    selects: alive ? valueOf(selection, asItStands(view)) : 0,
    how: valueOf(how, asItStands(view)),
    against: () =>
      [...against(selection, view).filter(([tri]) => tri === -1), ...against(how, view)].map(([, code, condition]) => ({
        code,
        rule: rule.name,
        condition,
      })),
  }
}
