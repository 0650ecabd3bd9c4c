// Follows the runtime imports of the pure folders to the end, and reports whatever brings in the platform, a package, time or chance.
import { type Fault, resolveRelative, sourcesOf } from './import-rules.ts'
import { impureNames, pureException, pureFolders, whyPure } from './purity.ts'
import { identifierName, importsOf, lineAt, type Node, parse, walk } from './parse.ts'
import type { Tree } from './tree.ts'

/** Every file reachable from the pure folders, with the path of imports that leads there. */
export function pureClosure(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const sources = new Map(sourcesOf(tree))
  const reached = new Map<string, readonly string[]>()
  const starts = [...sources.keys()].filter((path) =>
    pureFolders.some((folder) => path.startsWith(`packages/core/src/${folder}/`)),
  )
  const queue = starts.map((path) => [path])
  for (let trail = queue.shift(); trail !== undefined; trail = queue.shift()) {
    const path = trail.at(-1) ?? ''
    const text = sources.get(path)
    if (text === undefined || reached.has(path)) continue
    reached.set(path, trail)
    for (const { specifier, kind } of importsOf(path, text)) {
      if (kind !== 'type' && specifier.startsWith('.')) queue.push([...trail, resolveRelative(path, specifier)])
    }
  }
  return reached
}

const isName = (node: Node, parent: Node | undefined, key: string) => {
  if (parent === undefined) return true
  if (parent['computed'] === true) return true
  if (parent.type === 'MemberExpression') return key !== 'property'
  return key !== 'key' && parent.type !== 'TSQualifiedName'
}

/** The impure name that a node stands for, if any. */
function impureName(node: Node, parent: Node | undefined, key: string): string | undefined {
  const name = identifierName(node)
  if (name !== undefined && Object.hasOwn(impureNames, name) && isName(node, parent, key)) return name
  if (node.type !== 'MemberExpression' || identifierName(node['object']) !== 'Math') return undefined
  const property = node['property'] as Node
  const member = identifierName(property) ?? String(property['value'])
  return Object.hasOwn(impureNames, `Math.${member}`) ? `Math.${member}` : undefined
}

function namesIn(path: string, text: string): readonly Fault[] {
  const faults: Fault[] = []
  walk(parse(path, text), (node, parent, key) => {
    const name = impureName(node, parent, key)
    if (name === undefined) return
    faults.push({ path, line: lineAt(text, node.start), message: `mentions ${name}: ${impureNames[name]}` })
  })
  return faults
}

function packagesIn(path: string, text: string): readonly Fault[] {
  return importsOf(path, text)
    .filter(({ specifier, kind }) => kind !== 'type' && !specifier.startsWith('.'))
    .filter(({ specifier }) => !(specifier === pureException.package && path === pureException.through))
    .map(({ specifier, line }) => ({ path, line, message: `imports ${specifier}: ${whyPure}` }))
}

/** Every impurity reachable from the pure folders, with the imports that lead to it. */
export function checkClosure(tree: Tree): readonly Fault[] {
  return [...pureClosure(tree)].flatMap(([path, trail]) => {
    const text = tree.get(path) ?? ''
    const via = trail.length > 1 ? ` (reached by ${trail.join(' → ')})` : ''
    return [...packagesIn(path, text), ...namesIn(path, text)].map((fault) => ({ ...fault, message: `${fault.message}${via}` }))
  })
}
