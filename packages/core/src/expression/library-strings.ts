import { parseRegex } from '../lib/regex.ts'
import { FAULT } from './fault.ts'
import type { Int } from './integer.ts'
import { lengthOf } from './library-standard.ts'
import { MOST_LENGTH } from './program.ts'
import { type Library, overload } from './signature.ts'
import type { Value } from './value.ts'

/** Places are counted in code points; a text without pairs has as many as code units. */
const pointsOf = (text: string): readonly string[] => Array.from(text)

const indexOfPoint = (text: string, unit: number): number => (unit < 0 ? -1 : lengthOf(text.slice(0, unit)))

const PAIR = /[\ud800-\udbff]/

const unitOfPoint = (text: string, point: number): number =>
  PAIR.test(text) ? pointsOf(text).slice(0, point).join('').length : point

const inside = (at: Int, length: number): at is number => at >= 0 && at <= length

const indexOf = (text: string, part: string, from: Int = 0): Value => {
  if (!inside(from, lengthOf(text))) return FAULT.index
  return indexOfPoint(text, text.indexOf(part, unitOfPoint(text, from)))
}

const lastIndexOf = (text: string, part: string, from?: Int): Value => {
  const length = lengthOf(text)
  if (from !== undefined && !inside(from, length)) return FAULT.index
  const unit = from === undefined ? text.length : unitOfPoint(text, from)
  return indexOfPoint(text, text.lastIndexOf(part, unit))
}

const charAt = (text: string, at: Int): Value => {
  const points = pointsOf(text)
  return inside(at, points.length) ? (points[at] ?? '') : FAULT.index
}

const substring = (text: string, from: Int, to?: Int): Value => {
  const points = pointsOf(text)
  const end = to ?? points.length
  return inside(from, points.length) && inside(end, points.length) && from <= end ? points.slice(from, end).join('') : FAULT.index
}

const countOf = (text: string, part: string, most: number): number => {
  if (part === '') return Math.min(lengthOf(text) + 1, most)
  let count = 0
  for (let at = text.indexOf(part); at >= 0 && count < most; at = text.indexOf(part, at + part.length)) count++
  return count
}

/** The first so many places; an empty part stands before every code point and at the end. */
const replacePart = (text: string, parts: { readonly part: string; readonly by: string }, most: number): string => {
  const { part, by } = parts
  const pieces = part === '' ? ['', ...pointsOf(text)] : text.split(part)
  let result = pieces[0] as string
  let left = most
  for (const piece of pieces.slice(1)) result += left-- > 0 ? `${by}${piece}` : `${part}${piece}`
  return part === '' && left > 0 ? result + by : result
}

const replace = (text: string, part: string, rest: { readonly by: string; readonly most?: Int }): Value => {
  const most = rest.most === undefined || rest.most < 0 ? Number.MAX_SAFE_INTEGER : Number(rest.most)
  const count = countOf(text, part, most)
  // Seen before it is made: what would be made may be larger than any memory.
  if (text.length + count * rest.by.length > MOST_LENGTH) return FAULT.budget
  return replacePart(text, { part, by: rest.by }, most)
}

const split = (text: string, by: string, most?: Int): Value => {
  if (most === 0) return []
  const pieces = by === '' ? pointsOf(text) : text.split(by)
  if (most === undefined || most < 0 || pieces.length <= most) return pieces
  const last = Number(most) - 1
  return [...pieces.slice(0, last), pieces.slice(last).join(by)]
}

const join = (parts: readonly Value[], by: string): Value => {
  if (!Array.isArray(parts)) return FAULT.argument
  if (!parts.every((part) => typeof part === 'string')) return FAULT.no_overload
  const length = parts.reduce((sum: number, part) => sum + (part as string).length + by.length, 0)
  return length > MOST_LENGTH ? FAULT.budget : parts.join(by)
}

/** Unicode's White_Space: what `\s` matches but the byte order mark, and the next line. */
const SPACE = '[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const BEFORE = new RegExp(`^${SPACE}+`)

const trim = (text: string): string => {
  let end = text.length
  while (end > 0 && BEFORE.test(text[end - 1] as string)) end--
  return text.slice(0, end).replace(BEFORE, '')
}

/** A pattern that comes from data is compiled for each call. */
const matches = (text: string, pattern: string): Value => {
  const parsed = parseRegex(pattern)
  if (!parsed.ok) return FAULT.pattern
  return parsed.regex.size * text.length > MOST_LENGTH * 8 ? FAULT.budget : parsed.regex.matches(text)
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
const upper = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())

/** Texts: the functions of the language's extension but those that format texts for people. */
export const STRINGS: Library = {
  matches: [overload('(string, string) -> bool', matches), overload('string.(string) -> bool', matches)],
  charAt: [overload('string.(int) -> string', charAt)],
  indexOf: [
    overload('string.(string) -> int', (text: string, part: string) => indexOf(text, part)),
    overload('string.(string, int) -> int', indexOf),
  ],
  lastIndexOf: [
    overload('string.(string) -> int', (text: string, part: string) => lastIndexOf(text, part)),
    overload('string.(string, int) -> int', lastIndexOf),
  ],
  lowerAscii: [overload('string.() -> string', lower)],
  upperAscii: [overload('string.() -> string', upper)],
  replace: [
    overload('string.(string, string) -> string', (text: string, part: string, by: string) => replace(text, part, { by })),
    overload('string.(string, string, int) -> string', (...[text, part, by, most]: readonly [string, string, string, Int]) =>
      replace(text, part, { by, most }),
    ),
  ],
  split: [
    overload('string.(string) -> list<string>', (text: string, by: string) => split(text, by)),
    overload('string.(string, int) -> list<string>', split),
  ],
  substring: [
    overload('string.(int) -> string', (text: string, from: Int) => substring(text, from)),
    overload('string.(int, int) -> string', substring),
  ],
  trim: [overload('string.() -> string', trim)],
  join: [
    overload('list<string>.() -> string', (parts: readonly Value[]) => join(parts, '')),
    overload('list<string>.(string) -> string', join),
  ],
  reverse: [overload('string.() -> string', (text: string) => pointsOf(text).toReversed().join(''))],
}
