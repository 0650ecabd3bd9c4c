import { OWN_PROVIDER } from '../model/fact.ts'
import type { Noun } from '../model/policy-image.ts'
import type { Block, PolicyDocument } from './document.ts'
import type { Reporter } from './reporter.ts'
import type { Named, Shape } from './shape.ts'
import { placeOf, type Span } from './source.ts'
import type { Node } from './tree.ts'

/** Names that rules may refer to, whether or not what they name could be read: one fault is reported once. */
export type DeclaredNames = ReadonlyMap<Noun, ReadonlySet<string>>

const NOUN_OF: Partial<Record<Block, Noun>> = {
  services: 'service',
  providers: 'provider',
  groups: 'group',
  roles: 'role',
  workloads: 'workload',
  clients: 'client',
  scopes: 'scope',
  networks: 'network',
}

const keysOf = (node: Node): readonly string[] => {
  if (node.kind === 'map') return [...node.entries.keys()]
  if (node.kind === 'list') return node.items.flatMap(keysOf)
  return typeof node.value === 'string' ? [node.value] : []
}

export const declaredNames = (documents: readonly PolicyDocument[]): DeclaredNames => {
  const names = new Map<Noun, Set<string>>()
  for (const [block, noun] of Object.entries(NOUN_OF)) {
    const all = documents.flatMap((document) => keysOf(document.root.entries.get(block)?.value ?? EMPTY))
    names.set(noun, new Set(all))
  }
  names.get('provider')?.add(OWN_PROVIDER)
  const providers = documents.map((document) => document.root.entries.get('providers')?.value ?? EMPTY)
  names.set('claim', new Set(providers.flatMap(valuesOf).flatMap((provider) => keysOf(valueAt(provider, 'claims')))))
  return names
}

const valuesOf = (node: Node): readonly Node[] =>
  node.kind === 'map' ? [...node.entries.values()].map((entry) => entry.value) : []

const valueAt = (node: Node, key: string): Node => (node.kind === 'map' ? (node.entries.get(key)?.value ?? EMPTY) : EMPTY)

const EMPTY: Node = { kind: 'scalar', value: null, file: { path: '', text: '', lines: [0] }, start: 0, end: 0 }

/** Refuses a name that stands twice in the bundle, citing both places. */
export const refuseDuplicate = (
  first: Span,
  again: { readonly name: string; readonly at: Span; readonly what: string },
  to: Reporter,
): void => {
  const place = placeOf(first.file, first.start)
  to.report('name.duplicate', again.at, { what: again.what, name: again.name, file: first.file.path, line: place.line })
}

/** The entries of one block over all documents, by name. */
export const collect = <T>(
  documents: readonly PolicyDocument[],
  block: { readonly name: Block; readonly shape: Shape<readonly Named<T>[]> },
  to: Reporter,
): ReadonlyMap<string, Named<T>> => {
  const entries = new Map<string, Named<T>>()
  for (const document of documents) {
    const node = document.block(block.name)
    const found = node === undefined ? undefined : block.shape.read(node, to)
    for (const entry of found ?? []) {
      const first = entries.get(entry.name)
      if (first === undefined) entries.set(entry.name, entry)
      else refuseDuplicate(first.at, { name: entry.name, at: entry.at, what: NOUN_OF[block.name] ?? 'name' }, to)
    }
  }
  return entries
}

/** Plain data keyed by name, in order of names, so that the order of files never shows. */
export const keyed = <T, U>(entries: ReadonlyMap<string, Named<T>>, map: (entry: Named<T>) => U): Readonly<Record<string, U>> =>
  Object.fromEntries(
    [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((entry) => [entry.name, map(entry)] as const),
  )
