import type { SourcePosition } from '@balustrade/core/kit'

/** How one case or matrix came out. */
export interface TestResult {
  readonly name: string
  readonly at: SourcePosition
  /** null: passed. First line: expected and got. */
  readonly failure: string | null
}

export const positionText = ({ file, line, column }: SourcePosition): string => `${file}:${line}:${column}`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text of XML 1.0: markup escaped, characters that XML cannot hold replaced. */
const xml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '').replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd')

const caseText = ({ name, at, failure }: TestResult): string => {
  const open = `  <testcase name="${xml(name)}" classname="${xml(at.file)}" file="${xml(at.file)}" line="${at.line}"`
  if (failure === null) return `${open}/>`
  const [first = ''] = failure.split('\n')
  return `${open}>\n    <failure message="${xml(first)}">${xml(failure)}</failure>\n  </testcase>`
}

/** A JUnit report of one run. */
export const junitText = (results: readonly TestResult[]): string => {
  const failures = results.filter(({ failure }) => failure !== null).length
  const cases = results.map((result) => `${caseText(result)}\n`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="balustrade" tests="${results.length}" failures="${failures}">\n${cases}</testsuite>\n`
}
