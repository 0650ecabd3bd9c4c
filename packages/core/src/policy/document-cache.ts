import type { SourceFile } from './source.ts'
import type { MapNode } from './tree.ts'

/** A document that was read without a fault. */
export interface Root {
  readonly source: SourceFile
  readonly root: MapNode
}

/**
 * Documents read before, for whoever compiles a folder again after each change: most of the time of a compilation goes into reading
 * texts. One for each path, given back only for the very same text. Faulty documents are not kept.
 */
export interface DocumentCache {
  readonly get: (file: { readonly path: string; readonly text: string }) => Root | null
  readonly keep: (root: Root) => void
  /** Forgets every path but these. */
  readonly retain: (paths: ReadonlySet<string>) => void
}

export const createDocumentCache = (): DocumentCache => {
  const roots = new Map<string, Root>()
  return {
    get: ({ path, text }) => {
      const known = roots.get(path)
      return known?.source.text === text ? known : null
    },
    keep: (root) => void roots.set(root.source.path, root),
    retain: (paths) => {
      for (const path of roots.keys()) if (!paths.has(path)) roots.delete(path)
    },
  }
}
