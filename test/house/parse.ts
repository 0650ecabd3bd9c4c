// Parses a source file once and answers what the house tests ask: imports of every kind, and a walk over all nodes.
import { parseSync } from 'oxc-parser'

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** runtime: the module is loaded when this file is. lazy: loaded by `import()`. type: gone after compilation. */
export type ImportKind = 'runtime' | 'lazy' | 'type'

export interface Import {
  readonly specifier: string
  readonly kind: ImportKind
  readonly line: number
}

/** Line number, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

type Visit = (node: Node, parent: Node | undefined, key: string) => void

function visitChildren(node: Node, visit: Visit): void {
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (!isNode(child)) continue
      visit(child, node, key)
      visitChildren(child, visit)
    }
  }
}

const parsed = new Map<string, Node>()

/** Parses; throws with path and message when the text is not valid TypeScript. */
export function parse(path: string, text: string): Node {
  const key = `${path}\0${text}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  const { errors, program } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`)
  const node = program as unknown as Node
  parsed.set(key, node)
  return node
}

/** Calls `visit` for every node of the file, parents first. */
export function walk(program: Node, visit: Visit): void {
  visitChildren(program, visit)
}

/** The text of a string literal or of a template without holes. */
export function literalText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value']
  if (node.type !== 'TemplateLiteral') return undefined
  const quasis = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[]
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined
}

/** The name of a plain identifier node. */
export const identifierName = (node: unknown) => (isNode(node) && node.type === 'Identifier' ? String(node['name']) : undefined)

function requireTarget(node: Node): unknown {
  const callee = identifierName(node['callee'])
  return callee === 'require' ? (node['arguments'] as readonly unknown[])[0] : undefined
}

const readers: Readonly<Record<string, (node: Node) => { readonly source: unknown; readonly kind: ImportKind } | undefined>> = {
  ImportDeclaration: (node) => ({ source: node['source'], kind: node['importKind'] === 'type' ? 'type' : 'runtime' }),
  ExportAllDeclaration: (node) => ({ source: node['source'], kind: node['exportKind'] === 'type' ? 'type' : 'runtime' }),
  ExportNamedDeclaration: (node) =>
    isNode(node['source']) ? { source: node['source'], kind: node['exportKind'] === 'type' ? 'type' : 'runtime' } : undefined,
  ImportExpression: (node) => ({ source: node['source'], kind: 'lazy' }),
  TSImportType: (node) => ({ source: node['source'] ?? node['argument'], kind: 'type' }),
  CallExpression: (node) => {
    const source = requireTarget(node)
    return source === undefined ? undefined : { source, kind: 'lazy' }
  },
}

/** What a specifier that is computed at run time is called: no table can admit it. */
export const computed = '(computed)'

/** Every import of a file: static, type-only, dynamic, `import('…')` types, re-exports, require. */
export function importsOf(path: string, text: string): readonly Import[] {
  const found: Import[] = []
  walk(parse(path, text), (node) => {
    const read = readers[node.type]?.(node)
    if (read !== undefined)
      found.push({ specifier: literalText(read.source) ?? computed, kind: read.kind, line: lineAt(text, node.start) })
  })
  return found
}
