// Tests and scripts never connect to, or listen on, anything but this machine.
import { isIP } from 'node:net'
import { isExempt } from './conventions.ts'
import type { Fault } from './import-rules.ts'
import { identifierName, lineAt, literalText, type Node, parse, walk } from './parse.ts'
import { isCode, isTest, type Tree } from './tree.ts'

const calls = new Set(['listen', 'connect', 'createConnection', 'fetch', 'request', 'get', 'lookup', 'bind', 'send', 'dispatch'])
const options = new Set(['host', 'hostname', 'address', 'localAddress', 'origin'])
const addressLike = /^(?:[a-z][a-z0-9+.-]*:\/\/)?\[?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]*:[0-9a-f:.]+)\]?(?::\d+)?(?:\/|$)/i
const loopback = /^(?:127\.(?:\d{1,3}\.){2}\d{1,3}|(?:0*:)+0*1)$/

/** Something that reads as an address of another machine, or as every interface of this one. */
export function isForeignAddress(text: string): boolean {
  const address = addressLike.exec(text)?.[1]
  return address !== undefined && isIP(address) !== 0 && !loopback.test(address)
}

function calledName(node: Node): string | undefined {
  const callee = node['callee'] as Node
  return identifierName(callee) ?? identifierName(callee['property'])
}

/** The values that say where a call connects or listens: its plain arguments and the host of its options. */
function targetsOf(call: Node): readonly Node[] {
  return (call['arguments'] as readonly Node[]).flatMap((argument) => {
    if (argument.type !== 'ObjectExpression') return [argument]
    const properties = argument['properties'] as readonly Node[]
    return properties.filter(({ key }) => options.has(identifierName(key) ?? '')).map((property) => property['value'] as Node)
  })
}

/** Calls that reach beyond this machine by a literal address. */
export function checkTargetsOfTests(tree: Tree): readonly Fault[] {
  const files = [...tree].filter(
    ([path]) => isCode(path) && (isTest(path) || path.startsWith('scripts/')) && !isExempt('targets', path),
  )
  return files.flatMap(([path, text]) => {
    const faults: Fault[] = []
    walk(parse(path, text), (node) => {
      if (node.type !== 'CallExpression' || !calls.has(calledName(node) ?? '')) return
      const said = targetsOf(node)
        .map(literalText)
        .filter((literal) => literal !== undefined && isForeignAddress(literal))
      for (const literal of said)
        faults.push({ path, line: lineAt(text, node.start), message: `reaches beyond this machine: ${literal}` })
    })
    return faults
  })
}
