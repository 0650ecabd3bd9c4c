/** A type of the language. `wrapper`: the type or null. `param`: stands for any type, the same wherever the name stands. */
export type Type =
  | { readonly is: Simple }
  | { readonly is: 'list' | 'wrapper' | 'type'; readonly of: Type }
  | { readonly is: 'map'; readonly key: Type; readonly value: Type }
  | { readonly is: 'opaque'; readonly name: string; readonly params: readonly Type[] }
  | { readonly is: 'param'; readonly name: string }

const SIMPLE = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'null', 'timestamp', 'duration', 'dyn', 'error'] as const
export type Simple = (typeof SIMPLE)[number]

const simple = <S extends Simple>(is: S): { readonly is: S } => ({ is })

export const BOOL = simple('bool')
export const INT = simple('int')
export const UINT = simple('uint')
export const DOUBLE = simple('double')
export const STRING = simple('string')
export const BYTES = simple('bytes')
export const NULL = simple('null')
export const TIMESTAMP = simple('timestamp')
export const DURATION = simple('duration')
export const DYN = simple('dyn')
/** Of what was refused already: agrees with everything, so that one mistake is reported once. */
export const ERROR = simple('error')
export const listOf = (of: Type): Type => ({ is: 'list', of })
export const mapOf = (key: Type, value: Type): Type => ({ is: 'map', key, value })
export const typeOf = (of: Type): Type => ({ is: 'type', of })
export const wrapperOf = (of: Type): Type => ({ is: 'wrapper', of })
export const optionalOf = (of: Type): Type => ({ is: 'opaque', name: 'optional_type', params: [of] })
export const IP: Type = { is: 'opaque', name: 'net.IP', params: [] }
export const CIDR: Type = { is: 'opaque', name: 'net.CIDR', params: [] }

/** Names under which types stand as values: `type(x) == int`. */
export const TYPE_NAMES: Readonly<Record<string, Type>> = {
  ...Object.fromEntries(SIMPLE.slice(0, 6).map((is) => [is, simple(is)])),
  null_type: NULL,
  list: listOf(DYN),
  map: mapOf(DYN, DYN),
  type: typeOf(DYN),
  optional_type: optionalOf(DYN),
  'google.protobuf.Timestamp': TIMESTAMP,
  'google.protobuf.Duration': DURATION,
  'net.IP': IP,
  'net.CIDR': CIDR,
}

/** A type in the words of the language, for messages. */
export const formatType = (type: Type): string => {
  switch (type.is) {
    case 'list':
      return `list(${formatType(type.of)})`
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`
    case 'wrapper':
      return `${formatType(type.of)} or null`
    case 'type':
      return 'type'
    case 'opaque':
      return formatOpaque(type.name, type.params)
    case 'param':
    case 'dyn':
      return 'anything'
    default:
      return type.is
  }
}

const formatOpaque = (name: string, params: readonly Type[]): string => {
  if (name === 'optional_type') return `optional(${params.map(formatType).join(', ')})`
  return params.length === 0 ? name : `${name}(${params.map(formatType).join(', ')})`
}

/** The parts of a type, and the same type of other parts. */
export const partsOf = (type: Type): readonly Type[] => {
  if (type.is === 'map') return [type.key, type.value]
  if (type.is === 'opaque') return type.params
  return 'of' in type ? [type.of] : []
}

const withParts = (type: Type, parts: readonly Type[]): Type => {
  const [first, second] = parts
  if (first === undefined) return type
  if (type.is === 'map') return { is: 'map', key: first, value: second as Type }
  if (type.is === 'opaque') return { ...type, params: parts }
  return 'of' in type ? { is: type.is, of: first } : type
}

export const mapParts = (type: Type, change: (part: Type) => Type): Type => withParts(type, partsOf(type).map(change))
