/** An opening mark and where it stands. */
export interface Opening {
  readonly mark: string
  readonly at: number
}

const CLOSES: Readonly<Record<string, string>> = { '}': '{', ']': '[' }

/** The end of a quoted text that begins at `at`; the end of the text when it is not closed. */
const skipQuoted = (text: string, at: number, end: number): number => {
  const quote = text[at]
  for (let i = at + 1; i < end; i++) {
    if (quote === '"' && text[i] === '\\') i++
    else if (text[i] === quote) return i
  }
  return end
}

const startsToken = (text: string, at: number): boolean => /(^|[\s{[,:-])$/.test(text.slice(Math.max(0, at - 1), at))

/** The end of the comment that begins at `at`; `at` when none does. */
const skipComment = (text: string, at: number): number => {
  if (text[at] !== '#' || !/(^|\s)$/.test(text.slice(Math.max(0, at - 1), at))) return at
  const line = text.indexOf('\n', at)
  return line < 0 ? text.length : line
}

const turn = (open: Opening[], text: string, at: number): void => {
  const mark = text[at] as string
  const last = open.at(-1)
  if (last !== undefined && last.mark === CLOSES[mark]) open.pop()
  else if ((mark === '{' || mark === '[') && (open.length > 0 || startsToken(text, at))) open.push({ mark, at })
}

/**
 * The innermost bracket or quote that is still open where a parser of YAML stopped; null when none is. A guess for a message: block
 * scalars are not told apart.
 */
export const openAt = (text: string, end: number): Opening | null => {
  const open: Opening[] = []
  for (let i = 0; i < end; i++) {
    i = skipComment(text, i)
    const mark = text[i] as string
    if ((mark === '"' || mark === "'") && startsToken(text, i)) {
      const after = skipQuoted(text, i, end)
      if (after === end) return { mark, at: i }
      i = after
    } else turn(open, text, i)
  }
  return open.at(-1) ?? null
}
