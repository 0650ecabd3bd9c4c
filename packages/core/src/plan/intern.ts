import type { Spec } from '../model/condition.ts'
import { createGroup, type Group, type Node } from './node.ts'

/**
 * Numbers equal values alike, so that equal conditions become one closure: keys are short strings of numbers instead of whole
 * canonical texts, which would cost more than everything else a plan needs.
 */
export interface Interner {
  readonly spec: (value: Spec) => number
  readonly group: (type: 'all' | 'any', parts: readonly Node[]) => Node
  readonly nextId: () => number
}

const createNumbering = <K>(): ((key: K) => number) => {
  const numbers = new Map<K, number>()
  return (key) => {
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, numbers.size)
    return numbers.size - 1
  }
}

const internSpecs = (): ((value: Spec) => number) => {
  const primitive = createNumbering<string | number | boolean>()
  const structure = createNumbering<string>()
  const textOf = (value: Spec): string => {
    if (Array.isArray(value)) return `[${(value as readonly Spec[]).map(numberOf).join()}]`
    const members = value as { readonly [key: string]: Spec }
    const keys = Object.keys(members).sort()
    return `{${keys.map((key) => `${primitive(key)}:${numberOf(members[key] as Spec)}`).join()}}`
  }
  // Even numbers for primitives, odd ones for structures: `1` and `[1]` never meet.
  const numberOf = (value: Spec): number => (typeof value === 'object' ? 2 * structure(textOf(value)) + 1 : 2 * primitive(value))
  return numberOf
}

const flatten = (type: 'all' | 'any', parts: readonly Node[]): readonly Node[] => {
  const flat: Node[] = []
  for (const part of parts) {
    for (const inner of part.type === type ? part.parts : [part]) if (!flat.includes(inner)) flat.push(inner)
  }
  return flat.length < 2 ? flat : flat.sort((a, b) => a.id - b.id)
}

const keyOf = (type: 'all' | 'any', parts: readonly Node[]): string => {
  let key = type === 'all' ? '&' : '|'
  for (const { id } of parts) key += `${id},`
  return key
}

export const createInterner = (): Interner => {
  const groups = new Map<string, Group>()
  let ids = 0
  const nextId = () => ids++
  return {
    spec: internSpecs(),
    nextId,
    group: (type, parts) => {
      const flat = flatten(type, parts)
      const [only] = flat
      if (only !== undefined && flat.length === 1) return only
      const key = keyOf(type, flat)
      const known = groups.get(key)
      if (known !== undefined) return known
      const group = createGroup(type, nextId(), flat)
      groups.set(key, group)
      return group
    },
  }
}
