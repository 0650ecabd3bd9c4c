// The source tree as the house tests see it: paths relative to the root, with their text. Tests plant faults in a tree made in memory.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Tree = ReadonlyMap<string, string>

export const root = join(import.meta.dirname, '..', '..')

/** Never ours: installed, built or measured; the same names as in .gitignore. */
const skipped = new Set(['node_modules', 'dist', 'coverage', 'reports', '.git', '.stryker-tmp', '.balustrade'])

const binary = /\.(?:png|jpe?g|ico|woff2?|gz|mmdb|pdf|der)$/

function walk(base: string, folder: string, found: string[]): string[] {
  for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) walk(base, path, found)
    else if (entry.isFile()) found.push(path)
  }
  return found
}

/** What git tracks or would track; in a copy without git, everything but what is installed or built. */
export function listFiles(base = root): readonly string[] {
  if (!existsSync(join(base, '.git'))) return walk(base, '', []).sort()
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: base,
    encoding: 'utf8',
  })
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(base, path))).sort()
}

/** Reads the text files of the project whose path the filter accepts. */
export function readTree(accept: (path: string) => boolean = () => true): Tree {
  const paths = listFiles().filter((path) => !binary.test(path) && accept(path))
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

/** A tree in memory, for planted faults. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files))
}

export const isSource = (path: string) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path)

export const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith('test/')

export const isCode = (path: string) => /\.(?:tsx?|m?js)$/.test(path)
