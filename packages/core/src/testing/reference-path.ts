import type { PathFact } from '../model/access-request.ts'
import type { RoutingImage } from '../model/policy-image.ts'

/** Between segments, since a segment may hold a slash that was sent encoded. */
const MARK = '\u0001'

const textOf = ({ segments, trailingSlash }: PathFact): string =>
  segments.map((segment) => MARK + segment).join('') + (trailingSlash && segments.length > 0 ? MARK : '')

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
const eitherCase = (text: string): string =>
  escape(text).replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)

interface Leniency {
  readonly letters: boolean
  readonly slash: boolean
}

/** A pattern as a regular expression, captures as groups in order. */
const regexOf = (pattern: string, { letters, slash }: Leniency): RegExp => {
  const parts = pattern.split('/').slice(1)
  const last = parts.at(-1)
  const body = last === '**' || last === '' ? parts.slice(0, -1) : parts
  const source = body.map((part) => {
    if (part === '*') return `${MARK}[^${MARK}]+`
    if (part.startsWith('$')) return `${MARK}([^${MARK}]+)`
    return MARK + (letters ? eitherCase(part) : escape(part))
  })
  const tail = last === '**' ? `(?:${MARK}[^${MARK}]+)*${MARK}?` : slash ? `${MARK}?` : last === '' && body.length > 0 ? MARK : ''
  return new RegExp(`^${source.join('')}${tail}$`)
}

interface Difference {
  readonly letters: boolean
  readonly slash: boolean
}

const isOther = ({ letters, slash }: Difference, routing: RoutingImage): boolean =>
  (letters && routing.caseStated && routing.caseSensitive) || (slash && routing.trailingSlash === 'distinct')

const isUnsure = ({ letters, slash }: Difference, routing: RoutingImage): boolean =>
  (letters && !routing.caseStated) || (slash && routing.trailingSlash === 'unknown')

/** Whether a path is what a pattern names; `unsure`: it differs in a way that nobody says whether upstream tells apart. */
export const judgePath = (pattern: string, path: PathFact, routing: RoutingImage | undefined): 'same' | 'other' | 'unsure' => {
  const text = textOf(path)
  const fits = (leniency: Leniency) => regexOf(pattern, leniency).test(text)
  if (fits({ letters: false, slash: false })) return 'same'
  if (!fits({ letters: true, slash: true })) return 'other'
  if (routing === undefined) return 'unsure'
  const difference = { letters: !fits({ letters: false, slash: true }), slash: !fits({ letters: true, slash: false }) }
  if (isOther(difference, routing)) return 'other'
  return isUnsure(difference, routing) ? 'unsure' : 'same'
}

/** Value of `$name` in a path pattern; undefined where the path is not what the pattern names, even leniently. */
export const captureFromPath = (pattern: string, name: string, path: PathFact): string | undefined => {
  const names = pattern.split('/').filter((part) => part.startsWith('$'))
  return regexOf(pattern, { letters: true, slash: true }).exec(textOf(path))?.[names.indexOf(`$${name}`) + 1]
}

/** The first label when a host is what a pattern names; null when it is not. */
export const judgeHost = (pattern: string, host: string): string | null => {
  const source = pattern.replace(/^(\*|\$[a-z][a-z0-9_-]*)(?=\.)/, '\u0001')
  const found = new RegExp(`^${escape(source).replace('\u0001', '([^.]+)')}$`).exec(host)
  return found === null ? null : (found[1] ?? '')
}
