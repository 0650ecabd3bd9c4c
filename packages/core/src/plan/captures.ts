import type { Capture, Condition } from '../model/condition.ts'
import type { Facts } from '../model/fact.ts'
import type { Formula } from '../model/policy-image.ts'
import type { Interner } from './intern.ts'

type Bind = (facts: Facts) => string | undefined

/** Where a `$name` of a rule takes its value. Equal keys take it alike, so conditions that compare with it may be shared. */
export interface Binding {
  readonly key: string
  readonly bind: Bind
}

interface Source {
  readonly key: string
  readonly capture: Capture
}

const createBinding = (sources: readonly Source[]): Binding => {
  const key = [...new Set(sources.map((source) => source.key))].sort().join('+')
  const binds = sources.map(({ capture }) => capture.bind)
  return { key, bind: (facts) => onlyValue(binds, facts) }
}

/** Several patterns may hold the name: the value of those the request is about; two different values are none. */
const onlyValue = (binds: readonly Bind[], facts: Facts): string | undefined => {
  let value: string | undefined
  for (const bind of binds) {
    const bound = bind(facts)
    if (bound === undefined) continue
    if (value !== undefined && value !== bound) return undefined
    value = bound
  }
  return value
}

const bindingsOf = (sources: readonly Source[]): ReadonlyMap<string, Binding> => {
  const byName = Map.groupBy(sources, ({ capture }) => capture.name)
  return new Map([...byName].map(([name, found]) => [name, createBinding(found)]))
}

const NOBODY = (): Binding | null => null

/** Finds the `$name`s that a rule's `what` binds; nothing under `not` binds one. */
export const createCaptureReader = (conditionOf: (is: string) => Condition, interner: Interner) => {
  const shared = new Map<string, readonly Source[]>()
  const sourcesOf = (formula: Formula): readonly Source[] => {
    if ('all' in formula) return formula.all.flatMap(sourcesOf)
    if ('any' in formula) return formula.any.flatMap(sourcesOf)
    if (!('is' in formula)) return []
    const condition = conditionOf(formula.is)
    if (condition.captures === undefined) return []
    const key = `${formula.is}:${interner.spec(formula.spec)}`
    const known = shared.get(key)
    if (known !== undefined) return known
    const sources = condition.captures(formula.spec).map((capture) => ({ key, capture }))
    shared.set(key, sources)
    return sources
  }
  /** Most rules compare with nothing that they capture: nothing is read before somebody asks. */
  return (what: Formula | null): ((name: string) => Binding | null) => {
    if (what === null) return NOBODY
    let bindings: ReadonlyMap<string, Binding> | null = null
    return (name) => {
      bindings ??= bindingsOf(sourcesOf(what))
      return bindings.get(name) ?? null
    }
  }
}
