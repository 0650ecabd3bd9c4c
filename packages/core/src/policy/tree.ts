import type { Span } from './source.ts'

/** A document as data with positions: what is left of YAML once anchors, tags and duplicate keys are refused. */
export type Node = ScalarNode | ListNode | MapNode

export interface ScalarNode extends Span {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
}

export interface ListNode extends Span {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface Entry {
  readonly key: string
  readonly at: Span
  readonly value: Node
}

export interface MapNode extends Span {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

export const plainOf = (node: Node): Plain => {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainOf)
  return Object.fromEntries([...node.entries.values()].map((entry) => [entry.key, plainOf(entry.value)]))
}

/** The node a path of keys and indexes leads to; as far as it leads. */
export const nodeAt = (node: Node, path: readonly PropertyKey[]): Node => {
  let here = node
  for (const step of path) {
    const next =
      here.kind === 'map' ? here.entries.get(String(step))?.value : here.kind === 'list' ? here.items[Number(step)] : undefined
    if (next === undefined) return here
    here = next
  }
  return here
}

export const isScalar = (node: Node, value: ScalarNode['value']): boolean => node.kind === 'scalar' && node.value === value

export const textOf = (node: Node | undefined): string | null =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null

/** Keys beginning with `x-` are the writer's own. */
export const isOwnKey = (key: string): boolean => key.startsWith('x-')

/** "a list", "text", for messages. */
export const describeNode = (node: Node): string => {
  if (node.kind === 'map') return 'a map'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'string') return `the text '${node.value.length > 40 ? `${node.value.slice(0, 37)}...` : node.value}'`
  return typeof node.value === 'number' ? `the number ${node.value}` : `${node.value}`
}
