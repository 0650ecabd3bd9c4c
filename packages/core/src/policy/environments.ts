import { checkVersion } from './document.ts'
import { type Reporter, suggest } from './reporter.ts'
import { refuseEmpty, refuseType } from './shape.ts'
import type { SourceFile } from './source.ts'
import { type Entry, isOwnKey, type MapNode, type Node } from './tree.ts'

/** Other values for what the policy declares. */
export interface Overlay {
  readonly name: string
  readonly root: MapNode
}

/** What an overlay may change of what a block declares. */
export const MAY_CHANGE: Readonly<Record<'services' | 'providers', readonly string[]>> = {
  services: ['hosts', 'upstream'],
  providers: ['issuer', 'jwks-uri'],
}

export const environmentOf = (path: string): string | null => /^environments\/([^/]+)\.ya?ml$/.exec(path)?.[1] ?? null

/** Entries of a map but the writer's own; none where it is no map. */
export const entriesOf = (node: Node | undefined): readonly Entry[] =>
  node?.kind === 'map' ? [...node.entries.values()].filter((entry) => !isOwnKey(entry.key)) : []

/** What the policy itself declares, by name. */
export type Declarations = (block: 'services' | 'providers' | 'variables') => ReadonlySet<string>

const checkBlock = (
  block: 'services' | 'providers',
  node: Node,
  context: { readonly declared: ReadonlySet<string>; readonly to: Reporter },
): void => {
  const { declared, to } = context
  if (node.kind !== 'map') {
    refuseType(node, to, 'a map keyed by name')
    return
  }
  for (const entry of entriesOf(node)) {
    const noun = block === 'services' ? 'service' : 'provider'
    if (!declared.has(entry.key))
      to.report('name.unknown', entry.at, { noun, name: entry.key, help: suggest(entry.key, declared) || undefined })
    if (entry.value.kind !== 'map') refuseType(entry.value, to, `a map with ${MAY_CHANGE[block].join(' and ')}`)
    for (const inner of entriesOf(entry.value)) {
      if (!MAY_CHANGE[block].includes(inner.key)) to.report('environment.not_allowed', inner.at, { key: inner.key })
    }
  }
}

const checkVariables = (node: Node, declared: ReadonlySet<string>, to: Reporter): void => {
  if (node.kind !== 'map') refuseType(node, to, 'a map from variables to values')
  for (const entry of entriesOf(node)) {
    if (declared.has(entry.key)) continue
    to.report('variable.unknown', entry.at, { name: entry.key, help: suggest(entry.key, declared) || undefined })
  }
}

export const readOverlay = (
  source: SourceFile,
  root: MapNode,
  context: { readonly declared: Declarations; readonly to: Reporter },
): Overlay => {
  const { declared, to } = context
  checkVersion(root, to)
  for (const entry of entriesOf(root)) {
    const { key, value } = entry
    if (key === 'balustrade' || refuseEmpty(value, to)) continue
    if (key === 'variables') checkVariables(value, declared('variables'), to)
    else if (key === 'services' || key === 'providers') checkBlock(key, value, { declared: declared(key), to })
    else to.report('environment.not_allowed', entry.at, { key })
  }
  return { name: environmentOf(source.path) ?? source.path, root }
}

const inMap = (node: Node | undefined, key: string): Node | undefined =>
  node?.kind === 'map' ? node.entries.get(key)?.value : undefined

/** The value an overlay gives a variable, if it gives one. */
export const overlaidVariable = (overlay: Overlay, name: string): Node | undefined =>
  inMap(overlay.root.entries.get('variables')?.value, name)

const withEntries = (node: Node, changed: readonly Entry[]): Node =>
  node.kind === 'map'
    ? { ...node, entries: new Map([...node.entries, ...changed.map((entry) => [entry.key, entry] as const)]) }
    : node

const overlayBlock = (block: 'services' | 'providers', node: Node, overlay: Overlay): Node => {
  if (node.kind !== 'map') return node
  const others = overlay.root.entries.get(block)?.value
  const changed = [...node.entries.values()].map((entry) => {
    const own = entriesOf(inMap(others, entry.key)).filter((inner) => MAY_CHANGE[block].includes(inner.key))
    return { ...entry, value: withEntries(entry.value, own) }
  })
  return withEntries(node, changed)
}

/** The document with the overlay's values where it has any; their positions are those of the overlay. */
export const applyOverlay = (root: MapNode, overlay: Overlay): MapNode => {
  const blocks = (['services', 'providers'] as const).flatMap((block) => {
    const entry = root.entries.get(block)
    return entry === undefined ? [] : [{ ...entry, value: overlayBlock(block, entry.value, overlay) }]
  })
  return withEntries(root, blocks) as MapNode
}
