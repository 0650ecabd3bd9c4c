// Checks a tree against the table of layers: every import of every source file, cycles, and folders that no row lists.
import type { Row } from './layer-row.ts'
import { layers } from './layers.ts'
import { computed, importsOf, type Import } from './parse.ts'
import { isSource, isTest, type Tree } from './tree.ts'

export interface Fault {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** A fault as one line that an editor can open. */
export const describeFault = (fault: Fault) => `${fault.path}:${fault.line} ${fault.message}`

interface Place {
  readonly row: Row
  /** The path below the folder: 'a.ts' or 'kind/b.ts'; the file itself for a root file. */
  readonly rest: string
}

interface Edge extends Import {
  readonly path: string
}

const folderOf = (path: string) => {
  const [, name = '', , first = '', ...rest] = path.split('/')
  return { name, folder: first.replace(/\.tsx?$/, ''), rest: rest.length === 0 ? first : rest.join('/') }
}

/** The row and the place in it of a source file; undefined when no row lists its folder. */
export function placeOf(path: string): Place | undefined {
  const { name, folder, rest } = folderOf(path)
  const row = layers.find((candidate) => candidate.package === name && candidate.folder === folder)
  return row === undefined ? undefined : { row, rest }
}

/** Joins a relative specifier to the importing file's folder. */
export function resolveRelative(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const mayList = (row: Row): readonly string[] => {
  if (row.may !== 'above') return row.may
  const rows = layers.filter((candidate) => candidate.package === row.package)
  return rows.slice(0, rows.indexOf(row)).map((candidate) => candidate.folder)
}

/** The part of a rib's or point's folder that stands or falls alone: a file or a subfolder. */
const memberOf = (rest: string) => rest.split('/')[0] ?? rest

function refuseSibling(from: Place, to: Place): string | undefined {
  if (from.row.role !== 'rib' && from.row.role !== 'point') return undefined
  if (from.row.package !== 'core' && from.row.role === 'point') return undefined
  const target = memberOf(to.rest)
  if (memberOf(from.rest) === target || (from.row.shared ?? []).includes(target)) return undefined
  return `imports its sibling ${target} in ${from.row.folder}`
}

function refuseRelative(edge: Edge, from: Place): string | undefined {
  const target = resolveRelative(edge.path, edge.specifier)
  if (!isSource(target) || folderOf(target).name !== from.row.package) return `leaves its package (${edge.specifier})`
  const to = placeOf(target)
  if (to === undefined) return `imports ${target}, which no row of the table lists`
  if (to.row === from.row) return refuseSibling(from, to)
  if (mayList(from.row).includes(to.row.folder)) return undefined
  return `${from.row.folder} may not import ${to.row.folder}`
}

function refusePackage(edge: Edge, from: Place): string | undefined {
  const { specifier, kind } = edge
  const name = specifier.startsWith('@balustrade/') || specifier.startsWith('balustrade') ? specifier : packageName(specifier)
  const only = from.row.packages?.[name]
  if (only === '*' || only === from.rest) return undefined
  if (kind === 'type' && from.row.types?.includes(name)) return undefined
  return only === undefined
    ? `${from.row.folder} may not import the package ${name}`
    : `only ${only} may import the package ${name}`
}

function refusalOf(edge: Edge, from: Place): string | undefined {
  if (edge.specifier === computed) return 'imports a module whose name is computed; no table can admit that'
  if (edge.specifier.startsWith('.')) return refuseRelative(edge, from)
  if (edge.specifier.startsWith('node:')) return from.row.node ? undefined : `${from.row.folder} may not import ${edge.specifier}`
  return refusePackage(edge, from)
}

function checkFile(path: string, text: string): readonly Fault[] {
  const from = placeOf(path)
  if (from === undefined)
    return [{ path, line: 1, message: `stands in ${folderOf(path).folder}, which no row of test/house/layers.ts lists` }]
  return importsOf(path, text).flatMap((found) => {
    const refusal = refusalOf({ ...found, path }, from)
    return refusal === undefined ? [] : [{ path, line: found.line, message: `${refusal}: ${from.row.why}` }]
  })
}

/** Source files of the packages without their tests. */
export function sourcesOf(tree: Tree): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => isSource(path) && !isTest(path))
}

/** Every import that the table refuses, and every folder that it does not list. */
export function checkImports(tree: Tree): readonly Fault[] {
  return sourcesOf(tree).flatMap(([path, text]) => checkFile(path, text))
}

/** Every relative import that points at no file of the tree. */
export function checkTargets(tree: Tree): readonly Fault[] {
  return sourcesOf(tree).flatMap(([path, text]) =>
    importsOf(path, text)
      .filter(({ specifier }) => specifier.startsWith('.') && !tree.has(resolveRelative(path, specifier)))
      .map(({ specifier, line }) => ({ path, line, message: `imports ${specifier}, which does not exist` })),
  )
}

/** Files that load one another in a circle, each circle once, told as a path. Types may refer to each other freely. */
export function checkCycles(tree: Tree): readonly Fault[] {
  const sources = new Map(sourcesOf(tree))
  const done = new Set<string>()
  const faults: Fault[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const text = sources.get(path)
    if (text === undefined || done.has(path)) return
    const at = trail.indexOf(path)
    if (at !== -1) {
      faults.push({ path, line: 1, message: `is part of a cycle: ${[...trail.slice(at), path].join(' → ')}` })
      return
    }
    for (const { specifier, kind } of importsOf(path, text)) {
      if (kind !== 'type' && specifier.startsWith('.')) visit(resolveRelative(path, specifier), [...trail, path])
    }
    done.add(path)
  }
  for (const path of sources.keys()) visit(path, [])
  return faults
}
