import { styleText } from 'node:util'
import type { DiagnosticStyle } from '@balustrade/core/policy'

/** Writes a line to standard output. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Writes a line of progress or trouble to standard error. */
export const tell = (text: string): void => void process.stderr.write(`${text}\n`)

export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2))

const coloured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined

const paint = (format: Parameters<typeof styleText>[0]) => (text: string) => (coloured ? styleText(format, text) : text)

/** Emphasis on a terminal; plain elsewhere. */
export const STYLE: DiagnosticStyle = {
  error: paint('red'),
  warning: paint('yellow'),
  strong: paint('bold'),
  faint: paint('dim'),
}
