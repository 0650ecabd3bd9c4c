// House rules that the linter does not know: names of files, opening comments, catches, classes, module state, suppressions.
import { houseExemptions } from './exemptions.ts'
import { type Fault, sourcesOf } from './import-rules.ts'
import { layers } from './layers.ts'
import { identifierName, lineAt, type Node, parse, walk } from './parse.ts'
import type { Row } from './layer-row.ts'
import { isCode, type Tree } from './tree.ts'

/** Whether the table of exemptions excuses a file from a rule of this folder. */
export function isExempt(rule: string, path: string): boolean {
  return houseExemptions.some(
    (exemption) =>
      exemption.rule === rule && (exemption.files.endsWith('/') ? path.startsWith(exemption.files) : path === exemption.files),
  )
}

const kebabName = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|bench|config|d))?\.(?:tsx?|m?[jt]s|css|html)$/
const emptyWords = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'impl', 'misc', 'stuff'])

/** Files of code whose name is not kebab-case, and names that say nothing about content. */
export function checkNames(tree: Tree): readonly Fault[] {
  return [...tree.keys()].filter(isCode).flatMap((path) => {
    const parts = path.split('/')
    const empty = parts.flatMap((part) => part.split(/[.-]/)).filter((word) => emptyWords.has(word))
    const faults = empty.map((word) => ({ path, line: 1, message: `is named ${word}; name it for what it holds` }))
    return kebabName.test(parts.at(-1) ?? '') ? faults : [...faults, { path, line: 1, message: 'is not named in kebab-case' }]
  })
}

/** The files of a folder that may say what the folder is: the one its row names, or index.ts, or <folder>.ts, otherwise any. */
export function openingsOf(row: Row, tree: Tree): readonly string[] {
  const folder = `packages/${row.package}/src/${row.folder}/`
  const inside = sourcesOf(tree)
    .map(([path]) => path)
    .filter((path) => path.startsWith(folder))
  if (inside.length === 0) return []
  if (row.opening !== undefined) return [`${folder}${row.opening}`]
  const named = [`${folder}index.ts`, `${folder}${row.folder}.ts`].find((path) => inside.includes(path))
  return named === undefined ? inside.sort() : [named]
}

/** Folders of which no file that may open them begins with a comment. */
export function checkOpenings(tree: Tree): readonly Fault[] {
  return layers.flatMap((row) => {
    const openings = openingsOf(row, tree)
    const [path] = openings
    if (path === undefined || openings.some((opening) => /^(?:\/\/|\/\*)\s*\S/.test(tree.get(opening) ?? ''))) return []
    return [
      { path, line: 1, message: `must begin with a comment: what ${row.folder}/ is, its NIST term if any, what it never does` },
    ]
  })
}

type Check = (node: Node, parent: Node | undefined) => string | undefined

function catchOf(node: Node): string | undefined {
  if (node.type === 'CatchClause') return 'catches; use lib/attempt, or let it reach the outermost guard'
  if (node.type !== 'CallExpression') return undefined
  const callee = node['callee'] as Node
  const isCatch = callee.type === 'MemberExpression' && identifierName(callee['property']) === 'catch'
  return isCatch ? 'catches a promise; use lib/attempt, or let it reach the outermost guard' : undefined
}

function classOf(node: Node): string | undefined {
  if (node.type !== 'ClassDeclaration' && node.type !== 'ClassExpression') return undefined
  if (identifierName(node['superClass'])?.endsWith('Error')) return undefined
  const body = (node['body'] as Node)['body'] as readonly Node[]
  const closes = body.some((member) => identifierName(member['key']) === 'close')
  return closes ? undefined : 'declares a class that is neither an error nor a holder of something with close()'
}

const collections = new Set(['Map', 'Set', 'WeakMap', 'WeakSet'])

/** A collection that begins empty and whose type lets it be filled. */
function isFilledLater(declared: Node): boolean {
  const made = declared['init'] as Node | null
  if (made?.type !== 'NewExpression' || !collections.has(identifierName(made['callee']) ?? '')) return false
  const annotation = ((declared['id'] as Node)['typeAnnotation'] as Node | null)?.['typeAnnotation'] as Node | undefined
  const isReadonly = identifierName(annotation?.['typeName'])?.startsWith('Readonly') ?? false
  return !isReadonly && (made['arguments'] as readonly unknown[]).length === 0
}

function stateOf(node: Node, parent: Node | undefined): string | undefined {
  const atTop = parent === undefined || parent.type === 'ExportNamedDeclaration' || parent.type === 'Program'
  if (node.type !== 'VariableDeclaration' || !atTop) return undefined
  if (node['kind'] === 'let') return 'keeps state in the module (let); hand it over as a value'
  const filled = (node['declarations'] as readonly Node[]).some(isFilledLater)
  return filled ? 'keeps state in the module (an empty collection to be filled); hand it over as a value' : undefined
}

const checks: Readonly<Record<string, Check>> = { catch: catchOf, class: classOf, state: stateOf }

/** Catches outside the places that may, classes that hold nothing, and state kept in modules. */
export function checkStructure(tree: Tree): readonly Fault[] {
  return sourcesOf(tree).flatMap(([path, text]) => {
    const faults: Fault[] = []
    walk(parse(path, text), (node, parent) => {
      for (const [rule, check] of Object.entries(checks)) {
        const message = isExempt(rule, path) ? undefined : check(node, parent)
        if (message !== undefined) faults.push({ path, line: lineAt(text, node.start), message })
      }
    })
    return faults
  })
}

/** Exemptions of single files that no longer break the rule, or no longer exist once their folder does. */
export function checkStaleExemptions(tree: Tree): readonly Fault[] {
  return houseExemptions.flatMap(({ rule, files }) => {
    const check = checks[rule]
    if (check === undefined || files.endsWith('/')) return []
    const text = tree.get(files)
    const folder = `${files.split('/').slice(0, -1).join('/')}/`
    if (text === undefined && ![...tree.keys()].some((path) => path.startsWith(folder))) return []
    let needed = false
    walk(parse(files, text ?? ''), (node, parent) => {
      needed ||= check(node, parent) !== undefined
    })
    return needed ? [] : [{ path: files, line: 1, message: `no longer needs its exemption from ${rule}` }]
  })
}
