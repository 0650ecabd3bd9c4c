// How every verb speaks at a terminal: exit codes, lines, JSON, emphasis, documents read for people. Decides nothing.
import { styleText } from 'node:util'
import type { DiagnosticStyle } from '@balustrade/core/policy'

/** Writes a line to standard output. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Writes a line of progress or trouble to standard error. */
export const tell = (text: string): void => void process.stderr.write(`${text}\n`)

/** Writes one JSON document to standard output. */
export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2))

/** styleText leaves colours out where standard output is no terminal, or NO_COLOR is set. */
const paint = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text, { stream: process.stdout })

/** Emphasis on a terminal; plain elsewhere. */
export const STYLE: DiagnosticStyle = {
  error: paint('red'),
  warning: paint('yellow'),
  strong: paint('bold'),
  faint: paint('dim'),
}

/** C0, DEL and C1 but the line feed; marks that turn the direction of text. */
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Text of others, safe to print: what a terminal would obey is written as an escape. */
export const plain = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
