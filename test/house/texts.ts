// What no text of the project may hold: marks of unfinished work, suppressions, paths of a machine, registries, exclamations in
// messages.
import { isExempt } from './conventions.ts'
import { type Fault, sourcesOf } from './import-rules.ts'
import { lineAt, literalText, parse, walk } from './parse.ts'
import { isCode, isTest, type Tree } from './tree.ts'

interface Mark {
  readonly rule: string
  readonly pattern: RegExp
  readonly message: string
  readonly applies: (path: string) => boolean
}

const anywhere = (path: string) => path !== 'package-lock.json' && path !== 'LICENSE'

const marks: readonly Mark[] = [
  {
    rule: 'marks',
    pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/g,
    message: 'marks unfinished work; finish it or open an issue',
    applies: anywhere,
  },
  {
    rule: 'suppressions',
    pattern: /(?:oxlint|eslint)-dis[a]ble|biome-ign[o]re|@ts-ign[o]re|@ts-noch[e]ck/g,
    message: 'silences a check in the text; exemptions stand in test/house/exemptions.ts with a reason',
    applies: isCode,
  },
  {
    rule: 'suppressions',
    pattern: /@ts-expect-err[o]r/g,
    message: 'silences the type checker outside a test',
    applies: (path) => isCode(path) && !isTest(path),
  },
  {
    rule: 'paths',
    pattern: /(?<![\w.*])(?:\/work\/(?:main|shared|brief|\.)|\/root\/|\/home\/[a-z]+\/)/g,
    message: 'names a path of one machine',
    applies: anywhere,
  },
  {
    rule: 'paths',
    pattern:
      /\b(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|pypi\.org|proxy\.golang\.org|deb\.debian\.org)\b/g,
    message: 'names a package registry',
    applies: () => true,
  },
  {
    rule: 'paths',
    pattern: /"resolved": "(?:https?|git)/g,
    message: 'records where a package was fetched from; install with omit-lockfile-registry-resolved',
    applies: (path) => path === 'package-lock.json',
  },
]

/** Marks of unfinished work, suppressions, machine paths and registries. */
export function checkMarks(tree: Tree): readonly Fault[] {
  return [...tree].flatMap(([path, text]) =>
    marks
      .filter(({ rule, applies }) => applies(path) && !isExempt(rule, path))
      .flatMap(({ pattern, message }) =>
        [...text.matchAll(pattern)].map((match) => ({
          path,
          line: lineAt(text, match.index),
          message: `${message}: ${match[0]}`,
        })),
      ),
  )
}

/** Messages with an exclamation mark. */
export function checkExclamations(tree: Tree): readonly Fault[] {
  return sourcesOf(tree).flatMap(([path, text]) => {
    const faults: Fault[] = []
    walk(parse(path, text), (node) => {
      const quasi = node.type === 'TemplateElement' ? (node['value'] as { readonly cooked?: string }).cooked : undefined
      const said = quasi ?? literalText(node) ?? ''
      if (/[A-Za-z]!(?=\s|$)/.test(said))
        faults.push({ path, line: lineAt(text, node.start), message: `exclaims: ${said.trim()}` })
    })
    return faults
  })
}
