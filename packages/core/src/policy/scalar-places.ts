import { type Span, spanOf } from './source.ts'
import type { Node } from './tree.ts'

/** A text that stands in the document as it is: neither in quotes nor as a block. Variables' values may be written so. */
export const isBare = (node: Node): boolean =>
  node.kind === 'scalar' && typeof node.value === 'string' && !/^['"|>]/.test(node.file.text.slice(node.start, node.start + 1))

const isSpace = (mark: string | undefined): boolean => mark !== undefined && /\s/.test(mark)

/** Where the content of a scalar begins, and how it is written. */
const contentOf = ({ file, start }: Span): { readonly at: number; readonly style: 'single' | 'double' | 'other' } => {
  const mark = file.text[start]
  if (mark === "'" || mark === '"') return { at: start + 1, style: mark === '"' ? 'double' : 'single' }
  if (mark !== '|' && mark !== '>') return { at: start, style: 'other' }
  const line = file.text.indexOf('\n', start)
  return { at: line < 0 ? file.text.length : line + 1, style: 'other' }
}

const LONG_ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 }

/** How much of the document stands for one code unit of the text, at a place; 0: this mark is no part of the text. */
const writtenLength = (source: string, at: number, style: 'single' | 'double' | 'other'): number => {
  if (style === 'single' && source.startsWith("''", at)) return 2
  if (style !== 'double' || source[at] !== '\\') return 1
  const escape = source[at + 1] ?? ''
  return escape === '\n' || escape === '\r' ? 0 : (LONG_ESCAPES[escape] ?? 2)
}

/** Past the marks that YAML leaves out: indentation, folded line ends, a line end that is escaped. */
const skipLeftOut = (source: string, from: number, unit: string): number => {
  let at = from
  while (!isSpace(unit) && (isSpace(source[at]) || /^\\\r?\n/.test(source.slice(at, at + 3)))) at++
  return at
}

/** Where in the document each code unit of a text stands, and at last its end: YAML folds lines, takes indentation away and reads escapes. */
const placesOf = (text: string, span: Span): readonly number[] => {
  const source = span.file.text
  const { at: begins, style } = contentOf(span)
  const places: number[] = []
  let at = begins
  for (const unit of text.split('')) {
    at = skipLeftOut(source, at, unit)
    places.push(at)
    // A folded line end is one space, whatever stands there.
    if (!isSpace(unit) || isSpace(source[at]) || source[at] === '\\') at += writtenLength(source, at, style)
  }
  return [...places, at]
}

/** The place of a part of a text within the document; the whole node where it is no text. */
export const spanWithin = (node: Node, { from, to }: { readonly from: number; readonly to: number }): Span => {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node
  const places = placesOf(node.value, node)
  const end = to > from ? (places[to - 1] ?? node.end) + 1 : (places[from] ?? node.end)
  return spanOf(node.file, places[from] ?? node.end, end)
}
