import { formatDuration, parseDuration } from '../lib/duration.ts'
import { type Network, networkWithin, parseNetwork } from '../lib/network.ts'
import { collect } from './declared.ts'
import { NOUN_BLOCKS, type PolicyDocument, RULE_BLOCKS } from './document.ts'
import { overlaidVariable, type Overlay } from './environments.ts'
import { type Reporter, suggest } from './reporter.ts'
import { maybe, type Named, named, need, raw, record, refuseType } from './shape.ts'
import { type Entry, type MapNode, type Node, textOf } from './tree.ts'

interface Variable {
  readonly value: Node
  /** Longest duration or largest number. */
  readonly max: Node | undefined
  /** Networks within which every value stays. */
  readonly widest: Node | undefined
}

export type Variables = ReadonlyMap<string, Named<Variable>>

const VALUE = { type: ['string', 'number', 'boolean', 'array'] }

export const variables = named(
  record<Variable>('a variable', {
    value: need(raw(VALUE)),
    max: maybe(raw({ type: ['string', 'number'] })),
    widest: maybe(raw(VALUE)),
  }),
)

export const readVariables = (documents: readonly PolicyDocument[], to: Reporter): Variables =>
  collect(documents, { name: 'variables', shape: variables }, to)

const itemsOf = (node: Node): readonly Node[] => (node.kind === 'list' ? node.items : [node])

const networksOf = (node: Node): readonly Network[] | null => {
  const parsed = itemsOf(node).map((item) => parseNetwork(textOf(item) ?? ''))
  return parsed.every((each) => each.ok) ? parsed.map((each) => each.network) : null
}

const amountOf = (node: Node): number | null => {
  if (node.kind !== 'scalar') return null
  return typeof node.value === 'number' ? node.value : parseDuration(textOf(node) ?? '')
}

const limitText = (max: Node, most: number): string =>
  max.kind === 'scalar' && typeof max.value === 'number' ? `at most ${most}` : `at most ${formatDuration(most)}`

const checkMax = (variable: Named<Variable>, value: Node, to: Reporter): void => {
  const { max } = variable.value
  if (max === undefined) return
  const most = amountOf(max)
  const amount = amountOf(value)
  if (most === null || amount === null) to.report('variable.limit', most === null ? max : value, { name: variable.name })
  else if (amount > most)
    to.report('variable.beyond', value, {
      name: variable.name,
      text: textOf(value) ?? String(amount),
      limit: limitText(max, most),
    })
}

/** Without `widest` no environment has a network that the policy's own value does not hold. */
const checkWidest = (variable: Named<Variable>, value: Node, to: Reporter): void => {
  const { widest } = variable.value
  const bound = networksOf(widest ?? variable.value.value)
  if (bound === null) {
    if (widest !== undefined) to.report('variable.limit', widest, { name: variable.name })
    return
  }
  for (const item of itemsOf(value)) {
    const parsed = parseNetwork(textOf(item) ?? '')
    if (!parsed.ok) to.report('network.invalid', item, { text: textOf(item) ?? '', problem: parsed.why })
    else if (!bound.some((outer) => networkWithin(parsed.network, outer))) {
      const limit = `within ${bound.map((each) => each.text).join(', ')}`
      to.report('variable.beyond', item, { name: variable.name, text: parsed.network.text, limit })
    }
  }
}

const isValue = (node: Node): boolean => node.kind !== 'map' && itemsOf(node).every((item) => item.kind === 'scalar')

const checkValue = (variable: Named<Variable>, value: Node, to: Reporter): void => {
  if (!isValue(value)) {
    refuseType(value, to, 'a plain value or a list of plain values')
    return
  }
  checkMax(variable, value, to)
  checkWidest(variable, value, to)
}

/** Every value, the policy's own and those of all environments, stays within the variable's limits. */
export const checkVariableValues = (found: Variables, overlays: readonly Overlay[], to: Reporter): void => {
  for (const variable of found.values()) {
    checkValue(variable, variable.value.value, to)
    for (const overlay of overlays) {
      const value = overlaidVariable(overlay, variable.name)
      if (value !== undefined) checkValue(variable, value, to)
    }
  }
}

interface Substitution {
  readonly values: ReadonlyMap<string, Node>
  readonly declared: ReadonlySet<string>
  readonly to: Reporter
}

/** The name in `{ variable: name }`; null when the node is anything else. */
export const variableName = (node: Node): string | null => {
  if (node.kind !== 'map' || node.entries.size !== 1) return null
  return textOf(node.entries.get('variable')?.value)
}

/** A value stands where it is used: what is wrong with it there is shown there. */
const moved = (value: Node, use: Node): Node => {
  const at = { file: use.file, start: use.start, end: use.end }
  return value.kind === 'list' ? { ...value, ...at, items: value.items.map((item) => ({ ...item, ...at })) } : { ...value, ...at }
}

const substitute = (node: Node, by: Substitution): Node => {
  if (node.kind === 'scalar') return node
  const name = variableName(node)
  if (name !== null) {
    const value = by.values.get(name)
    if (value !== undefined) return moved(value, node)
    if (!by.declared.has(name)) by.to.report('variable.unknown', node, { name, help: suggest(name, by.declared) || undefined })
    by.to.mute(node)
    return node
  }
  if (node.kind === 'map') return substituteMap(node, by)
  // A list within a list: its items take its place.
  const items = node.items.flatMap((item) => {
    const read = substitute(item, by)
    return variableName(item) !== null && read.kind === 'list' ? read.items : [read]
  })
  return { ...node, items }
}

const substituteMap = (node: MapNode, by: Substitution): MapNode => {
  const entries = [...node.entries].map(([key, entry]): readonly [string, Entry] => [
    key,
    { ...entry, value: substitute(entry.value, by) },
  ])
  return { ...node, entries: new Map(entries) }
}

/** Blocks in which `{ variable: name }` stands for its value. */
export const SUBSTITUTED: ReadonlySet<string> = new Set([...RULE_BLOCKS, ...NOUN_BLOCKS, 'conditions', 'bounds'])

export const variableValues = (found: Variables, overlay: Overlay | null): ReadonlyMap<string, Node> =>
  new Map(
    [...found.values()].flatMap(({ name, value }) => {
      const node = (overlay === null ? undefined : overlaidVariable(overlay, name)) ?? value.value
      return isValue(node) ? [[name, node] as const] : []
    }),
  )

/** The document with every `{ variable: name }` of its rules and nouns replaced. */
export const substituteVariables = (root: MapNode, by: Substitution): MapNode => {
  const entries = [...root.entries].map(([key, entry]): readonly [string, Entry] => [
    key,
    SUBSTITUTED.has(key) ? { ...entry, value: substitute(entry.value, by) } : entry,
  ])
  return { ...root, entries: new Map(entries) }
}
