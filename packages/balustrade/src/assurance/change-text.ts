import { caseText, type DiagnosticStyle } from '@balustrade/core/policy'
import type { Change, Comparison, Weight } from './comparison.ts'

const placeOf = ({ at, in: where }: Change): string =>
  at === null ? '' : `${at.file}:${at.line}:${at.column}${where === 'base' ? ' of the base' : ''} `

const mark = (weight: Weight, style: DiagnosticStyle): ((text: string) => string) => {
  if (weight === 'weakening') return style.error
  return weight === 'strengthening' ? style.strong : style.faint
}

/** One change: place, weight and code, what it comes to, and the case that shows it. */
const changeText = (change: Change, style: DiagnosticStyle): string => {
  const { weight, code, message, witness, before } = change
  const head = `${placeOf(change)}${mark(weight, style)(`${weight}[${code}]`)}: ${style.strong(message)}`
  if (witness === null) return head
  const lines = caseText(witness)
    .split('\n')
    .map((line) => `    ${line}`)
  return [head, `  ${before} before, ${witness.expect} now; shown by the case:`, ...lines].join('\n')
}

const count = ({ changes }: Comparison, weight: Weight): number => changes.filter((each) => each.weight === weight).length

const plural = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

export const weakeningsOf = (comparison: Comparison): number => count(comparison, 'weakening')

const verdictText = (comparison: Comparison, ticket: string | undefined): readonly string[] => {
  if (weakeningsOf(comparison) === 0) return []
  return [
    ticket === undefined
      ? 'Weakening is refused. Where it is meant: --allow-weakening <ticket>'
      : `Weakening is allowed by ${ticket}.`,
  ]
}

/** A comparison for people: what is weaker first, a line that counts, and what was made of it. */
export const comparisonText = (comparison: Comparison, style: DiagnosticStyle, ticket: string | undefined): string => {
  const weakenings = plural(weakeningsOf(comparison), 'weakening')
  const strengthenings = plural(count(comparison, 'strengthening'), 'strengthening')
  const others = plural(count(comparison, 'information') + count(comparison, 'unjudged'), 'other change')
  return [
    ...comparison.changes.map((change) => `${changeText(change, style)}\n`),
    [weakenings, strengthenings, others].join(', '),
    ...verdictText(comparison, ticket),
  ].join('\n')
}
