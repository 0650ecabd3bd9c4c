import type { Decision } from '../model/decision.ts'
import type { PolicyMatrix } from './cases.ts'

/** What a cell says: `allow`, or another outcome with its first reason. */
export const matrixCell = ({ outcome, reasons }: Decision): string =>
  outcome === 'allow' || reasons[0] === undefined ? outcome : `${outcome} ${reasons[0].code}`

export type Cell = (request: string, caller: string) => string

/** The golden table: a line for each request, a column for each caller, `|` between them. No text after the last column. */
export const renderMatrix = (matrix: PolicyMatrix, cell: Cell): string => {
  const head = ['request', ...matrix.callers.map((caller) => caller.name)]
  const rows = [
    head,
    ...matrix.requests.map((request) => [request, ...matrix.callers.map((caller) => cell(request, caller.name))]),
  ]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] as number))
      .join(' | ')
      .trimEnd()
  return rows.map(line).join('\n')
}

const normal = (table: string): string =>
  table
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')

/** Spaces at the ends of lines do not count. */
export const sameTable = (a: string, b: string): boolean => normal(a) === normal(b)

/** The text of a policy document with the table of one of its matrices replaced; null when the matrix has no `expect` yet. */
export const replaceTable = (text: string, matrix: PolicyMatrix, table: string): string | null => {
  if (matrix.span === null) return null
  const { start, end } = matrix.span
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const indent = /^[ -]*/.exec(text.slice(lineStart, start))?.[0].length ?? 0
  const block = normal(table)
    .split('\n')
    .map((line) => `${' '.repeat(indent + 2)}${line}`)
  return `${text.slice(0, start)}|\n${block.join('\n')}${text.slice(end)}`
}
