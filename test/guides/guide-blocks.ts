// Reads the fenced blocks of a guide and does with a copy of the tree what they say.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface GuideBlock {
  readonly language: string
  /** The words of the fence after the language: `file=…`; or `line=…` with `below=…`, to the end of the fence; or a bare word. */
  readonly words: string
  readonly text: string
}

/** Every fenced block of a page, in order. */
export function readBlocks(page: string): readonly GuideBlock[] {
  const fences = page.matchAll(/^```(\w+)(?: (.*))?\n([\s\S]*?)^```$/gm)
  return Array.from(fences, ([, language = '', words = '', text = '']) => ({ language, words, text }))
}

/** Inserts a text below the one line that holds what `below` says. Throws when no line does, or more than one. */
function insertBelow(source: string, below: string, text: string): string {
  const lines = source.split('\n')
  const at = lines.flatMap((line, index) => (line.includes(below) ? [index] : []))
  if (at.length !== 1) throw new Error(`${at.length} lines hold ${below}, where the guide inserts: ${text}`)
  return lines.toSpliced((at[0] ?? 0) + 1, 0, text.trimEnd()).join('\n')
}

/** Writes the new file or inserts the lines a block names, below `copy`; the path, or null for a block that changes nothing. */
export function applyBlock(copy: string, { words, text }: GuideBlock): string | null {
  const file = /^file=(\S+)$/.exec(words)?.[1]
  const [, line, below] = /^line=(\S+) below=(.+)$/.exec(words) ?? []
  const path = file ?? line
  if (path === undefined) return null
  if (file !== undefined && existsSync(join(copy, file))) throw new Error(`${file} is there already`)
  const made = below === undefined ? text : insertBelow(readFileSync(join(copy, path), 'utf8'), below, text)
  writeFileSync(join(copy, path), made)
  return path
}
