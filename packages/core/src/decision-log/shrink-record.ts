/** Cuts records that are too long for a line. Every field keeps its name; `truncated` lists the paths of what was cut. */
type Encode = (value: unknown) => string

interface Cutting {
  readonly encode: Encode
  readonly cuts: string[]
}

interface Place {
  readonly path: string
  readonly budget: number
}

const MAX_TOTAL = 28_000
const SMALL_FIELD = 512
const MIN_ITEM = 64
const MAX_KEY = 128
const MAX_CUTS = 16
const MAX_PATH = 64
const ELLIPSIS = '\u2026'

const note = (cutting: Cutting, path: string): void => {
  if (cutting.cuts.length < MAX_CUTS) cutting.cuts.push(path.slice(0, MAX_PATH))
}

const cutString = (text: string, budget: number, encode: Encode): string => {
  let keep = Math.min(text.length, budget)
  while (keep > 0 && encode(text.slice(0, keep)).length > budget - MIN_ITEM / 4) keep = Math.floor(keep * 0.8)
  return text.slice(0, keep) + ELLIPSIS
}

const cutArray = (items: readonly unknown[], place: Place, cutting: Cutting): readonly unknown[] => {
  const kept: unknown[] = []
  let left = place.budget
  for (const [index, item] of items.entries()) {
    if (left < 2 * MIN_ITEM) break
    const smaller = shrink(item, { path: `${place.path}/${index}`, budget: Math.max(MIN_ITEM, left / 2) }, cutting)
    left -= cutting.encode(smaller).length + 1
    kept.push(smaller)
  }
  return kept
}

const cutObject = (value: object, place: Place, cutting: Cutting): object => {
  const kept: [string, unknown][] = []
  let left = place.budget
  for (const key of Object.keys(value).sort()) {
    if (left < 2 * MIN_ITEM) break
    const name = key.length > MAX_KEY ? cutString(key, MAX_KEY, cutting.encode) : key
    const member = (value as Readonly<Record<string, unknown>>)[key]
    const smaller = shrink(member, { path: `${place.path}/${name}`, budget: Math.max(MIN_ITEM, left / 2) }, cutting)
    left -= cutting.encode(name).length + cutting.encode(smaller).length + 2
    kept.push([name, smaller])
  }
  // Defines own properties, `__proto__` included.
  return Object.fromEntries(kept)
}

const shrink = (value: unknown, place: Place, cutting: Cutting): unknown => {
  if (cutting.encode(value).length <= place.budget) return value
  note(cutting, place.path)
  if (typeof value === 'string') return cutString(value, place.budget, cutting.encode)
  if (typeof value !== 'object' || value === null) return ELLIPSIS
  return Array.isArray(value) ? cutArray(value, place, cutting) : cutObject(value, place, cutting)
}

/** Fields that are small stay as they are; the others share what is left of the line equally. */
export const shrinkRecord = (record: object, encode: Encode): object => {
  const cutting: Cutting = { encode, cuts: [] }
  const sizes = Object.entries(record).map(([key, value]) => ({ key, value: value as unknown, size: encode(value).length }))
  const large = sizes.filter(({ size }) => size > SMALL_FIELD)
  const small = sizes.reduce((sum, { size, key }) => sum + key.length + 4 + (size > SMALL_FIELD ? 0 : size), 0)
  const budget = Math.max(SMALL_FIELD, Math.floor((MAX_TOTAL - small) / Math.max(1, large.length)))
  const fields = sizes.map(({ key, value }) => [key, shrink(value, { path: key, budget }, cutting)] as const)
  return { ...Object.fromEntries(fields), truncated: cutting.cuts }
}
