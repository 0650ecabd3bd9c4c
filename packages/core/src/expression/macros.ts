import type { At, Call, Expr, ExpressionFault, Loop, LoopKind } from './syntax.ts'

type Expanded = { readonly expr: Expr } | { readonly fault: ExpressionFault }

/** How the arguments of a macro are divided: names, then perhaps a filter, then the body. */
interface Shape {
  readonly kind: LoopKind
  readonly names: 1 | 2
  readonly filter: boolean
}

const shape = (kind: LoopKind, names: 1 | 2, filter = false): Shape => ({ kind, names, filter })

/** Macros over a list or map by name and number of arguments. */
const LOOPS: Readonly<Record<string, Shape>> = {
  'all/2': shape('all', 1),
  'exists/2': shape('exists', 1),
  'exists_one/2': shape('existsOne', 1),
  'existsOne/2': shape('existsOne', 1),
  'map/2': shape('list', 1),
  'map/3': shape('list', 1, true),
  'all/3': shape('all', 2),
  'exists/3': shape('exists', 2),
  'exists_one/3': shape('existsOne', 2),
  'existsOne/3': shape('existsOne', 2),
  'transformList/3': shape('list', 2),
  'transformList/4': shape('list', 2, true),
  'transformMap/3': shape('map', 2),
  'transformMap/4': shape('map', 2, true),
  'transformMapEntry/3': shape('mapEntry', 2),
  'transformMapEntry/4': shape('mapEntry', 2, true),
}

const refuse = (at: At, message: string, help: string): Expanded => ({
  fault: { code: 'if.syntax', from: at.from, to: at.to, message, help },
})

const notAName = (at: At, macro: string): Expanded =>
  refuse(at, `${macro} takes the name of a variable here`, 'Write one plain name, such as x, and use it in what follows.')

const nameOf = (expr: Expr | undefined): string | null => (expr?.op === 'ident' && !expr.rooted ? expr.name : null)

const expandLoop = (call: Call, range: Expr, { kind, names: count, filter }: Shape): Expanded => {
  const names: string[] = []
  for (const arg of call.args.slice(0, count)) {
    const name = nameOf(arg)
    if (name === null) return notAName(arg, call.name)
    names.push(name)
  }
  if (new Set(names).size < names.length) return refuse(call.nameAt, 'both variables have one name', 'Give them two names.')
  const where = filter ? (call.args[count] as Expr) : null
  const { from, to } = call
  return { expr: { op: 'loop', kind, range, names, where, body: call.args.at(-1) as Expr, from, to } }
}

/** The items that meet the test, as they are. */
const expandFilter = (call: Call, range: Expr): Expanded => {
  const [variable, where] = call.args as readonly [Expr, Expr]
  const name = nameOf(variable)
  if (name === null) return notAName(variable, 'filter')
  const body: Expr = { op: 'ident', name, rooted: false, from: variable.from, to: variable.to }
  const loop: Loop = { op: 'loop', kind: 'list', range, names: [name], where, body, from: call.from, to: call.to }
  return { expr: loop }
}

const expandHas = (call: Call): Expanded => {
  const [arg] = call.args as readonly [Expr]
  if (arg.op === 'select') return { expr: { ...arg, test: true, from: call.from, to: call.to } }
  if (arg.op === 'index' && arg.index.op === 'literal' && typeof arg.index.value === 'string') {
    const { of, optional, index } = arg
    const place = { fieldAt: { from: index.from, to: index.to }, from: call.from, to: call.to }
    return { expr: { op: 'select', of, field: index.value as string, optional, test: true, ...place } }
  }
  return refuse(arg, 'has() takes a field', 'Write has(principal.claims.tenant), or has(x["name"]).')
}

const expandBind = (call: Call, optional: 'no' | 'map' | 'flat'): Expanded => {
  const args = optional === 'no' ? call.args : [call.args[0], call.target, call.args[1]]
  const [variable, value, body] = args as readonly [Expr, Expr, Expr]
  const name = nameOf(variable)
  if (name === null) return notAName(variable, call.name)
  return { expr: { op: 'bind', optional, name, value, body, from: call.from, to: call.to } }
}

const expandMember = (call: Call, target: Expr): Expanded => {
  const key = `${call.name}/${call.args.length}`
  if (Object.hasOwn(LOOPS, key)) return expandLoop(call, target, LOOPS[key] as Shape)
  if (key === 'filter/2') return expandFilter(call, target)
  if (key === 'bind/3' && nameOf(target) === 'cel') return expandBind(call, 'no')
  if (key === 'optMap/2') return expandBind(call, 'map')
  return key === 'optFlatMap/2' ? expandBind(call, 'flat') : { expr: call }
}

/** A call as it is, or what stands for it where it is a macro: then an argument is a name or a field and is not evaluated. */
export const expandCall = (call: Call): Expanded => {
  if (call.target !== null) return expandMember(call, call.target)
  return call.name === 'has' && call.args.length === 1 ? expandHas(call) : { expr: call }
}
