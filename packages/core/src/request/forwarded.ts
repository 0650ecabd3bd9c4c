/** One hop as a proxy describes it (RFC 7239 section 4). Values are unquoted; a parameter that is not there is null. */
export interface ForwardedElement {
  readonly for: string | null
  readonly by: string | null
  readonly host: string | null
  readonly proto: string | null
}

/** RFC 7239 section 6: an address with an optional port, `unknown`, or an obfuscated identifier. */
const NODE = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\]|unknown|_[\w.-]+)(?::(?:\d{1,5}|_[\w.-]+))?$/i
const HOST = /^[\w.:[\]~!$&'()*+,;=%-]+$/
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/
const QUOTED = /"(?:[\t \u0021\u0023-\u005b\u005d-\u007e\u0080-\u00ff]|\\[\t \u0021-\u007e\u0080-\u00ff])*"/y
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const SPACE = /[\t ]*/y

type Parameters = Map<string, string>

/** A position in one field value, moved on by what it reads. */
interface Reader {
  readonly text: string
  at: number
}

const take = (reader: Reader, pattern: RegExp): string | null => {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)?.[0]
  if (found === undefined) return null
  reader.at += found.length
  return found
}

const takeMark = (reader: Reader, mark: string): boolean => {
  if (reader.text[reader.at] !== mark) return false
  reader.at++
  return true
}

const takeValue = (reader: Reader): string | null => {
  const quoted = take(reader, QUOTED)
  return quoted === null ? take(reader, TOKEN) : quoted.slice(1, -1).replace(/\\(.)/g, '$1')
}

const isValid = (name: string, value: string): boolean => {
  if (name === 'for' || name === 'by') return NODE.test(value)
  if (name === 'host') return HOST.test(value)
  return name !== 'proto' || SCHEME.test(value)
}

/** `name=value`, without space round `=`; false when malformed, or there already (section 4: each at most once). */
const takePair = (reader: Reader, parameters: Parameters): boolean => {
  const name = take(reader, TOKEN)?.toLowerCase()
  if (name === undefined || !takeMark(reader, '=')) return false
  const value = takeValue(reader)
  if (value === null || parameters.has(name) || !isValid(name, value)) return false
  parameters.set(name, value)
  return true
}

/** One element: pairs parted by `;`, an empty pair allowed as in the grammar. Null when malformed. */
const takeElement = (reader: Reader): Parameters | null => {
  const parameters: Parameters = new Map()
  do {
    take(reader, SPACE)
    const c = reader.text[reader.at]
    if (c !== ';' && c !== ',' && c !== undefined && !takePair(reader, parameters)) return null
    take(reader, SPACE)
  } while (takeMark(reader, ';'))
  return parameters
}

const elementOf = (parameters: Parameters): ForwardedElement => ({
  for: parameters.get('for') ?? null,
  by: parameters.get('by') ?? null,
  host: parameters.get('host') ?? null,
  proto: parameters.get('proto') ?? null,
})

/**
 * Reads one Forwarded field value (RFC 7239), first element farthest; null unless all of it is well formed, so that an open
 * quote of a client cannot swallow what a proxy appended. Empty elements are dropped, unknown parameters read and forgotten.
 * Spaces round `;` are tolerated, as deployed proxies write them; round `=` they are not. Never throws.
 */
export const parseForwarded = (text: string): readonly ForwardedElement[] | null => {
  const reader: Reader = { text, at: 0 }
  const elements: ForwardedElement[] = []
  do {
    const parameters = takeElement(reader)
    if (parameters === null) return null
    if (parameters.size > 0) elements.push(elementOf(parameters))
  } while (takeMark(reader, ','))
  return reader.at === text.length ? elements : null
}
