import { environmentOf, applyOverlay, type Declarations, type Overlay, readOverlay } from './environments.ts'
import { refuseDuplicate } from './declared.ts'
import { type PolicyDocument, readDocument } from './document.ts'
import type { DocumentCache, Root } from './document-cache.ts'
import type { Reporter } from './reporter.ts'
import { openSource, type PolicyFile, spanOf } from './source.ts'
import { type Node, textOf } from './tree.ts'
import { checkVariableValues, readVariables, substituteVariables, variableValues } from './variables.ts'
import { readYaml } from './yaml-reader.ts'

export interface OpenBundle {
  readonly documents: readonly PolicyDocument[]
  /** Names of the overlays, sorted. */
  readonly environments: readonly string[]
  /** Texts that services name, such as OpenAPI documents, by path. */
  readonly attachments: ReadonlyMap<string, string>
}

/** How texts are opened: where faults go, and what was read before. */
interface Opening {
  readonly to: Reporter
  readonly cache: DocumentCache | null
}

const isDocument = (path: string): boolean => /^[^/]+\.ya?ml$/.test(path)

/** Files that some service names as its OpenAPI document: these are no policy. */
const attachmentsOf = (roots: readonly Root[]): ReadonlySet<string> => {
  const found = roots.flatMap(({ root }) => {
    const services = root.entries.get('services')?.value
    const all: readonly Node[] = services?.kind === 'map' ? [...services.entries.values()].map((entry) => entry.value) : []
    return all.flatMap((service) => (service.kind === 'map' ? (textOf(service.entries.get('openapi')?.value) ?? []) : []))
  })
  return new Set(found)
}

/** A policy in a folder where nobody looks would be enforced by nobody. */
const refuseStrays = (files: readonly PolicyFile[], to: Reporter): void => {
  for (const file of files) {
    if (/\.ya?ml$/.test(file.path) && /^balustrade:/m.test(file.text))
      to.report('file.stray', spanOf(openSource(file), 0, 0), { path: file.path })
  }
}

const openRoot = (file: PolicyFile, { to, cache }: Opening): Root | null => {
  const known = cache?.get(file) ?? null
  if (known !== null) return known
  const source = openSource(file)
  const root = readYaml(source, to)
  if (root === null) return null
  const made: Root = { source, root }
  cache?.keep(made)
  return made
}

const openRoots = (files: readonly PolicyFile[], opening: Opening): readonly Root[] | null => {
  const roots = files.map((file) => openRoot(file, opening))
  return roots.every((root) => root !== null) ? roots : null
}

/**
 * Which files are documents is known when they are read: a file that a service names as its OpenAPI document is none. Whether a file
 * is named is first looked for in the others, so that an OpenAPI document need not be a policy.
 */
const openDocuments = (files: readonly PolicyFile[], opening: Opening): readonly Root[] | null => {
  const unmarked = files.filter((file) => !/^balustrade:/m.test(file.text))
  const mentioned = unmarked.filter((file) => files.some((other) => other !== file && other.text.includes(file.path)))
  const plain = openRoots(
    files.filter((file) => !mentioned.includes(file)),
    opening,
  )
  if (plain === null) return null
  const named = attachmentsOf(plain)
  const rest = openRoots(
    mentioned.filter((file) => !named.has(file.path)),
    opening,
  )
  return rest === null ? null : [...plain, ...rest].sort((a, b) => (a.source.path < b.source.path ? -1 : 1))
}

const declarations = (roots: readonly Root[]): Declarations => {
  const keys = (block: string): ReadonlySet<string> =>
    new Set(
      roots.flatMap(({ root }) => {
        const node = root.entries.get(block)?.value
        return node?.kind === 'map' ? [...node.entries.keys()] : []
      }),
    )
  return keys
}

const chooseOverlay = (overlays: readonly Overlay[], wanted: string | undefined, to: Reporter): Overlay | null => {
  if (wanted === undefined) return null
  const found = overlays.find((overlay) => overlay.name === wanted)
  if (found !== undefined) return found
  const nowhere = openSource({ path: `environments/${wanted}.yaml`, text: '' })
  to.report('environment.unknown', spanOf(nowhere, 0, 0), { name: wanted })
  return null
}

export interface OpenOptions {
  readonly environment?: string
  readonly documents?: DocumentCache
}

/** What a folder holds, before any document of it is read. */
export interface OpenFolder {
  readonly roots: readonly Root[]
  readonly overlays: readonly Overlay[]
  /** The one that is in force; null: the policy's own values are. */
  readonly overlay: Overlay | null
}

/** Two files of one environment: whichever came first would be in force, and nobody would have said which. */
const refuseSecond = (opened: readonly Root[], to: Reporter): void => {
  const first = new Map<string, Root>()
  for (const each of opened) {
    const name = environmentOf(each.source.path) ?? ''
    const earlier = first.get(name)
    if (earlier === undefined) first.set(name, each)
    else refuseDuplicate(spanOf(earlier.source, 0, 0), { name, at: spanOf(each.source, 0, 0), what: 'environment' }, to)
  }
}

/** Null when some text cannot be read as YAML. */
export const openFolder = (
  files: readonly PolicyFile[],
  { environment, documents }: OpenOptions,
  to: Reporter,
): OpenFolder | null => {
  const cache = documents ?? null
  cache?.retain(new Set(files.map(({ path }) => path)))
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const roots = openDocuments(
    sorted.filter((file) => isDocument(file.path)),
    { to, cache },
  )
  const others = openRoots(
    sorted.filter((file) => environmentOf(file.path) !== null),
    { to, cache },
  )
  refuseStrays(
    sorted.filter((file) => !isDocument(file.path) && environmentOf(file.path) === null),
    to,
  )
  if (roots === null || others === null) return null
  refuseSecond(others, to)
  const overlays = others.map(({ source, root }) => readOverlay(source, root, { declared: declarations(roots), to }))
  return { roots, overlays, overlay: chooseOverlay(overlays, environment, to) }
}

/** The documents as this environment has them: overlaid, and every variable replaced. Null when one cannot be read as YAML. */
export const openBundle = (files: readonly PolicyFile[], options: OpenOptions, to: Reporter): OpenBundle | null => {
  const folder = openFolder(files, options, to)
  if (folder === null) return null
  const { roots, overlays, overlay } = folder
  const written = roots.map(({ source, root }) => readDocument(source, root, to))
  const variables = readVariables(written, to)
  checkVariableValues(variables, overlays, to)
  const by = { values: variableValues(variables, overlay), declared: new Set(variables.keys()), to }
  return {
    documents: roots.map(({ source, root }) => {
      const overlaid = overlay === null ? root : applyOverlay(root, overlay)
      return readDocument(source, substituteVariables(overlaid, by), to)
    }),
    environments: overlays.map((each) => each.name),
    attachments: new Map(files.map((file) => [file.path, file.text])),
  }
}
