import { Document, isMap, isNode, isScalar, isSeq } from 'yaml'
import { formatDuration } from '../lib/duration.ts'
import type { Witness } from '../model/diagnostic.ts'
import type { CallerWords } from './caller-words.ts'

/** Keys whose values stand on one line, as people write them. */
const IN_LINE = new Set(['as', 'headers'])

/** A witness as an item of `cases:`, without indentation and without a line feed at the end. */
export const caseText = (witness: Witness): string => {
  const document = new Document([witness])
  const [item] = isSeq(document.contents) ? document.contents.items : []
  for (const pair of isMap(item) ? item.items : []) {
    const key = isScalar(pair.key) ? String(pair.key.value) : ''
    if (IN_LINE.has(key) && isNode(pair.value) && (isMap(pair.value) || isSeq(pair.value))) pair.value.flow = true
  }
  return document.toString({ lineWidth: 0 }).trimEnd()
}

const writeFactors = (factors: NonNullable<CallerWords['mfa']>): unknown => {
  const written = factors.map(({ level, age }) => (age === undefined ? level : { level, age: formatDuration(age) }))
  return written.length === 1 ? written[0] : written
}

const SPELLING: Readonly<Partial<Record<keyof CallerWords, (words: CallerWords) => unknown>>> = {
  mfa: ({ mfa }) => (mfa === undefined || mfa.length === 0 ? undefined : writeFactors(mfa)),
  login: ({ login }) => (login === undefined ? undefined : { age: formatDuration(login.age) }),
  actingFor: ({ actingFor }) => (actingFor === undefined ? undefined : writeCaller(actingFor)),
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** A caller as a case writes it: the inverse of reading one. What says nothing is left out; no words are the anonymous caller. */
export const writeCaller = (words: CallerWords): Readonly<Record<string, unknown>> => {
  const written = (Object.keys(words) as (keyof CallerWords)[]).map((key) => {
    const spell = SPELLING[key]
    return [key === 'actingFor' ? 'acting-for' : key, spell === undefined ? words[key] : spell(words)] as const
  })
  return Object.fromEntries(written.filter(([, value]) => !isNothing(value)))
}
