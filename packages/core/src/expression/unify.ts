import { DYN, mapParts, partsOf, type Type } from './type.ts'

/** What the parameters of an expression's types were found to stand for. */
export interface Substitution {
  /** The type with every parameter that is known replaced; those that are not stay. */
  readonly apply: (type: Type) => Type
  /** True when a value of `from` may stand where `to` is wanted; parameters are bound as needed, and only then. */
  readonly assign: (to: Type, from: Type) => boolean
  /** As `assign` for each pair, all or nothing. */
  readonly assignAll: (to: readonly Type[], from: readonly Type[]) => boolean
  /** A type both agree with; `dyn` when there is none. */
  readonly join: (a: Type, b: Type) => Type
  /** The type with its parameters named anew, so that each use of a function has its own. */
  readonly fresh: (types: readonly Type[]) => readonly Type[]
}

interface Bindings {
  readonly get: (name: string) => Type | undefined
  readonly set: (name: string, type: Type) => void
  /** What a change that comes to nothing has bound is bound no more. */
  readonly attempt: (change: () => boolean) => boolean
}

const createBindings = (): Bindings => {
  const bound = new Map<string, Type>()
  const before: (readonly [name: string, type: Type | undefined])[] = []
  const undo = (count: number): void => {
    for (const [name, type] of before.splice(count).toReversed()) {
      if (type === undefined) bound.delete(name)
      else bound.set(name, type)
    }
  }
  return {
    get: (name) => bound.get(name),
    set: (name, type) => {
      before.push([name, bound.get(name)])
      bound.set(name, type)
    },
    attempt: (change) => {
      const count = before.length
      const done = change()
      if (!done) undo(count)
      return done
    },
  }
}

const isTop = (type: Type): boolean => type.is === 'dyn' || type.is === 'error'

/** Null may stand for a wrapper, and for types whose values are objects. */
const takesNull = (type: Type): boolean => ['wrapper', 'null', 'opaque', 'timestamp', 'duration'].includes(type.is)

const resolve = (type: Type, bindings: Bindings): Type => {
  let found = type
  while (found.is === 'param') {
    const bound = bindings.get(found.name)
    if (bound === undefined) return found
    found = bound
  }
  return found
}

const occurs = (name: string, type: Type, bindings: Bindings): boolean => {
  const found = resolve(type, bindings)
  return found.is === 'param' ? found.name === name : partsOf(found).some((part) => occurs(name, part, bindings))
}

const sameShape = (a: Type, b: Type): boolean =>
  a.is === b.is && (a.is !== 'opaque' || (b.is === 'opaque' && a.name === b.name && a.params.length === b.params.length))

/** True when `a` is `b`, or has `dyn` or a parameter where `b` says more. */
const lessSpecific = (a: Type, b: Type, bindings: Bindings): boolean => {
  const [x, y] = [resolve(a, bindings), resolve(b, bindings)]
  if (isTop(x) || x.is === 'param') return true
  if (isTop(y) || y.is === 'param') return false
  if (y.is === 'null') return takesNull(x)
  if (x.is === 'wrapper' && y.is !== 'wrapper') return lessSpecific(x.of, y, bindings)
  if (!sameShape(x, y)) return false
  const others = partsOf(y)
  return partsOf(x).every((part, i) => lessSpecific(part, others[i] as Type, bindings))
}

const bind = (name: string, type: Type, bindings: Bindings): boolean => {
  if (type.is === 'param' && type.name === name) return true
  if (occurs(name, type, bindings)) return false
  bindings.set(name, type)
  return true
}

/** A parameter that was bound before takes the less specific of both types. */
const rebind = (param: Type & { readonly is: 'param' }, other: Type, bindings: Bindings): boolean => {
  const bound = bindings.get(param.name)
  if (bound === undefined) return bind(param.name, resolve(other, bindings), bindings)
  if (!agree(bound, other, bindings)) return false
  const general = lessSpecific(bound, other, bindings) ? bound : other
  const found = resolve(general, bindings)
  if (found.is !== 'param' && !occurs(param.name, found, bindings)) bindings.set(param.name, found)
  return true
}

/** Null or not: whether a value is there is seen when it is computed. */
const agreeUnwrapped = (to: Type, from: Type, bindings: Bindings): boolean => {
  if (to.is === 'null' || from.is === 'null') return true
  return agree(to.is === 'wrapper' ? to.of : to, from.is === 'wrapper' ? from.of : from, bindings)
}

const agree = (to: Type, from: Type, bindings: Bindings): boolean => {
  if (to.is === 'param') return rebind(to, from, bindings)
  if (from.is === 'param') return rebind(from, to, bindings)
  if (isTop(to) || isTop(from)) return true
  if (to.is === 'wrapper' || from.is === 'wrapper') return agreeUnwrapped(to, from, bindings)
  if ([from.is, to.is].includes('null')) return takesNull(from) && takesNull(to)
  return agreeParts(to, from, bindings)
}

/** Every type is a value of one type, whatever it is of. */
const agreeParts = (to: Type, from: Type, bindings: Bindings): boolean => {
  if (!sameShape(to, from)) return false
  if (to.is === 'type') return true
  const others = partsOf(from)
  return partsOf(to).every((part, i) => agree(part, others[i] as Type, bindings))
}

const applyTo = (type: Type, bindings: Bindings): Type => {
  const found = resolve(type, bindings)
  return found.is === 'param' ? found : mapParts(found, (part) => applyTo(part, bindings))
}

/** Parameters that nothing was found for stand for anything. */
export const settle = (type: Type): Type => (type.is === 'param' ? DYN : mapParts(type, settle))

export const createSubstitution = (): Substitution => {
  const bindings = createBindings()
  let count = 0
  const assign = (to: Type, from: Type): boolean => bindings.attempt(() => agree(to, from, bindings))
  const rename = (type: Type, names: Map<string, Type>): Type => {
    if (type.is !== 'param') return mapParts(type, (part) => rename(part, names))
    const known = names.get(type.name) ?? { is: 'param', name: `${type.name}${count++}` }
    names.set(type.name, known)
    return known
  }
  return {
    apply: (type) => applyTo(type, bindings),
    assign,
    assignAll: (to, from) => bindings.attempt(() => to.every((type, i) => agree(type, from[i] as Type, bindings))),
    join: (a, b) => {
      if (lessSpecific(a, b, bindings) && assign(a, b)) return applyTo(a, bindings)
      if (!assign(b, a)) return DYN
      return applyTo(lessSpecific(b, a, bindings) ? b : a, bindings)
    },
    fresh: (types) => {
      const names = new Map<string, Type>()
      return types.map((type) => rename(type, names))
    },
  }
}
