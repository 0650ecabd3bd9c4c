import { FAULTS } from './fault.ts'
import { formatDouble } from './library-conversions.ts'
import { formatDuration, formatTimestamp } from './time.ts'
import { isList, type Tagged, UNKNOWN, type Value } from './value.ts'

/** Longest text, and most items of a list or map, that are shown. */
const LONGEST = 60
const MOST_ITEMS = 8

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

const itemsOf = (items: readonly string[]): string =>
  [...items.slice(0, MOST_ITEMS), ...(items.length > MOST_ITEMS ? ['…'] : [])].join(', ')

type Formats = { readonly [K in Tagged['kind']]: (value: Extract<Tagged, { readonly kind: K }>) => string }

const FORMATS: Formats = {
  uint: ({ value }) => `${value}u`,
  double: ({ value }) => (Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : formatDouble(value)),
  bytes: ({ octets }) => `${octets.length} bytes`,
  duration: (value) => formatDuration(value),
  timestamp: (value) => formatTimestamp(value),
  type: ({ name }) => name,
  optional: ({ value }) => (value === undefined ? 'none' : `optional of ${formatValue(value)}`),
  map: ({ entries }) =>
    `{${itemsOf([...entries.values()].map(({ key, value }) => `${formatValue(key)}: ${formatValue(value)}`))}}`,
  open: ({ items }) => `[${itemsOf([...items.map(formatValue), 'perhaps more'])}]`,
  ip: ({ address }) => address.text,
  cidr: ({ address, network }) => `${address.text}/${network.prefix}`,
  fault: ({ code }) => FAULTS[code],
}

/** A value in few words, for people: absent, unknown and failed are told apart. */
export const formatValue = (value: Value): string => {
  if (value === null) return 'absent'
  if (value === UNKNOWN) return 'unknown'
  if (typeof value === 'string') return JSON.stringify(shortened(value))
  if (isList(value)) return `[${itemsOf(value.map(formatValue))}]`
  if (typeof value !== 'object') return String(value)
  return (FORMATS[value.kind] as (value: Tagged) => string)(value)
}
