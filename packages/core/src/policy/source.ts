/** One document as given; `lines` holds the offset at which each line begins. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: readonly number[]
}

/** A document of the policy folder: `path` is relative to it, with forward slashes. */
export interface PolicyFile {
  readonly path: string
  readonly text: string
}

/** A stretch of a document, in UTF-16 code units, end-exclusive. */
export interface Span {
  readonly file: SourceFile
  readonly start: number
  readonly end: number
}

export const openSource = (file: PolicyFile): SourceFile => {
  const lines = [0]
  for (let at = file.text.indexOf('\n'); at >= 0; at = file.text.indexOf('\n', at + 1)) lines.push(at + 1)
  return { path: file.path, text: file.text, lines }
}

/** Index of the line that holds an offset. */
const lineAt = (file: SourceFile, offset: number): number => {
  let low = 0
  let high = file.lines.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((file.lines[middle] as number) <= offset) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** Line and column of an offset, both 1-based. */
export const placeOf = (file: SourceFile, offset: number): { readonly line: number; readonly column: number } => {
  const line = lineAt(file, Math.max(0, Math.min(offset, file.text.length)))
  return { line: line + 1, column: offset - (file.lines[line] as number) + 1 }
}

/** The text of a line, counted from 1, without its end. */
export const lineText = (file: SourceFile, line: number): string =>
  file.text.slice(file.lines[line - 1] ?? file.text.length, file.lines[line] ?? file.text.length).replace(/\r?\n$/, '')

export const spanOf = (file: SourceFile, start: number, end: number): Span => ({ file, start, end: Math.max(start, end) })

/** The whole document; used where nothing narrower exists. */
export const wholeFile = (file: SourceFile): Span => spanOf(file, 0, file.text.length)

export const positionOf = (span: Span): { readonly file: string; readonly line: number; readonly column: number } => ({
  file: span.file.path,
  ...placeOf(span.file, span.start),
})
