import { CodedError } from './coded-error.ts'

const DEEPEST = 256

const fail = (code: string, message: string): never => {
  throw new CodedError(`canonical.${code}`, message)
}

const encodeString = (text: string): string =>
  text.isWellFormed() ? JSON.stringify(text) : fail('surrogate', 'a string holds half of a surrogate pair')

const encodeNumber = (value: number): string =>
  Number.isFinite(value) ? String(value === 0 ? 0 : value) : fail('number', 'a number is not finite')

const encodeArray = (items: readonly unknown[], above: object[]): string => {
  let text = '['
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + encode(items[i], above)
  return `${text}]`
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const encodeObject = (value: object, above: object[]): string => {
  if (!isPlain(value)) fail('type', 'an object is neither plain nor an array')
  if (Object.getOwnPropertySymbols(value).length > 0) fail('type', 'an object has a symbol as key')
  const members = value as Readonly<Record<string, unknown>>
  // RFC 8785 section 3.2.3 sorts by UTF-16 code units, which is what sort() does without a comparator.
  const keys = Object.keys(members).sort()
  let text = '{'
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    text += `${i === 0 ? '' : ','}${encodeString(key)}:${encode(members[key], above)}`
  }
  return `${text}}`
}

const encodeNested = (value: object, above: object[]): string => {
  if (above.includes(value)) fail('cycle', 'a value contains itself')
  if (above.length >= DEEPEST) fail('depth', `values are nested more than ${DEEPEST} deep`)
  above.push(value)
  const text = Array.isArray(value) ? encodeArray(value, above) : encodeObject(value, above)
  above.pop()
  return text
}

const encode = (value: unknown, above: object[]): string => {
  if (typeof value === 'string') return encodeString(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === null) return 'null'
  return typeof value === 'object' ? encodeNested(value, above) : fail('type', `a value is of type ${typeof value}`)
}

/**
 * The canonical JSON text of plain data (RFC 8785): equal data has one text, different data different texts. Throws
 * CodedError `canonical.type` (undefined, functions, symbols, bigints, Maps, Dates, instances), `canonical.number`
 * (not finite), `canonical.surrogate`, `canonical.cycle`, `canonical.depth` (beyond 256). Ignores toJSON; reads -0 as 0.
 */
export const canonicalJson = (value: unknown): string => encode(value, [])
