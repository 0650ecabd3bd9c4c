import { CONVERSIONS } from './library-conversions.ts'
import { MATH } from './library-math.ts'
import { NETWORK } from './library-network.ts'
import { OPTIONALS } from './library-optionals.ts'
import { STANDARD } from './library-standard.ts'
import { STRINGS } from './library-strings.ts'
import { timeLibrary, type ZoneOffset } from './library-time.ts'
import type { Library, Overload } from './signature.ts'

/** Overloads of one name from several libraries stand side by side. */
const merge = (libraries: readonly Library[]): Library => {
  const merged = new Map<string, readonly Overload[]>()
  for (const library of libraries) {
    for (const [name, overloads] of Object.entries(library)) merged.set(name, [...(merged.get(name) ?? []), ...overloads])
  }
  return Object.fromEntries(merged)
}

const TIMELESS = merge([STANDARD, CONVERSIONS, STRINGS, MATH, OPTIONALS, NETWORK])

/** Every function and operator of the language. */
export const createLibrary = (zones: ZoneOffset): Library => {
  const time = timeLibrary(zones)
  const shared = Object.fromEntries(Object.keys(time).map((name) => [name, TIMELESS[name] ?? []]))
  return { ...TIMELESS, ...merge([shared, time]) }
}
